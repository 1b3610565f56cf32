"""One module for each program that refmixed is compared with."""
