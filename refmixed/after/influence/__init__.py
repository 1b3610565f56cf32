"""A fit without some of its rows, and how far its residuals are off: who moves what."""
