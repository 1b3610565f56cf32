"""The data are those of R's lme4, and each says what it is."""

import hashlib
import json
from importlib.resources import files
from types import ModuleType

import pytest

from refmixed.datasets import list_datasets, load_dataset
from refmixed.errors import DatasetError, RefmixedError
from validation.adapters import r

FOLDER = files("refmixed") / "data"
PROVENANCE = (FOLDER / "PROVENANCE.md").read_text("ascii")
CATALOGUE = json.loads((FOLDER / "catalogue.json").read_text("ascii"))
NAMES = [
    "sleepstudy",
    "Dyestuff",
    "Dyestuff2",
    "Penicillin",
    "Pastes",
    "cake",
    "cbpp",
    "grouseticks",
]

IDENTICAL = """function(ours, name) {
  data(list = name, package = "lme4", envir = environment())
  identical(ours, get(name, inherits = FALSE))
}"""


def test_there_are_the_eight() -> None:
    table = list_datasets()
    assert list(table.index) == NAMES
    assert list(table.columns) == ["rows", "columns", "description"]
    assert table["description"].str.len().between(20, 90).all()


@pytest.mark.parametrize("name", NAMES)
def test_identical_to_lme4(lme4: ModuleType, name: str) -> None:
    data = load_dataset(name)
    assert r.ask(IDENTICAL, data, name) == [True]
    number = str(data.select_dtypes("number").columns[0])
    data[number] = data[number] * (1 + 2**-52)  # the check can fail
    assert r.ask(IDENTICAL, data, name) == [False]


@pytest.mark.parametrize("name", NAMES)
def test_shape_is_the_catalogue_s(name: str) -> None:
    data = load_dataset(name)
    assert data.shape == (list_datasets().loc[name, "rows"], list_datasets().loc[name, "columns"])
    assert data.attrs["name"] == name
    assert not data.isna().any(axis=None)


@pytest.mark.parametrize("name", NAMES)
def test_every_level_occurs(name: str) -> None:
    for _, column in load_dataset(name).select_dtypes("category").items():
        assert set(column) == set(column.cat.categories)


def test_levels_are_in_the_order_of_r() -> None:
    cake = load_dataset("cake")
    assert list(cake["replicate"].cat.categories) == [str(i) for i in range(1, 16)]
    assert cake["temperature"].cat.ordered
    assert list(cake["temperature"].cat.categories) == ["175", "185", "195", "205", "215", "225"]
    assert cake["angle"].dtype == "int64"
    assert load_dataset("sleepstudy")["Subject"].iloc[0] == "308"
    assert list(load_dataset("cbpp")["herd"].cat.categories) == [str(i) for i in range(1, 16)]


def test_numbers_are_the_nearest_doubles() -> None:
    text = (FOLDER / "sleepstudy.csv").read_text("ascii").splitlines()[1:]
    assert load_dataset("sleepstudy")["Reaction"].tolist() == [float(t.split(",")[0]) for t in text]


def test_herds_and_broods_are_as_told() -> None:
    herds = load_dataset("cbpp")["herd"].value_counts()
    assert (herds["2"], herds["8"], set(herds.drop(["2", "8"]))) == (3, 1, {4})
    ticks = load_dataset("grouseticks")
    assert (ticks.groupby("BROOD", observed=True)["LOCATION"].nunique() == 1).all()
    assert ticks["BROOD"].value_counts().eq(1).sum() == 18
    centred = ticks["HEIGHT"] - ticks["HEIGHT"].mean()
    assert ticks["cHEIGHT"].tolist() == pytest.approx(centred.tolist(), abs=1e-12)


def test_a_change_stays_with_the_caller() -> None:
    cake = load_dataset("cake")
    cake.loc[0, "angle"] = -1
    assert load_dataset("cake").loc[0, "angle"] == 42


@pytest.mark.parametrize("name", NAMES)
def test_provenance_vouches_for_the_bytes(name: str) -> None:
    digest = hashlib.sha256((FOLDER / f"{name}.csv").read_bytes()).hexdigest()
    assert f"| `{name}.csv` | {CATALOGUE[name]['rows']} | `{digest}` |" in PROVENANCE


@pytest.mark.parametrize("name", NAMES)
def test_provenance_has_every_column_and_unit(name: str) -> None:
    section = PROVENANCE.split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = {line.split("|")[1].strip(" `"): line for line in section.splitlines() if "| `" in line}
    columns = CATALOGUE[name]["columns"]
    assert list(rows) == list(columns)
    for column, spec in columns.items():
        assert spec["type"] in rows[column]
        assert f"| {spec.get('unit', '')}" in rows[column]


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(DatasetError, match=r"no data set 'sleep_study'.*'sleepstudy'") as caught:
        load_dataset("sleep_study")
    assert isinstance(caught.value, RefmixedError)
