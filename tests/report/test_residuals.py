"""What the report says of predicted numbers."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import assay
from assay.report._facts import Facts, gather
from assay.report._page import page
from assay.report._residuals import grouped, section


@pytest.fixture(scope="module")
def run(folder: Path) -> assay.Run:
    """A fitted run whose errors grow with the number."""
    random = np.random.default_rng(0)
    x = random.uniform(0, 10, 400)
    table = pl.DataFrame({"x": x, "noise": random.normal(size=400), "y": 3 * x + x * random.normal(0, 0.4, 400)})
    return assay.fit(table, "y", families=["linear"], folds=4, time=0, interval=0.8, out=folder / "numbers")


@pytest.fixture(scope="module")
def facts(run: assay.Run) -> Facts:
    return gather(run)


def test_groups_hold_all_rows_by_their_prediction(facts: Facts) -> None:
    groups = grouped(facts)
    assert sum(group.rows for group in groups) == 400
    assert all(one.high <= two.low for one, two in pairwise(groups))
    mean = sum(group.off * group.rows for group in groups) / 400
    assert mean == pytest.approx(np.abs(facts.outputs[:, 0] - facts.y).mean())


def test_it_says_where_errors_are_largest_and_what_the_intervals_hold(facts: Facts) -> None:
    found = section(facts)
    worst = max(grouped(facts), key=lambda group: group.off)
    assert worst.low > np.median(facts.outputs[:, 0])
    assert "furthest off between" in found.says[1]
    held = ((facts.outputs[:, 1] <= facts.y) & (facts.y <= facts.outputs[:, 2])).mean()
    assert f"hold {100 * held:.1f}% of the truths" in found.says[2]
    assert all(group["inside"] for group in found.shown["groups"])


def test_the_page_speaks_of_numbers(run: assay.Run) -> None:
    html = page(run)
    assert "Off by" in html
    assert "In the 80.0% interval" in html
    assert "Nine rows in ten are off by less than" in html
    assert "accuracy" not in html


def test_without_an_interval_there_is_no_talk_of_one(folder: Path) -> None:
    x = np.linspace(0, 1, 60)
    plain = assay.fit(
        pl.DataFrame({"x": x, "y": x**2}), "y", families=["linear"], folds=3, time=0, out=folder / "plain"
    )
    found = section(gather(plain))
    assert len(found.says) == 2
    assert found.shown["interval"] == ""
