"""How long fits take, beside lme4 and other packages: `make bench`, and `make bench-smoke`.

`sets` are fitted by `programs`, each in a process of its own, in `rounds`; `sums` has the medians
and the quartiles of ratios, `table` and `page` show them.  `smoke` holds a few ratios of refmixed's
own routes, and needs nothing but refmixed.
"""
