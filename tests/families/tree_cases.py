"""Small models of LightGBM, with gaps and categories, and rows to ask them about."""

from functools import cache
from typing import Any

import numpy as np

from assay.core.arrays import Float32Array

FEATURES = 4


def grown_on(x: Float32Array, y: Any, rounds: int = 4, *, categories: tuple[int, ...] = (3,), **given: Any) -> Any:
    """A booster of some rounds; of two classes unless another objective is given."""
    import lightgbm

    fixed = {"objective": "binary", "num_leaves": 6, "num_threads": 1, "verbosity": -1, "min_data_per_group": 5}
    data = lightgbm.Dataset(x, y, categorical_feature=list(categories))
    return lightgbm.train({**fixed, "min_data_in_leaf": 5, "seed": 1, **given}, data, rounds)


@cache
def text(n_classes: int = 2) -> str:
    """LightGBM's own text for a model with categories, gaps and several trees."""
    draw = np.random.default_rng(0)
    x = rows(400)
    y = (x[:, 1] + x[:, 3] % 3 > 1).astype(int) + (draw.random(400) < 0.3) * (n_classes - 2)
    objective = {"objective": "binary"} if n_classes == 2 else {"objective": "multiclass", "num_class": n_classes}
    found: str = grown_on(x, y, **objective).model_to_string()
    return found


def rows(n: int, seed: int = 0) -> Float32Array:
    """Three columns of numbers, the first with gaps, and one of categories."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(n, FEATURES)).astype(np.float32)
    x[::5, 0] = np.nan
    x[:, 3] = draw.integers(0, 9, n)
    return x
