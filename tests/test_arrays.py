"""Arrays in, fit out: rm.fit() of y, X and terms is lmer() without a formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from random_designs import Case, cases

import refmixed as rm
from refmixed.design import from_arrays
from refmixed.errors import (
    GroupError,
    NewLevelError,
    OffsetError,
    OptionError,
    RankError,
    RefmixedError,
    SaturatedError,
    WeightsError,
)

SLEEP = rm.load_dataset("sleepstudy")
Y, DAYS, SUBJECT = (SLEEP[c].to_numpy() for c in ("Reaction", "Days", "Subject"))
X = np.column_stack([np.ones(180), DAYS])
FIT = rm.fit(Y, X, [(SUBJECT, X)])


def test_sleepstudy_by_its_matrices() -> None:
    by_formula = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
    assert FIT.criterion == by_formula.criterion
    assert FIT.theta.to_list() == by_formula.theta.to_list()
    assert FIT.beta.to_list() == by_formula.beta.to_list()
    assert list(FIT.ranef()["g1"].index) == list(by_formula.ranef()["Subject"].index)
    np.testing.assert_array_equal(FIT.ranef()["g1"], by_formula.ranef()["Subject"])
    np.testing.assert_array_equal(FIT.coef()["g1"], by_formula.coef()["Subject"])


@settings(max_examples=30)
@given(cases())
def test_the_arrays_of_a_formula_are_fitted_as_the_formula_is(case: Case) -> None:
    made = case.design
    labels = [np.array(term.levels)[term.codes] for term in made.terms]
    terms = [(at, term.x) for at, term in zip(labels, made.terms, strict=True)]
    fit = rm.fit(made.y, made.X, terms, case.reml, weights=case.weights)
    assert fit.criterion == pytest.approx(case.fit().criterion, rel=1e-13)
    assert fit.theta.to_list() == pytest.approx(case.fit().theta.to_list(), rel=1e-9, abs=1e-9)


def test_columns_and_groups_are_numbered_and_effects_are_called_as_their_column_of_x() -> None:
    assert list(FIT.beta.index) == ["x1", "x2"]
    assert list(FIT.varcorr["g1"].sd.index) == ["x1", "x2"]
    two = rm.fit(Y, X, [(SUBJECT, None), (SUBJECT, DAYS**2)])
    assert [(t.group, t.effects) for t in two.design.terms] == [("g1", ("x1",)), ("g2", ("z1",))]
    assert rm.fit(Y, DAYS, [(SUBJECT, None)]).varcorr["g1"].sd.index[0] == "(Intercept)"


def test_pandas_brings_names() -> None:
    frame = pd.DataFrame({"one": 1.0, "Days": SLEEP["Days"]})
    fit = rm.fit(SLEEP["Reaction"], frame, [(SLEEP["Subject"], frame)])
    assert list(fit.beta.index) == ["one", "Days"]
    assert fit.formula == "y ~ 0 + one + Days + (0 + one + Days | Subject)"
    assert list(fit.fitted.index) == list(SLEEP.index)
    assert "Subject" in fit.ranef()


def test_one_name_is_one_column() -> None:
    """coef() adds effects by name: a default name is never that of another column."""
    taken = pd.DataFrame({"one": 1.0, "z1": SLEEP["Days"]})
    fit = rm.fit(Y, taken, [(SUBJECT, DAYS**2)])
    assert fit.design.terms[0].effects == ("z2",)
    coef, ranef = fit.coef()["g1"], fit.ranef()["g1"]
    assert (coef["z1"] == fit.beta["z1"]).all()
    assert coef["z2"].to_list() == ranef["z2"].to_list()
    row = coef.loc["308"] @ pd.Series({"one": 1.0, "z1": DAYS[3], "z2": DAYS[3] ** 2})
    assert row == pytest.approx(fit.fitted.iloc[3])


def test_one_name_is_one_column_in_all_terms_of_a_group() -> None:
    group, a, b = SLEEP["Subject"], DAYS**2, np.sqrt(DAYS)
    terms = [(group, np.c_[a, b]), (group, b), (group, X[:, 1]), (group, DAYS**3), (SUBJECT, b)]
    names = [term.effects for term in from_arrays(Y, X, terms).terms]
    assert names == [("z1", "z2"), ("z2",), ("x2",), ("z3",), ("z1",)]  # the last is of g5
    fit = rm.fit(Y, X, [(group, a), (group, b)])
    assert list(fit.ranef()["Subject"]) == ["z1", "z2"]
    values = pd.Series({"x1": 1.0, "x2": DAYS[3], "z1": a[3], "z2": b[3]})
    assert fit.coef()["Subject"].loc["308"] @ values == pytest.approx(fit.fitted.iloc[3])


def test_a_second_term_of_a_group_is_numbered_as_by_a_formula() -> None:
    ours = rm.fit(Y, X, [(SLEEP["Subject"], None), (SLEEP["Subject"], DAYS)])
    theirs = rm.lmer("Reaction ~ Days + (Days || Subject)", SLEEP)
    assert list(ours.varcorr) == list(theirs.varcorr) == ["Subject", "Subject.1"]
    assert ours.criterion == theirs.criterion
    np.testing.assert_array_equal(ours.ranef()["Subject"], theirs.ranef()["Subject"])


def test_levels_are_as_many_as_labels_differ() -> None:
    ids = np.array([0.1 + 0.2, 0.3, 1e16, 1e16 + 2])[np.arange(180) % 4]
    assert len(from_arrays(Y, X, [(ids, None)]).terms[0].levels) == 4


def test_weights_an_offset_ml_a_given_theta_and_the_other_route() -> None:
    w, o = 1.0 + np.arange(180) % 3, np.linspace(0, 9, 180)
    theta = [1.0, 0.0, 0.2]
    ours = rm.fit(Y, X, [(SUBJECT, X)], False, weights=w, offset=o, theta=theta, route="marginal")
    theirs = rm.lmer(
        "Reaction ~ Days + (Days | Subject)", SLEEP, False, weights=w, offset=o, theta=theta
    )
    assert ours.route == "marginal"
    assert ours.criterion == pytest.approx(theirs.criterion, rel=1e-13)


def test_without_terms_it_is_least_squares() -> None:
    assert rm.fit(Y, X, []).criterion == rm.lm("Reaction ~ Days", SLEEP).criterion


def test_the_summary_has_a_formula_and_no_data() -> None:
    lines = str(FIT.summary()).split("\n")
    assert lines[1:3] == ["Formula: y ~ 0 + x1 + x2 + (0 + x1 + x2 | g1)", ""]
    assert "Number of obs: 180, groups:  g1, 18" in lines


def test_new_rows_are_given_as_the_rows_of_the_fit() -> None:
    labels, columns = np.array(["308", "999"]), np.array([[1.0, 3.0], [1.0, 3.0]])
    rows = (columns, [(labels, columns)])
    with pytest.raises(NewLevelError, match=r"g1 has levels that the fit has not seen \(999\)"):
        FIT.predict(rows)
    known, new = FIT.predict(rows, new_levels="population")
    assert known == pytest.approx(FIT.coef()["g1"].loc["308"] @ [1.0, 3.0])
    assert new == pytest.approx(FIT.beta.to_numpy() @ [1.0, 3.0])
    assert FIT.predict(rows, random=False).to_list() == pytest.approx([new, new])
    own = FIT.predict((X, [(SUBJECT, X)]))
    np.testing.assert_allclose(own, FIT.fitted, rtol=1e-12)


def test_an_offset_is_no_part_of_new_rows() -> None:
    fit = rm.fit(Y, X, [(SUBJECT, None)], offset=np.ones(180))
    with pytest.raises(OffsetError, match="take it off the response before the fit"):
        fit.predict((X, [(SUBJECT, None)]))


def test_a_design_from_arrays_serves_the_routes() -> None:
    design = from_arrays(Y, X, [(SUBJECT, X)])
    theta = FIT.theta.to_numpy()
    assert rm.marginal.criterion(design, theta) == pytest.approx(FIT.criterion, rel=1e-13)
    assert rm.Fit.of(design).criterion == FIT.criterion


HOLED = Y.copy()
HOLED[3] = np.nan
WRONG: list[tuple[type[RefmixedError], str, dict[str, Any]]] = [
    (OptionError, "y must be 180 finite numbers, and one is nan", {"y": HOLED}),
    (OptionError, "y must be 180 finite numbers, not of shape (180, 1)", {"y": Y[:, None]}),
    (OptionError, "y must be 3 finite numbers", {"y": ["a", "b", "c"], "X": np.ones(3)}),
    (OptionError, "X must be finite numbers in 180 rows, not of shape (179, 2)", {"X": X[1:]}),
    (OptionError, "X must be finite numbers in 180 rows", {"X": SLEEP[["Subject"]]}),
    (RankError, "the column x3 of X depends on those before", {"X": np.c_[X, 2 * DAYS]}),
    (OptionError, "term 1 must be a pair (labels, columns), not ndarray", {"terms": [SUBJECT]}),
    (OptionError, "the labels of term 1 must be 180", {"terms": [(SUBJECT[1:], None)]}),
    (OptionError, "none of them missing", {"terms": [([None] * 180, None)]}),
    (OptionError, "of one kind", {"terms": [([1, "a"] * 90, None)]}),
    (OptionError, "the columns of term 1 must be", {"terms": [(SUBJECT, X[1:])]}),
    (OptionError, "terms must be a list, not ndarray", {"terms": SUBJECT}),
    (OptionError, "X must be finite numbers in 180 rows", {"X": None}),
    (OptionError, "y must be 1 finite numbers", {"y": None}),
    (
        OptionError,
        "two different groups are called Subject",
        {"terms": [(SLEEP["Subject"], None), (SLEEP["Days"].rename("Subject"), None)]},
    ),
    (
        OptionError,
        "two different groups are called Subject",
        {
            "terms": [
                (SLEEP["Subject"], None),
                (SLEEP["Subject"].sample(frac=1.0, random_state=1).set_axis(SLEEP.index), None),
            ]
        },
    ),
    (
        OptionError,
        "two different columns are called x2: rename one",
        {"terms": [(SUBJECT, pd.DataFrame({"x2": DAYS**2}))]},
    ),
    (
        OptionError,
        "two different columns are called (Intercept): rename one",
        {"X": pd.DataFrame({"(Intercept)": DAYS}), "terms": [(SUBJECT, None)]},
    ),
    (
        OptionError,
        "two different columns are called a: rename one",
        {"X": pd.DataFrame(X, columns=["a", "a"])},
    ),
    (
        OptionError,
        "two different columns are called a: rename one",
        {"terms": [(SUBJECT, pd.DataFrame(np.c_[DAYS**2, DAYS**3], columns=["a", "a"]))]},
    ),
    (
        OptionError,
        "two different columns are called a: rename one",
        {"terms": [(SLEEP["Subject"], pd.DataFrame({"a": DAYS**k})) for k in (2, 3)]},
    ),
    (GroupError, "the single level 'a'", {"terms": [(["a"] * 180, None)]}),
    (SaturatedError, "180 observations cannot tell", {"terms": [(np.arange(180), None)]}),
    (WeightsError, "positive or zero, and row 0 has -1", {"weights": np.arange(-1, 179.0)}),
    (WeightsError, "all of them are zero", {"weights": np.zeros(180)}),
    (WeightsError, "weights must be 180 finite numbers", {"weights": "w"}),
    (OffsetError, "offset must be 180 finite numbers", {"offset": [1.0]}),
    (OptionError, "route must be one of", {"route": "direct"}),
    (OptionError, "reml must be True or False", {"reml": "yes"}),
    (OptionError, "theta must be 3 finite numbers", {"theta": [1.0]}),
]


@pytest.mark.parametrize(("kind", "words", "change"), WRONG, ids=[w for _, w, _ in WRONG])
def test_what_is_wrong_is_said_in_one_sentence(
    kind: type[RefmixedError], words: str, change: dict[str, Any]
) -> None:
    arguments = {"y": Y, "X": X, "terms": [(SUBJECT, X)]} | change
    with pytest.raises(kind) as caught:
        rm.fit(**arguments)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((3, [(SUBJECT, X)]), "X must be finite numbers"),
        ((X, 3), "the terms of newdata must be a list"),
        (SLEEP, "newdata of a fit to arrays must be a pair (X, terms), not DataFrame"),
        ((X[:, :1], [(SUBJECT, X)]), "newdata must be 2 columns X and 1 terms"),
        ((X, []), "newdata must be 2 columns X and 1 terms"),
        ((X, [(SUBJECT, None)]), "term 1 must have 2 columns"),
        ((X, [(SUBJECT[1:], X)]), "the labels of term 1 must be 180"),
    ],
)
def test_new_rows_of_another_shape_are_refused(rows: Any, words: str) -> None:
    with pytest.raises(OptionError) as caught:
        FIT.predict(rows)
    assert words in str(caught.value)


def test_without_random_effects_there_is_nothing_to_eliminate() -> None:
    y, X = np.arange(9.0) % 4, np.column_stack([np.ones(9), np.arange(9.0)])
    with pytest.raises(
        rm.errors.OptionError, match="'blocked' needs a random term: take 'penalized'"
    ):
        rm.fit(y, X, [], route="blocked")
