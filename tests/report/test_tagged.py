"""What the report says of tagged sequences."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import assay
from assay.report._facts import Facts, gather
from assay.report._page import page
from assay.report._tagged import section


@pytest.fixture(scope="module")
def run(folder: Path) -> assay.Run:
    """Sentences with a word whose tag is a matter of luck, and hostile ones."""
    draw = np.random.default_rng(0)
    rows = []
    for number in range(150):
        kind = draw.choice(["x", "y"]) if number % 3 else "x"
        rows += [(number, "to", "O"), (number, "<b>lima</b>", f"B-{kind}"), (number, "now", "O")]
    table = pl.DataFrame(rows, schema=["sequence", "word", "tag"], orient="row")
    return assay.fit(table, task="tagging", families=["crf"], folds=2, time=0, out=folder / "tagged")


@pytest.fixture(scope="module")
def facts(run: assay.Run) -> Facts:
    return gather(run)


def test_types_stand_by_how_often_they_are_there(facts: Facts) -> None:
    found = section(facts)
    assert [row["name"] for row in found.shown["rows"]] == ["x", "y"]
    assert found.shown["rows"][0]["count"] + found.shown["rows"][1]["count"] == 150
    right = (facts.truth == facts.decided).reshape(-1, 3).all(axis=1).mean()
    assert f"150 sequences were tested; {100 * right:.1f}% of them are right" in found.says[0]


def test_the_worst_sequences_are_shown_step_by_step(facts: Facts) -> None:
    steps = section(facts).shown["sequences"][0]
    assert [step["text"] for step in steps] == ["to", "<b>lima</b>", "now"]
    assert [step["wrong"] for step in steps] == [False, True, False]


def test_what_follows_what_is_drawn(facts: Facts) -> None:
    (data,) = section(facts).charts["follows"].spec["datasets"].values()
    shares = {(cell["tag"], cell["next"]): cell["share"] for cell in data}
    assert shares["B-x", "O"] == 1.0
    assert shares["O", "B-x"] + shares["O", "B-y"] == pytest.approx(1.0)


def test_the_page_speaks_of_steps(run: assay.Run) -> None:
    html = page(run)
    assert "of the steps" in html
    assert "&lt;b&gt;lima&lt;/b&gt;" in html
    assert 'class="step off"' in html
