"""What a formula that a student typed is worth at exact points.  It needs mpmath alone.

The text is never evaluated: `tokens` lets through what a formula may have, `tree` checks Python's
own syntax tree of it, `evaluate` walks that tree with fractions (`exact`) and rows of them
(`matrices`).  The walled child of the grader imports this package without the rest of refmixed.
"""

from .answers import answers, as_text

__all__ = ["answers", "as_text"]
