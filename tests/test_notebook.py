"""A notebook shows a fit as tables, with every text escaped."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

import refmixed as rm
from refmixed.errors import IdentifiabilityWarning

SLEEP = rm.load_dataset("sleepstudy")


def test_the_tables_of_a_fit_have_its_numbers() -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    shown = fit._repr_html_()
    cells = re.findall("<td>(.*?)</td>", shown)
    fixed = np.column_stack([fit.beta, fit.se, fit.beta / fit.se])
    np.testing.assert_allclose([float(cell) for cell in cells[:6]], fixed.ravel(), rtol=1e-4)
    sd = np.array([*fit.varcorr["Subject"].sd, fit.sigma])
    np.testing.assert_allclose([float(cell) for cell in cells[6::3]], sd**2, rtol=1e-4)
    np.testing.assert_allclose([float(cell) for cell in cells[7::3]], sd, rtol=1e-4)
    assert cells[8::3] == ["", "0.065551", ""]
    for text in ("REML, criterion 1743.6283; n = 180; Subject: 18 levels", "(Days | Subject)"):
        assert text in shown


def test_names_with_signs_of_html_are_escaped() -> None:
    data = SLEEP.rename(columns={"Days": "<b>Days</b>", "Subject": "a&b"})
    fit = rm.lmer("Reaction ~ `<b>Days</b>` + (`<b>Days</b>` | `a&b`)", data)
    for shown in (fit._repr_html_(), fit.summary()._repr_html_(), fit.means("1")._repr_html_()):
        assert "<b>Days" not in shown
        assert "a&b" not in shown
    assert "&lt;b&gt;Days&lt;/b&gt;" in fit._repr_html_()


def test_every_kind_of_fit_is_shown() -> None:
    singular = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
    assert "singular" in singular._repr_html_()
    assert "Residual" in rm.lm("Reaction ~ Days", SLEEP)._repr_html_()
    bare = rm.lmer("Reaction ~ 0 + (Days | Subject)", SLEEP)
    assert "Fixed effects" not in bare._repr_html_()
    assert "36 levels" not in rm.lmer("Reaction ~ Days + (1 | Subject)", [SLEEP])._repr_html_()
    with pytest.warns(IdentifiabilityWarning):
        open_fit = rm.lmer("Reaction ~ (1 | Subject) + (Days | Subject)", SLEEP)
    assert "Subject.1" in open_fit._repr_html_()


def test_a_summary_is_its_text() -> None:
    summary = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP).summary()
    assert summary._repr_html_() == f"<pre>{html.escape(str(summary))}</pre>"
