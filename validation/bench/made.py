"""Made data of any size: each set a function of its sizes, with one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

SEED = 20


def factor(codes: Any, levels: int) -> Any:
    """A factor of numbered levels."""
    labels = pd.Index([str(k) for k in range(levels)])
    return pd.Categorical.from_codes(np.asarray(codes, dtype=np.int64), labels)


def slopes(n: int, J: int, k: int = 2) -> pd.DataFrame:
    """n rows of J groups with k effects each, an intercept and slopes of x, x2, ..."""
    rng = np.random.default_rng(SEED)
    codes = rng.permutation(np.arange(n) % J)
    X = np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])
    L = np.tril(rng.normal(0.0, 0.2, (k, k)), -1) + np.diag(rng.uniform(0.5, 1.5, k))
    gamma = rng.normal(size=(J, k)) @ L.T
    y = X.sum(axis=1) + (X * gamma[codes]).sum(axis=1) + rng.normal(size=n)
    columns = {"x" if j == 1 else f"x{j}": X[:, j] for j in range(1, k)}
    return pd.DataFrame({"y": y, **columns, "g": factor(codes, J)})


def crossed(n: int, A: int, B: int) -> pd.DataFrame:
    """n rows, each of one of A levels and one of B levels, drawn."""
    rng = np.random.default_rng(SEED)
    a, b = rng.integers(A, size=n), rng.integers(B, size=n)
    x = rng.normal(size=n)
    y = x + rng.normal(size=A)[a] + 0.5 * rng.normal(size=B)[b] + rng.normal(size=n)
    return pd.DataFrame({"y": y, "x": x, "a": factor(a, A), "b": factor(b, B)})


def nested(A: int, B: int, C: int, rows: int) -> pd.DataFrame:
    """A levels, B in each, C in each of these, and so many rows in each of those."""
    rng = np.random.default_rng(SEED)
    c = np.repeat(np.arange(A * B * C), rows)
    b, a, n = c // C, c // (B * C), len(c)
    x = rng.normal(size=n)
    effects = rng.normal(size=A)[a] + 0.7 * rng.normal(size=A * B)[b]
    y = x + effects + 0.5 * rng.normal(size=A * B * C)[c] + rng.normal(size=n)
    factors = {"a": factor(a, A), "b": factor(b % B, B), "c": factor(c % C, C)}
    return pd.DataFrame({"y": y, "x": x, **factors})


def responses(y: Any, count: int) -> Any:
    """(n, count): the response with new errors, of a tenth of its standard deviation."""
    rng = np.random.default_rng(SEED)
    return np.asarray(y)[:, None] + rng.normal(0.0, np.std(y) / 10, (len(y), count))
