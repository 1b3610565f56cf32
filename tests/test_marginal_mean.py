"""Means over the random effects: all digits, at any fixed part and any standard deviation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from flint import acb, arb, ctx

from refmixed.glm.links import CLOGLOG, LOG, LOGIT, PROBIT, Link
from refmixed.glm.marginal_mean import marginal_mean

INVERSES: dict[str, tuple[Link, Callable[[acb], acb]]] = {
    "logit": (LOGIT, lambda x: 1 / (1 + (-x).exp())),
    "cloglog": (CLOGLOG, lambda x: -(-x.exp()).expm1()),
    "probit": (PROBIT, lambda x: (-x / acb(2).sqrt()).erfc() / 2),
    "log": (LOG, lambda x: x.exp()),
}
ROUNDING = 4e-15  # relative; the mean of some hundred terms


def by_balls(inverse: Callable[[acb], acb], eta: float, sd: float) -> float:
    """The mean by ball arithmetic; beyond these ends is less than 1e-30 of it."""
    ctx.prec = 80
    area = acb.integral(lambda z, _: inverse(eta + sd * z) * (-z * z / 2).exp(), -12, 12 + sd)
    return float(area.real / (2 * arb.pi()).sqrt())


@pytest.mark.parametrize("name", INVERSES)
@pytest.mark.parametrize("sd", [0.2, 1.0, 4.0])
def test_all_digits_are_there_even_where_events_are_rare(name: str, sd: float) -> None:
    link, inverse = INVERSES[name]
    etas = np.array([-6.0, -2.0, 0.0, 1.5])
    expected = [by_balls(inverse, eta, sd) for eta in etas]
    assert marginal_mean(link, etas, np.full(4, sd)) == pytest.approx(expected, rel=ROUNDING)


@pytest.mark.parametrize("name", INVERSES)
def test_rows_may_vary_by_different_amounts(name: str) -> None:
    """A row alone has the same mean as beside one that varies more."""
    link, _ = INVERSES[name]
    etas, sds = np.array([-1.0, 0.3, 2.0]), np.array([0.0, 5.0, 1.0])
    alone = [marginal_mean(link, etas[i : i + 1], sds[i : i + 1]).item() for i in range(3)]
    assert marginal_mean(link, etas, sds) == pytest.approx(alone, rel=ROUNDING)
    assert alone[0] == pytest.approx(link.mean(etas[0]), rel=ROUNDING)


@pytest.mark.parametrize("link", [LOGIT, PROBIT], ids=lambda link: link.name)
def test_a_symmetric_link_is_attenuated_towards_one_half(link: Link) -> None:
    etas = np.linspace(-3.0, 3.0, 13)
    p = marginal_mean(link, etas, np.full(13, 1.5))
    assert p + p[::-1] == pytest.approx(1.0, rel=ROUNDING)
    outer = etas != 0.0
    assert (np.abs(link.eta(p)) < np.abs(etas))[outer].all()


def test_no_rows_have_no_means() -> None:
    assert marginal_mean(LOGIT, np.zeros(0), np.zeros(0)).shape == (0,)
