"""Marginal means over a reference grid, and comparisons of them."""
