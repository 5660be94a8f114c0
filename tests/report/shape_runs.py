"""Fitted runs with an additive model, for the tests of its shapes."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

import assay

ROWS = 400


def shape_run(out: Path, kind: str = "two") -> assay.Run:
    """A number with gaps that counts by its size, a category with a hostile level; with two classes also a date."""
    draw = np.random.default_rng(0)
    x, code = draw.normal(size=ROWS), draw.integers(0, 3, ROWS)
    total = 3 * np.abs(x) + 2.0 * (code == 1) + draw.logistic(size=ROWS)
    labels = {
        "two": np.where(total > 3, "yes", "<b>no</b>"),
        "three": np.array(["low", "middle", "<b>high</b>"])[np.digitize(total, [2.0, 4.0])],
        "number": 100 + 10 * total,
    }
    table = pl.DataFrame(
        {
            "<i>size</i>": [None if number % 11 == 0 else float(value) for number, value in enumerate(x)],
            "kind": np.array(["plain", "<b>odd</b>", "other"])[code],
            "seen": [datetime(2020, 1, 1) + timedelta(hours=float(hour)) for hour in draw.integers(0, 9_999, ROWS)],
            "label": labels[kind],
        }
    )
    if kind != "two":
        table = table.drop("seen")
    return assay.fit(table, "label", families=["additive"], folds=3, time=0, out=out)
