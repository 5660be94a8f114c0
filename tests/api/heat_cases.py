"""Small runs on pictures, for the tests of heat maps."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import assay
from assay.core.arrays import Pixels
from assay.data.prepare import Wishes
from assay.fitting.plan import Candidate, Plan

PLAIN = "INPUT -> CONV(6, pad=0) -> RELU -> POOL -> FC(8) -> RELU -> FC"
PADDED = "INPUT -> CONV(6) -> RELU -> POOL -> FC(8) -> RELU -> FC"
SIDE = 8
_QUICK = {"epochs": 6, "batch": 16, "rate": 0.02, "flip": False, "crop": 0, "colour": 0.0, "cutout": 0, "mixup": 0.0}


def table(rows: int = 60, channels: int = 1) -> pl.DataFrame:
    """Bright bars that lie or stand, on noise."""
    draw = np.random.default_rng(0)
    y = np.arange(rows) % 2
    pixels = draw.integers(0, 80, (rows, SIDE, SIDE, channels))
    for picture, standing in zip(pixels, y.tolist(), strict=True):
        place = int(draw.integers(1, 6))
        bar = np.s_[:, place : place + 2] if standing else np.s_[place : place + 2]
        picture[bar] += 150
    labels = np.where(y == 1, "standing", "lying")
    return pl.DataFrame({"picture": pl.Series(pixels.astype(np.uint8)), "label": labels})


def fitted(
    out: Path,
    settings: dict[str, Any],
    given: pl.DataFrame | None = None,
    family: str = "pattern",
    *,
    task: str = "binary",
) -> Path:
    """A run of one net on two folds."""
    candidate = Candidate("own", family, {**_QUICK, **settings})
    wishes = Wishes(target="label")
    metric = "rmse" if task == "regression" else "log_loss"
    plan = Plan(wishes, task, metric, (candidate,), folds=2, seconds=0.0, threads=1)
    assay.fit(table() if given is None else given, plan=plan, out=out)
    return out


def large(height: int = 21, width: int = 26) -> Pixels:
    """A picture with a bar of each kind, grey."""
    picture = np.random.default_rng(1).integers(0, 80, (height, width, 1))
    picture[3:5, 1:9] += 150
    picture[10:18, 20:22] += 150
    return picture.astype(np.uint8)
