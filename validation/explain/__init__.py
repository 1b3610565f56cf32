"""Why two accounts of one model differ: `refmixed explain`.

`read/` makes an `Account` of what a program wrote; `compare` says in which numbers two of them
differ.  A `World` is the model fitted in one way to one form of the data, a reading what a program
makes of it (which standard errors, which n in BIC).  `search` keeps the worlds and readings that
give back every number of an account as it was printed; the causes are where they differ.
"""
