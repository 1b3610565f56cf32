"""Tests of fixed effects: degrees of freedom, t and F of contrasts, tables by term."""
