"""The comparison: every case, by REML and ML, by each route, against lme4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tqdm import tqdm

from refmixed.fit import ROUTES

from . import answers, r
from .adapters import recorded
from .answers import Answers
from .cases import CASES, Case
from .compare import lre

# Digits that a row must have.  Nothing is optimised at given thetas, nor when refmixed takes theta
# from lme4: tight.  At the optimum lme4 has few digits of theta, so that what moves with theta has
# few, and the criterion, which is flat there, has many.
REQUIRED = {
    "at thetas": 12.0,
    "at lme4's": 9.0,  # the worst of all that follows, at lme4's theta
    "criterion": 12.0,
    "theta": 5.0,
    "beta": 7.0,
    "se": 6.0,
    "sd": 6.0,
    "corr": 5.0,
    "sigma": 7.0,
    "ranef": 5.0,
    "condvar": 5.0,
    "fitted": 6.0,
    "predicted": 6.0,
}
ABOVE = 1e-9  # how far refmixed's criterion may be above lme4's
AT_OPTIMUM = list(REQUIRED)[2:]


@dataclass(frozen=True)
class Row:
    """One model by one route: digits of agreement with lme4."""

    case: Case
    reml: bool
    route: str
    digits: dict[str, float]
    above: float  # refmixed's criterion at the optimum less lme4's

    @property
    def label(self) -> str:
        """What the row is about."""
        return f"{self.case.id} {'REML' if self.reml else 'ML'} {self.route}"

    @property
    def failures(self) -> list[str]:
        """What falls short, in words."""
        short = [
            f"{quantity}: {found:.1f} digits, {REQUIRED[quantity]:g} required"
            for quantity, found in self.digits.items()
            if found < REQUIRED[quantity]
        ]
        higher = [f"criterion above lme4's by {self.above:.1e}"] if self.above > ABOVE else []
        return short + higher


def source() -> tuple[str, Callable[[Case, bool], Answers]]:
    """Who answers for lme4, in words, and how to ask."""
    live, reason = r.available()
    if live:
        found = r.versions()
        return f"live lme4 {found['lme4']}, R {found['R']}", answers.lme4
    found = recorded.versions()
    who = f"recorded answers of lme4 {found['lme4']}, R {found['R']} (no live lme4: {reason})"
    return who, lambda case, reml: recorded.answers(case.id, reml)


def rows(ask: Callable[[Case, bool], Answers], cases: tuple[Case, ...] = CASES) -> Iterator[Row]:
    """Compare, with a progress bar."""
    jobs = [(case, reml) for case in cases for reml in (True, False)]
    for case, reml in tqdm(jobs, desc="comparing", unit="model", leave=False, disable=None):
        theirs = ask(case, reml)
        for route in ROUTES:
            yield compare(case, reml, route, theirs)


def compare(case: Case, reml: bool, route: str, theirs: Answers) -> Row:
    """One row.  refmixed is the reference: it has the digits that lme4's optimum lacks."""
    ours = answers.refmixed(case, reml, route)
    same_theta = answers.refmixed(case, reml, route, theirs["theta"])
    digits = {
        "at thetas": lre(theirs["at thetas"], ours["at thetas"]),
        "at lme4's": min(lre(theirs[q], same_theta[q]) for q in AT_OPTIMUM),
    }
    digits |= {q: lre(theirs[q], ours[q]) for q in AT_OPTIMUM if len(ours[q])}
    return Row(case, reml, route, digits, float(ours["criterion"][0] - theirs["criterion"][0]))


def record() -> None:
    """Write down what live lme4 answers."""
    jobs = [(case, reml) for case in CASES for reml in (True, False)]
    found = {
        (case.id, reml): answers.lme4(case, reml)
        for case, reml in tqdm(jobs, desc="asking lme4", unit="model", leave=False, disable=None)
    }
    recorded.write(r.versions(), found)
