"""Generalized models: what they may have been fitted by, and what else they may be."""
