"""Responses drawn from a fit: simulation, bootstrap, power."""
