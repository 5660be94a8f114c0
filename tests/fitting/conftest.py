"""Small tables on which fits take no time."""

import numpy as np
import polars as pl
import pytest

from assay.core.clock import Budget
from assay.data.prepare import Wishes
from assay.fitting._work import Work
from assay.fitting.assembly import Outcome
from assay.fitting.begin import begin_asked
from assay.fitting.fit import fit_plan
from assay.fitting.planning import Request


def made_table(rows: int = 240, classes: int = 2, seed: int = 0) -> pl.DataFrame:
    """A table with two telling numbers, a category with gaps, a noise column and a target."""
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, rows)
    colour = np.where(random.uniform(size=rows) < 0.7, y, random.integers(0, classes, rows))
    return pl.DataFrame(
        {
            "width": random.normal(size=rows) + y,
            "height": random.normal(size=rows) - 0.5 * y,
            "noise": random.normal(size=rows),
            "colour": [None if random.uniform() < 0.05 else f"colour {c}" for c in colour],
            "kind": [f"class {label}" for label in y],
        }
    )


def made_work(table: pl.DataFrame, families: tuple[str, ...] = ("linear",), **asked: object) -> Work:
    """Work on a table, with the target ``kind``."""
    request = Request(wishes=Wishes(target="kind"), families=families, threads=1, **asked)  # type: ignore[arg-type]
    return begin_asked(table, request)


def fitted(work: Work, seconds: float = float("inf")) -> Outcome:
    """The work fitted without a folder."""
    return fit_plan(work, budget=Budget(seconds))


@pytest.fixture(scope="session")
def outcome() -> Outcome:
    """A small fit that several tests look at and none changes."""
    return fitted(made_work(made_table(), ("linear", "boosted"), folds=3))
