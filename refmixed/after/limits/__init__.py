"""Limits of parameters: profiles of the criterion, and confidence intervals."""
