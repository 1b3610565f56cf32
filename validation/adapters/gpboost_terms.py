"""The random terms of gpboost's models: what its adapters share."""

from __future__ import annotations

from typing import Any

import numpy as np

from .frames import Array, Arrays


def slopes(arrays: Arrays) -> list[int]:
    """The terms whose effect is not the intercept."""
    return [t for t, block in enumerate(arrays.blocks) if not (block.x == 1).all()]


def order(arrays: Arrays) -> list[int]:
    """The place of each term among its own, which are intercepts first."""
    steep = slopes(arrays)
    own = [*(t for t in range(len(arrays.blocks)) if t not in steep), *steep]
    return [own.index(t) for t in range(len(own))]


def columns(arrays: Arrays, chosen: list[int]) -> Array | None:
    """The effects of some terms side by side; None where there are none."""
    return np.column_stack([arrays.blocks[t].x for t in chosen]) if chosen else None


def structure(arrays: Arrays) -> dict[str, Any]:
    """The random terms, as GPModel takes them."""
    steep = slopes(arrays)
    return {
        "group_data": np.column_stack([block.codes for block in arrays.blocks]).astype(str),
        "group_rand_coef_data": columns(arrays, steep),
        "ind_effect_group_rand_coef": [t + 1 for t in steep] or None,
        "drop_intercept_group_rand_effect": [t in steep for t in range(len(arrays.blocks))]
        if steep
        else None,
    }


def ranef(model: Any, arrays: Arrays) -> list[Array]:
    """The random effects (J, 1) of each term."""
    rows = np.asarray(model.predict_training_data_random_effects())
    return [
        np.array([[rows[block.codes == j, place][0]] for j in range(block.levels)])
        for block, place in zip(arrays.blocks, order(arrays), strict=True)
    ]
