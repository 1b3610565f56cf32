"""Proofs of the reference values, in rational and in ball arithmetic (python-flint).

Read in this order:

    exact       the arrays of a model, from the decimals of its data
    problem     their cross products, in blocks that share no random effect
    engine      the model at one covariance: one solve a block, in rationals or in balls
    slopes      derivatives along directions of the covariance
    unprofiled  the criterion in theta and log sigma, with gradient and Hessian
    krawczyk    exactly one zero in a box
    optimum     a minimum, in the interior or on a face of the cone of covariances
    roots       the positive zeros of a polynomial, isolated
    everywhere  all stationary points, where there is one variance ratio
    inference   what follows from a fit; `freedom`: degrees of freedom
    profiles    one limit by a profile; `intervals`: all limits of a model
    digits      printing, and counting what is proved

`starting` asks refmixed where to begin, `expected` lists the quantities of each level, and
`certified`, `casefile` and `writing` make cases of them.  `generalized/` has proofs of its own.
"""
