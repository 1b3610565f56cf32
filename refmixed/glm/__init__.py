"""Generalized linear mixed models: one idea a module, equations g01 to g06 of the derivations.

families (log f and its slopes) -> rows, systems (the matrix of a mode) -> pirls (the mode) ->
laplace, quadrature, nested (three likelihoods, each with its gradient) -> search (the maximum).
"""
