"""The made data sets: hard on purpose, from fixed seeds and explicit numbers.

    python -m validation.made FOLDER      writes their CSV files and factors-made.json

Random numbers are those of numpy's RandomState, whose streams never change, rounded to a few
decimals.  The files in `data/` are what counts; a test holds the generators to them.
"""
