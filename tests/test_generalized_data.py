"""The data for generalized models are what their descriptions say."""

import numpy as np
import pandas as pd
import pytest

from validation.made import generalized
from validation.suite import tables

YES_OR_NO = [
    ("rare", "y"),
    ("separated", "y"),
    ("crossed", "y"),
    ("binary-slopes", "y"),
    ("Contraception", "use"),
    ("guImmun", "immun"),
    ("VerbAgg", "r2"),
    ("bacteria", "y"),
    ("respiratory", "outcome"),
    ("schizophrenia2", "disorder"),
    ("toenail", "outcome"),
]
COUNTS = [
    ("single", "y"),
    ("huge", "y"),
    ("olre", "y"),
    ("exposure", "y"),
    ("grouseticks", "TICKS"),
    ("Mmmec", "deaths"),
    ("epil", "y"),
    ("Traffic", "y"),
]
TRIALS = [("zero", "successes"), ("nested", "successes"), ("cbpp", "incidence")]
POSITIVE = [("gammas", "y"), ("Wheat", "DryMatter")]
MADE = [name for name, _ in YES_OR_NO[:4] + COUNTS[:4] + TRIALS[:2] + POSITIVE[:1]]


def frame(name: str) -> pd.DataFrame:
    return tables.load(name).frame()


@pytest.mark.parametrize(("name", "column"), YES_OR_NO)
def test_a_response_of_two_levels_is_zero_and_one(name: str, column: str) -> None:
    assert set(tables.load(name).columns[column]) == {"0", "1"}


@pytest.mark.parametrize(("name", "column"), COUNTS)
def test_counts_are_whole_numbers(name: str, column: str) -> None:
    assert all(text.isdigit() for text in tables.load(name).columns[column])


@pytest.mark.parametrize(("name", "column"), TRIALS)
def test_there_are_no_more_successes_than_trials(name: str, column: str) -> None:
    data = frame(name)
    assert all(text.isdigit() for text in tables.load(name).columns[column])
    assert data[column].between(0, data["size"]).all()


@pytest.mark.parametrize(("name", "column"), POSITIVE)
def test_positive_responses_are_positive(name: str, column: str) -> None:
    assert frame(name)[column].min() > 0


@pytest.mark.parametrize("name", MADE)
def test_made_sets_are_small(name: str) -> None:
    assert len(tables.load(name)) <= 200


def test_events_are_rare() -> None:
    data = frame("rare")
    assert 0 < data["y"].mean() <= 0.05
    assert (data.groupby("g", observed=True)["y"].sum() == 0).mean() > 0.5


def test_one_value_of_x_separates_no_from_yes() -> None:
    data = frame("separated")
    assert data["x"][data["y"] == 0].max() < data["x"][data["y"] == 1].min()


def test_groups_with_the_same_successes_have_no_variance_between_them() -> None:
    """Laplace's log-likelihood of a group is at most that of a common logit, less log(1) / 2."""
    totals = frame("zero").groupby("g", observed=True)[["successes", "size"]].sum()
    assert totals.drop_duplicates().to_numpy().tolist() == [[16, 40]]


def test_labels_of_nested_groups_are_repeated() -> None:
    cells = frame("nested").groupby(["a", "b"], observed=True).size()
    assert cells.to_dict() == {(f"a0{i}", f"b0{j}"): 3 for i in range(1, 7) for j in range(1, 5)}


def test_every_rater_judges_every_item_twice() -> None:
    pairs = frame("crossed").groupby(["rater", "item"], observed=True).size()
    assert (len(pairs), set(pairs)) == (80, {2})


def test_x_varies_within_groups_that_have_slopes() -> None:
    data = frame("binary-slopes")
    assert data.groupby("g", observed=True)["x"].nunique().min() > 1


def test_a_level_may_have_one_row() -> None:
    assert frame("single")["g"].is_unique
    overdispersed = frame("olre")
    assert overdispersed["row"].is_unique
    assert overdispersed["g"].nunique() == 12


def test_huge_counts_are_of_1e5_to_1e6() -> None:
    assert frame("huge")["y"].between(1e5, 1e6).all()


def test_exposures_go_from_1_to_400_and_groups_from_1_to_16() -> None:
    data = frame("exposure")
    sizes = data["g"].value_counts()
    assert (sizes.min(), sizes.max()) == (1, 16)
    assert data["logexposure"].between(0, 5.992).all()
    assert np.ptp(data["logexposure"]) > 5


def test_gammas_are_thirtyfold_apart() -> None:
    y = frame("gammas")["y"]
    assert 25 < y.max() / y.min() < 35


def test_what_was_left_out_of_the_real_sets() -> None:
    verbal = frame("VerbAgg").groupby(["id", "item"], observed=True).size()
    assert (len(verbal), set(verbal)) == (25 * 24, {1})
    immun = frame("guImmun")
    assert immun["comm"].value_counts().max() < 10
    assert (immun.groupby("mom", observed=True)["comm"].nunique() == 1).all()
    assert len(frame("schizophrenia2")) == 44 * 5 - 16


def test_a_patient_is_a_center_and_a_number() -> None:
    patients = frame("respiratory").groupby(["center", "id"], observed=True).size()
    assert (len(patients), set(patients)) == (111, {4})
    assert frame("respiratory")["id"].nunique() == 56


@pytest.mark.numerical
def test_chances_and_rates_are_the_same_on_every_processor() -> None:
    eta = np.linspace(-5, 5, 1001)
    for rounded, exact in [
        (generalized.rates(eta), np.exp(eta)),
        (generalized.chances(eta), 1 / (1 + np.exp(-eta))),
    ]:
        np.testing.assert_allclose(rounded, exact, atol=0.5000001e-6, rtol=0)
        np.testing.assert_array_equal(rounded, (exact * (1 + 2**-51)).round(6))
