"""What the report says of several labels."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import assay
from assay.report._facts import Facts, gather
from assay.report._labels import section, together
from assay.report._page import page


@pytest.fixture(scope="module")
def run(folder: Path) -> assay.Run:
    """A fitted run in which every row with one label has another."""
    x = np.random.default_rng(0).normal(size=(300, 2))
    odd, both = x[:, 0] > 0, x[:, 0] > 1
    rows = [["<b>odd</b>"] * bool(one) + ["both"] * bool(other) for one, other in zip(odd, both, strict=True)]
    table = pl.DataFrame({"x": x[:, 0], "z": x[:, 1], "tags": pl.Series(rows, dtype=pl.List(pl.String))})
    return assay.fit(table, "tags", families=["linear"], folds=3, time=0, out=folder / "labels")


@pytest.fixture(scope="module")
def facts(run: assay.Run) -> Facts:
    return gather(run)


def test_labels_stand_by_how_often_they_are_there(facts: Facts) -> None:
    found = section(facts)
    assert [row["name"] for row in found.shown["rows"]] == ["<b>odd</b>", "both"]
    wanted = dict(zip(facts.labels, facts.y.sum(axis=0).tolist(), strict=True))
    assert {row["name"]: row["support"] for row in found.shown["rows"]} == wanted


def test_what_goes_together_is_told(facts: Facts) -> None:
    shares = together(facts, np.arange(2))
    number = facts.labels.index("both")
    assert shares[number].tolist() == [1.0, 1.0]
    assert "Of the rows with ‘both’, 100% also have ‘<b>odd</b>’" in section(facts).says[-1]


def test_the_page_speaks_of_labels(run: assay.Run) -> None:
    html = page(run)
    assert "Micro F1" in html
    assert "&lt;b&gt;odd&lt;/b&gt;" in html
    assert "<b>odd</b>" not in html.replace("\\u003cb\\u003e", "")
    assert "for the labels that they carry" in html
