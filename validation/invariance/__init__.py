"""Invariance: two answers of one implementation compared; SPEC.md, section 7.

requests.both(case)    the untouched problem, and the transformed one
pairs.pairs(case, ...) quantity -> (transformed answer, what it must be by the untouched one)
python -m validation.invariance    writes the cases
"""
