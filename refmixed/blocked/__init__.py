"""The same numbers again, the largest grouping factor eliminated: no n x n or q x q matrix.

Read `crossproducts`, `eliminate`, `pieces`, and then `route`, which a search asks; the page
d11_blocked derives them.
"""

from .route import criterion, evaluate, numbers, posterior, prepare

__all__ = ["criterion", "evaluate", "numbers", "posterior", "prepare"]
