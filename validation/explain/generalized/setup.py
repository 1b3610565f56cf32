"""A formula, data and a family: designs whose responses are successes, counts or positive."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import pandas as pd

from refmixed.design import Design
from refmixed.glm.model import Model
from refmixed.glm.named import Named, named
from refmixed.glm.response import family_of, reader
from refmixed.r.design import design

from ..account import Account
from ..setup import Setup, is_number

FACTOR = r"(?:as\.)?factor\((\w+)\)"


@dataclass(frozen=True, eq=False)
class GeneralizedSetup(Setup):
    """What a generalized model is made of.  law: a family and a link, as glmer() takes them."""

    law: str = "binomial"

    @classmethod
    def of(cls, formula: str, data: pd.DataFrame, weights: str | None, law: str) -> Self:
        """With columns in place of factor(column), so that their levels can be changed."""
        called = dict.fromkeys(re.findall(FACTOR, formula))
        factors = {name: categories(data[name]) for name in called if name in data}
        plain = re.sub(FACTOR, lambda found: found[1] if found[1] in factors else found[0], formula)
        return cls(plain, data.assign(**factors), weights, law=law)

    @cached_property
    def named(self) -> Named:
        """The family and the link.  Raises FamilyError."""
        return named(self.law)

    def read(self) -> Design:
        """The arrays, the response as the family takes it.  Raises RefmixedError."""
        read = reader(self.named, self.weights is not None)
        return design(
            self.formula, self.data, weights=self.weights, allow_saturated=True, read=read
        )


def as_told(data: pd.DataFrame, accounts: Sequence[Account]) -> pd.DataFrame:
    """Numbers that all accounts have as levels of a factor, period2 and period3, as such."""
    names = [set(one.names("beta")) for one in accounts if one.of("beta")]
    factors = {
        column: categories(data[column])
        for column in data.columns
        if names and is_number(data[column]) and all(levels_of(data, column) & one for one in names)
    }
    return data.assign(**factors)


def levels_of(data: pd.DataFrame, column: str) -> set[str]:
    """What the effects of a column's numbers are called where it is a factor."""
    return {f"{column}{value:g}" for value in data[column].dropna().unique()}


def categories(column: pd.Series) -> pd.Series:
    """A column as a factor: the levels of numbers in their order, labelled as R writes them."""
    if not is_number(column):
        return column.astype("category")
    levels = [f"{value:g}" for value in sorted(column.dropna().unique())]
    labels = column.map("{:g}".format, na_action="ignore")
    return labels.astype(pd.CategoricalDtype(levels))


def model(design: Design, law: Named, dialect: str) -> Model:
    """A design as a model of a family; one without random effects, too.  Raises ResponseError."""
    route = "blocked" if design.terms else "penalized"
    return Model(design, family_of(law, design), dialect, route)
