"""What is said of a model whose covariance parameters the data do not determine, in R's terms.

Which parameters, which combination of them is determined, and the formula of a model without them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np

from ..covariance import entries, unpacked
from ..design import Design
from ..errors import IdentifiabilityWarning
from ..identifiability import Parameters, shadow
from ..linalg import Array, solve_upper
from ..optimality import Optimum
from .reduced import bar, formula, listed
from .summary import SINGULAR

NEARLY = 1e6  # a condition number above this is told
SAME = 1e-8  # of numbers that are equal up to rounding


def warn_of_open(design: Design, optimum: Optimum, reml: bool) -> None:
    """Warn (IdentifiabilityWarning) of what is not determined."""
    for text in Open(design, optimum, reml).sentences():
        warnings.warn(text, IdentifiabilityWarning, stacklevel=4)


def messages(design: Design, optimum: Optimum, reml: bool) -> tuple[str, ...]:
    """What lme4 would say of an optimum, and what is not determined, or hardly so."""
    found = list(design.messages)
    if optimum.is_open:
        found += Open(design, optimum, reml).sentences()
    if not optimum.is_given and optimum.parameters.condition > NEARLY:
        found.append(
            "covariance parameters can hardly be told apart: their matrices have a condition number"
            f" of {optimum.parameters.condition:.0e}, and estimates hang on the data's last digits"
        )
    return (*found, *[SINGULAR] * optimum.is_singular)


@dataclass(frozen=True)
class Open:
    """A model that does not determine all its covariance parameters: what to say of it."""

    design: Design
    optimum: Optimum
    reml: bool

    def sentences(self) -> Iterator[str]:
        """Which covariance parameters are not determined, one for each reason."""
        yield from self.within()
        yield from self.between()

    @cached_property
    def columns(self) -> list[list[int]]:
        """The parameters of each part: of the residuals, the one; then of each term."""
        ends = np.cumsum([1, *(term.m for term in self.design.terms)])
        return [[0], *(list(range(a, b)) for a, b in pairwise(ends))]

    @property
    def parameters(self) -> Parameters:
        """What can be told."""
        return self.optimum.parameters

    def flat(self, parts: tuple[int, ...]) -> Array:
        """The combinations (1 + m, any) of the matrices of some parts that are zero."""
        return self.parameters.flat(np.concatenate([self.columns[part] for part in parts]))

    def within(self) -> Iterator[str]:
        """Of each term by itself."""
        for part in range(1, len(self.columns)):
            lost, m = self.flat((part,)).shape[1], len(self.columns[part])
            if lost:
                text = self.all_lost(part) if lost == m else self.some_lost(part, m - lost)
                names = self.without_errors(part)
                errors = f"; standard errors of {listed(names)} have no value" if names else ""
                yield text + errors

    def all_lost(self, part: int) -> str:
        """A term that adds nothing."""
        group, what = self.design.terms[part - 1].group, self.called([part])
        by = " by REML" if self.reml else ""
        why = f"{group} is among the fixed effects" if by else f"{bar(self.design, part)} is zero"
        return f"{what} cannot be estimated{by}: {why}; leave it out: {formula(self.design, part)}"

    def some_lost(self, part: int, kept: int) -> str:
        """A term of which the data determine some combinations."""
        by = " by REML" if self.without_errors(part) else ""
        whole = f"the {len(self.columns[part])} covariance parameters of {bar(self.design, part)}"
        text = f"of {whole} only {kept} can be told{by}"
        fewer = self.fewer_effects(part)
        if not fewer:
            return text
        same = (
            "the same model" if len(fewer) * (len(fewer) + 1) / 2 == kept else "smaller, and told"
        )
        return f"{text}; {same}: {formula(self.design, part, bar(self.design, part, fewer))}"

    def without_errors(self, part: int) -> list[str]:
        """Fixed effects whose standard errors depend on what REML does not determine."""
        moved = shadow(self.optimum.coordinates.design, self.flat((part,)))  # (p, any)
        size = np.abs(solve_upper(self.optimum.coordinates.LX, moved)).max(axis=1, initial=0.0)
        changes = np.abs(moved).max(initial=0.0) > SAME
        pairs = zip(self.design.names, size, strict=True)
        return [name for name, s in pairs if changes and s > SAME * size.max()]

    def fewer_effects(self, part: int) -> list[str]:
        """The most effects of a term whose parameters are all determined."""
        term, start = self.design.terms[part - 1], self.columns[part][0]
        rows, columns = entries(term.k)
        for size in range(term.k - 1, 0, -1):
            for some in combinations(range(term.k), size):
                inside = np.flatnonzero(np.isin(rows, some) & np.isin(columns, some))
                if not self.parameters.flat(start + inside).size:
                    return [term.effects[j] for j in some]
        return []

    def between(self) -> Iterator[str]:
        """Of several parts together, the fewest that depend on one another."""
        own = [self.flat((part,)).shape[1] for part in range(len(self.columns))]
        told: list[set[int]] = []
        for size in range(2, len(own) + 1):
            for some in combinations(range(len(own)), size):
                lost = self.flat(some).shape[1] - sum(own[part] for part in some)
                if lost and not any(one <= set(some) for one in told):
                    told.append(set(some))
                    yield self.not_apart(some, lost)

    def not_apart(self, some: tuple[int, ...], lost: int) -> str:
        """Parts that take from one another."""
        flat, text = self.flat(some), f"{self.called(list(some))} are not told apart: "
        if (
            flat.shape[1] == 1
            and len(some) == 2
            and all(len(self.columns[part]) == 1 for part in some)
        ):
            text += f"only {self.combination(some, flat[:, 0])}"
        else:
            text += "what one takes another can give"
        spare = self.spare(some, flat) if flat.shape[1] == 1 else None
        if spare is not None:
            return f"{text}; the same model: {formula(self.design, spare)}"
        return f"{text}; leave out " + " or ".join(bar(self.design, part) for part in some if part)

    def combination(self, some: tuple[int, ...], flat: Array) -> str:
        """What is determined of two variances, in the units that they are given in."""
        one, other = (flat[self.columns[part][0]] / self.unit(part) for part in some)
        ratio = float(-one / other)  # M_2 = ratio M_1, so that psi_1 + ratio psi_2 is determined
        if abs(ratio - 1.0) <= SAME:
            return "their sum is"
        return f"the first and {ratio:.4g} times the second in sum are"

    def unit(self, part: int) -> float:
        """What a variance of this part is times in the coordinates of the search."""
        return float(self.optimum.coordinates.S[part - 1][0, 0] ** 2) if part else 1.0

    def spare(self, some: tuple[int, ...], flat: Array) -> int | None:
        """A term that others of them stand for at any variance; the last one; or None."""
        for part in reversed([p for p in some if p and len(self.columns[p]) == 1]):
            weight = flat[self.columns[part][0], 0]
            rest = -flat[:, 0] / weight
            rest[self.columns[part]] = 0.0
            blocks = unpacked(self.optimum.coordinates.design, rest[1:])
            least = min(np.linalg.eigvalsh(block)[0] for block in blocks)
            if min(least, rest[0]) > -SAME:
                return part
        return None

    def called(self, parts: list[int]) -> str:
        """The names of what some parts have."""
        terms = [(self.design.terms[part - 1], bar(self.design, part)) for part in parts if part]
        plain = [t.effects == ("(Intercept)",) and t.name == t.group for t, _ in terms]
        names = [t.group if p else text for (t, text), p in zip(terms, plain, strict=True)]
        many = len(names) > 1 or terms[0][0].k > 1
        text = f"the variance{'s' * many} of {listed(names)}"
        return text if all(parts) else f"the residual variance and {text}"
