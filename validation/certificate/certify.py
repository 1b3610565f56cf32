"""All of it: from a Fit to its Certificate."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flint import ctx

from refmixed.after.certificate import Certificate, Extent
from refmixed.result import Fit

from ..proof.engine import at, covariances, criterion, factors
from ..proof.exact import Exact
from ..proof.matrices import ProofError, ball
from ..proof.optimum import BITS, Optimum
from ..proof.problem import problem
from . import estimates
from .decimals import decimals, row
from .elsewhere import Elsewhere, elsewhere, nowhere
from .identified import Identified
from .minimum import described, strict_minimum
from .reach import out_of_reach

BESIDE = 1e-6  # of the criterion: how far off its minimum a fit may be


def certify(fit: Fit) -> Certificate:
    """What can be proved of a fit, and what cannot."""
    begin = time.perf_counter()
    with ctx.workprec(BITS):
        about = asked(fit)
        return Certificate(
            model=f"{fit.formula}, {'REML' if fit.reml else 'ML'}, {fit.nobs} observations",
            minimum=about.minimum,
            proved=tuple(about.proved()),
            not_proved=tuple(about.not_proved()),
            estimates=estimates.table(about.numbers()),
            seconds=time.perf_counter() - begin,
        )


def asked(fit: Fit) -> Given | Beyond | Found:
    """The kind of fit that it is."""
    made, is_given = decimals(fit.design), fit.optimum.is_given
    reason = out_of_reach(made, hessian=not is_given)
    if reason is not None:
        return Beyond(reason)
    return Given(fit, made) if is_given else Found(Identified(fit, made))


@dataclass(frozen=True)
class Given:
    """A fit at a theta that was given."""

    fit: Fit
    made: Exact
    minimum: Extent | None = None

    def proved(self) -> Iterator[str]:
        """What is proved, a sentence each."""
        yield "Every number below follows from the theta that was given."

    def not_proved(self) -> Iterator[str]:
        """What is not."""
        yield "A minimum: theta was given."

    def numbers(self) -> Iterator[estimates.Named]:
        """All of the fit's."""
        blocks = problem(self.made, self.fit.reml).balls()
        theta = [ball(x) for x in row(self.fit.theta.to_numpy())]
        here = at(blocks, covariances(factors(blocks, theta)))
        return estimates.every(self.fit, Optimum(theta, blocks.sizes, here))


@dataclass(frozen=True)
class Beyond:
    """A fit of which a proof would take too long."""

    reason: str
    minimum: Extent | None = None

    def proved(self) -> Iterator[str]:
        """Nothing."""
        return iter(())

    def not_proved(self) -> Iterator[str]:
        """Anything."""
        yield self.reason

    def numbers(self) -> Iterator[estimates.Named]:
        """None."""
        return iter(())


@dataclass(frozen=True)
class Found:
    """A fit at its optimum: what is identified, a strict minimum, and the rest of theta."""

    identified: Identified

    @property
    def fit(self) -> Fit:
        """The fit."""
        return self.identified.fit

    @cached_property
    def attempt(self) -> Optimum | str:
        """A strict minimum, or why none is proved."""
        model = self.identified
        if model.reduced.lost and model.start.any():
            return "A strict minimum: along what is flat the criterion is the same."
        try:
            return strict_minimum(model.made, self.fit.reml, model.start)
        except ProofError as error:
            return f"A minimum: {error}."

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """What is known of all other theta."""
        if isinstance(self.attempt, str):
            return nowhere(self.identified.problem, self.attempt)
        return elsewhere(self.identified.problem, self.attempt, self.identified.made.design)

    @property
    def minimum(self) -> Extent | None:
        """How far the minimum is proved to be one."""
        return self.elsewhere.minimum

    def proved(self) -> Iterator[str]:
        """What is proved, a sentence each."""
        yield from self.identified.proved()
        if not isinstance(self.attempt, str):
            yield described(self.attempt, self.identified.made)
        yield from self.elsewhere.proved

    def not_proved(self) -> Iterator[str]:
        """What is not."""
        yield from self.identified.not_proved()
        yield from self.elsewhere.not_proved
        if not isinstance(self.attempt, str):
            d = criterion(self.attempt.here, self.attempt.problem.weights)
            if abs(off := self.fit.criterion - float(d)) > BESIDE:
                yield f"That the fit is at this minimum: its criterion is {off:+.3g} from there."

    def numbers(self) -> Iterator[estimates.Named]:
        """Those that are determined."""
        if isinstance(self.attempt, str):
            return iter(())
        if not self.identified.is_smaller:
            return estimates.every(self.fit, self.attempt)
        return estimates.of_v(self.fit, self.attempt, self.identified.whole.sigma_is_told)
