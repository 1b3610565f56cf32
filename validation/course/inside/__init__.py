"""What runs inside the wall, beside a submission, which can read all of it: no answers here.

Stands alone: of the packages only numpy, of the suite nothing.
"""
