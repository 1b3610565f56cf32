"""Likelihood ratios: of models, of a term, of variances at their boundary."""
