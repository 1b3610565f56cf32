"""Cross products of the arrays of a model, weighted, in blocks that share no random effect.

Rows that no chain of levels joins have no random effect in common: V is block diagonal in such
*blocks*, and a block's q_c columns of Z are all that a solve needs.  With one grouping factor a
block is one level of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import arb_mat, fmpq_mat

from ..suite.columns import Row
from .exact import Exact, Term
from .matrices import Matrix, rationals

Cell = tuple[int, int]  # term, level


@dataclass(frozen=True)
class Block:
    """The levels of a block, in the order of their columns, and the products of these."""

    cells: tuple[Cell, ...]
    G: Matrix  # (q_c, q_c)  Z'WZ
    B: Matrix  # (q_c, p)    Z'WX
    b: Matrix  # (q_c, s)    Z'WY


@dataclass(frozen=True)
class Blocks:
    """A model as its criterion sees it; Y has s columns, of which the first is y - offset."""

    n: int
    p: int
    sizes: tuple[int, ...]  # k, effects a level, of each term
    counts: tuple[int, ...]  # levels of each term
    reml: bool
    weights: Row
    XX: Matrix  # (p, p)  X'WX
    XY: Matrix  # (p, s)
    YY: Matrix  # (s, s)
    blocks: tuple[Block, ...]

    @property
    def dof(self) -> int:
        """n - p for REML, n for ML."""
        return self.n - self.p if self.reml else self.n

    @property
    def q(self) -> int:
        """Random effects."""
        return sum(k * count for k, count in zip(self.sizes, self.counts, strict=True))

    @property
    def entries(self) -> list[tuple[int, int, int]]:
        """Term, row and column of each entry of theta."""
        return [(t, i, j) for t, k in enumerate(self.sizes) for j in range(k) for i in range(j, k)]

    def balls(self) -> Blocks:
        """The same in balls of the precision that holds now."""
        blocks = [Block(c.cells, arb_mat(c.G), arb_mat(c.B), arb_mat(c.b)) for c in self.blocks]
        return replace(
            self,
            XX=arb_mat(self.XX),
            XY=arb_mat(self.XY),
            YY=arb_mat(self.YY),
            blocks=tuple(blocks),
        )

    def starts(self, block: Block) -> list[int]:
        """Where the columns of each cell of a block begin."""
        found, start = [], 0
        for t, _ in block.cells:
            found.append(start)
            start += self.sizes[t]
        return found


def problem(made: Exact, reml: bool, held: int | None = None) -> Blocks:
    """The cross products of a model.

    held: a column of X that is taken out, to be the second column of Y; its coefficient can then
    be held at any value.
    """
    X = [[v for j, v in enumerate(row) if j != held] for row in made.X]
    Y = [[y - o] for y, o in zip(made.y, made.offset, strict=True)]
    if held is not None:
        Y = [[*row, x[held]] for row, x in zip(Y, made.X, strict=True)]
    p, s = len(made.names) - (held is not None), 1 + (held is not None)
    XY = rationals([[*x, *y] for x, y in zip(X, Y, strict=True)], p + s)
    W = [[w * Fraction(1)] for w in made.weights]
    blocks = tuple(
        block(made.terms, cells, rows, X, Y, made.weights) for cells, rows in components(made)
    )
    whole = XY.transpose() * weighted(XY, [w[0] for w in W])  # (p + s, p + s)
    one, two = list(range(p)), list(range(p, p + s))
    return Blocks(
        n=made.n,
        p=p,
        sizes=tuple(term.k for term in made.terms),
        counts=tuple(len(term.levels) for term in made.terms),
        reml=reml,
        weights=made.weights,
        XX=sub(whole, one, one),
        XY=sub(whole, one, two),
        YY=sub(whole, two, two),
        blocks=blocks,
    )


def sub(A: fmpq_mat, rows: Sequence[int], columns: Sequence[int]) -> fmpq_mat:
    """Some rows and columns of a matrix."""
    return fmpq_mat(len(rows), len(columns), [A[i, j] for i in rows for j in columns])


def weighted(A: fmpq_mat, weights: Row) -> fmpq_mat:
    """The rows of a matrix times their weights."""
    W = [[w] * A.ncols() for w in weights]
    scales = rationals(W, A.ncols())
    cells = [a * w for a, w in zip(A.entries(), scales.entries(), strict=True)]
    return fmpq_mat(A.nrows(), A.ncols(), cells)


def block(
    terms: Sequence[Term],
    cells: Sequence[Cell],
    rows: Sequence[int],
    X: Sequence[Row],
    Y: Sequence[Row],
    weights: Row,
) -> Block:
    """The products of the rows and columns of one block."""
    Z = [[v for cell in cells for v in effects(terms, cell, i)] for i in rows]
    q = sum(terms[t].k for t, _ in cells)
    XY = [[*X[i], *Y[i]] for i in rows]
    p, s = len(X[0]), len(Y[0])
    Zc = rationals(Z, q)  # (rows, q_c)
    ZW = weighted(Zc, [weights[i] for i in rows]).transpose()  # (q_c, rows)
    right = ZW * rationals(XY, p + s)  # (q_c, p + s)
    every = list(range(q))
    B, b = sub(right, every, range(p)), sub(right, every, range(p, p + s))
    return Block(tuple(cells), ZW * Zc, B, b)


def effects(terms: Sequence[Term], cell: Cell, i: int) -> Row:
    """Row i of the columns of one level of one term."""
    t, level = cell
    term = terms[t]
    return term.x[i] if term.codes[i] == level else [Fraction(0)] * term.k


def components(made: Exact) -> list[tuple[list[Cell], list[int]]]:
    """The levels and the rows of each block: rows that levels join, directly or in a chain."""
    if not made.terms:
        return []
    parent: dict[Cell, Cell] = {
        (t, j): (t, j) for t, term in enumerate(made.terms) for j in range(len(term.levels))
    }

    def root(cell: Cell) -> Cell:
        while parent[cell] != cell:
            parent[cell] = cell = parent[parent[cell]]
        return cell

    for i in range(made.n):
        first = root((0, made.terms[0].codes[i]))
        for t, term in enumerate(made.terms):
            parent[root((t, term.codes[i]))] = first
    cells: dict[Cell, list[Cell]] = {}
    for cell in sorted(parent):
        cells.setdefault(root(cell), []).append(cell)
    rows: dict[Cell, list[int]] = {}
    for i in range(made.n):
        rows.setdefault(root((0, made.terms[0].codes[i])), []).append(i)
    return [(members, rows.get(key, [])) for key, members in cells.items()]
