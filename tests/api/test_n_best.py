"""The most probable taggings of a sequence."""

from pathlib import Path

import polars as pl
import pytest

import assay
from assay.core.errors import PlanError

STEPS = [
    (n, word, tag)
    for n in range(60)
    for word, tag in zip(("to", "lima", "city"), ("O", "B-x", "I-x") if n % 3 else ("O", "B-y", "I-y"), strict=True)
]
TABLE = pl.DataFrame(STEPS, schema=["sequence", "word", "tag"], orient="row")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    return assay.fit(
        TABLE, task="tagging", families=["crf"], folds=2, time=0, out=tmp_path_factory.mktemp("n-best") / "run"
    )


def test_taggings_come_by_probability_and_make_sense(run: assay.Run) -> None:
    (ways,) = run.n_best(TABLE.head(3).drop("tag"), n=4)
    assert ways[0].tags == ("O", "B-x", "I-x")
    assert ways[1].tags == ("O", "B-y", "I-y")
    chances = [way.probability for way in ways]
    assert chances == sorted(chances, reverse=True)
    assert 0.9 < sum(chances) <= 1.0
    assert chances[0] == pytest.approx(2 / 3, abs=0.1)


def test_sequences_keep_their_order(run: assay.Run) -> None:
    table = pl.DataFrame({"sequence": ["z", "a", "a", "m"], "word": ["to", "to", "lima", "city"]})
    assert [len(ways[0].tags) for ways in run.n_best(table, n=1)] == [1, 2, 1]


def test_a_run_without_a_chain_has_none(tmp_path: Path, run: assay.Run) -> None:
    table = pl.DataFrame({"x": [1.0, 2.0] * 20, "y": ["a", "b"] * 20})
    plain = assay.fit(table, "y", families=["linear"], folds=2, time=0, out=tmp_path / "plain")
    with pytest.raises(PlanError, match=r"without a chain of tags[\s\S]*--families crf"):
        plain.n_best(table)
    with pytest.raises(PlanError, match="n = 0"):
        run.n_best(TABLE, n=0)
