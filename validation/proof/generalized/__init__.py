"""Proofs of generalized linear mixed models, in ball arithmetic.

Read in this order:

    links        log p and log(1 - p), and their slopes, in balls or in power series
    families     log f of a row, and its slopes
    model        the model at its parameters, from exact numbers
    elimination  symmetric systems, most of whose entries are zero
    mode         the mode of u: a residual bounds its distance
    lines        the mode along a line of parameters, as a power series
    laplace      Laplace's log-likelihood; `nodes`: by Gauss and Hermite's rule
    modulus      |f| off the real line; `strip`: what the trapezoidal rule leaves out
    jets         log f of a row to the second order
    integral     the log-likelihood itself, with gradient and Hessian
    likelihoods  which of them, by name
    maximum      a strict local maximum, in the interior or where a variance is zero
    doubles      the model of a program in doubles
"""
