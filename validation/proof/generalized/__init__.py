"""Proofs of generalized linear mixed models, in ball arithmetic.

    with ctx.workprec(maximum.BITS):
        model = Generalized(family("binomial", "logit", y, trials), X, offset, terms)
        likelihood("exact").value(mode(model.at(psi)))           # at a point
        prove(model, likelihood("agq", 5), start)                # a maximum

y, trials, X and offset are exact numbers (fractions of the decimals of the data); terms have x
(n, k), codes (n,), k and levels, as `proof.exact` makes them.  Read in this order:

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
    softened     those bounds as a family; `nested`: integrals over products of integrals
    likelihoods  which of them, by name
    population   the mean of the response over the random effects
    maximum      a strict local maximum, in the interior or where a variance is zero
    doubles      the model of a program in doubles
"""
