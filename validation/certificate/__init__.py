"""A certificate of a user's own fit: the proof engine, asked about any design.

Read in this order:

    decimals    the arrays of a design, exactly
    flat        which covariance parameters are identified, by the rank of a rational matrix
    minimum     a strict minimum, in whatever order the effects of a term have to be taken
    corner      a minimum where every variance is zero and a score is too: all in rationals
    elsewhere   is it the lowest: all roots of the score, or what other searches found
    reach       what would take too long
    estimates   every number with the digits that are proved
    certify     all of it, as refmixed's Certificate
"""
