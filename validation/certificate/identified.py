"""What of a fit's model is identified, and the model that is: its own, or the same with less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from refmixed.linalg import Array
from refmixed.r.reduced import bar, listed
from refmixed.r.unidentified import Open
from refmixed.result import Fit

from ..proof.exact import Exact
from ..proof.problem import Blocks
from ..proof.starting import find
from .flat import Flat, without


@dataclass(frozen=True)
class Identified:
    """A fit; what is flat in its model; and its arrays less the terms that others stand for."""

    fit: Fit
    exact: Exact  # its arrays

    @cached_property
    def whole(self) -> Flat:
        """What depends on what in the fit's own model."""
        return Flat(self.exact, self.fit.reml)

    @cached_property
    def reduced(self) -> Flat:
        """The same without effects that are spare, until nothing is flat or none is."""
        flat = self.whole
        while flat.lost and (some := flat.spare()) is not None:
            flat = Flat(without(flat.made, *some), flat.reml)
        return flat

    @property
    def made(self) -> Exact:
        """The arrays of the model that is identified, if any is."""
        return self.reduced.made

    @property
    def problem(self) -> Blocks:
        """Their cross products, in rationals."""
        return self.reduced.problem

    @property
    def is_smaller(self) -> bool:
        """Whether effects were left out."""
        return self.reduced is not self.whole

    @cached_property
    def start(self) -> Array:
        """Where its minimum is, in floats."""
        if not self.is_smaller:
            return self.fit.optimum.theta
        return find(self.made.design, self.fit.reml, None, elsewhere=False)

    def proved(self) -> Iterator[str]:
        """What is proved, a sentence each."""
        size, lost = self.whole.gram.nrows(), self.whole.lost
        if size == 1:
            return
        by = ", with X projected out," if self.fit.reml and self.fit.design.p else ""
        if not lost:
            yield (
                f"Identified: the {size} matrices that V is a sum of are{by} linearly independent."
            )
            return
        kept = f"{size - lost} {'is' if size - lost == 1 else 'are'}"
        yield (
            f"Not identified: of the {size} matrices that V is a sum of only {kept}{by} linearly "
            "independent; along what is flat the criterion is the same."
        )
        yield from self.why()
        if self.is_smaller:
            yield f"With {self.left} alone the model is the same: what follows is proved of that."

    @property
    def left(self) -> str:
        """The random terms of the model that is identified, as a formula has them."""
        design = self.made.design
        bars = [bar(design, t, [*term.effects]) for t, term in enumerate(design.terms, start=1)]
        return listed(bars) if bars else "the fixed effects"

    def why(self) -> Iterator[str]:
        """What the fit says of it, where doubles find as much flat as there is."""
        kernel = self.fit.optimum.kernel
        if kernel is not None and kernel.shape[1] == self.whole.lost:
            for text in Open(self.fit.design, self.fit.optimum, self.fit.reml).sentences():
                yield f"In the words of the fit, which rest on doubles: {text}."

    def not_proved(self) -> Iterator[str]:
        """Where the fit and the proof differ."""
        if self.fit.optimum.is_open and not self.whole.lost:
            yield "That the model is not identified: it is, by digits that are lost to rounding."
        if self.whole.lost and not self.fit.optimum.is_open:
            yield "That the model is identified: it is not, which rounding hid from the fit."
