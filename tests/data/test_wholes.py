"""Whole sequences as rows."""

import numpy as np
import polars as pl
import pytest

import assay
from assay.core.errors import DataError
from assay.data._wholes import as_wholes
from assay.data._wishes import Wishes


def test_steps_become_what_they_say_together() -> None:
    steps = {"id": ["a", "a", "a", "b"], "level": [1.0, 2.0, 6.0, 5.0], "y": [1, 1, 1, 0]}
    steps["word"] = ["up", None, "down", "x"]
    table, wishes = as_wholes(pl.DataFrame(steps), Wishes(target="y", sequence="id", numeric=("level",)))
    first, second = table.to_dicts()
    assert (first["id"], first["word"], first["y"]) == ("a", "up down", 1)
    told = [first[f"level: {what}"] for what in ("mean", "least", "most", "first", "last", "slope")]
    assert told == pytest.approx([3.0, 1.0, 6.0, 1.0, 6.0, 2.5])
    assert second["level: spread"] == 0.0
    assert (wishes.sequence, wishes.numeric) == ("id", ())


def test_rows_that_are_sequences_stay() -> None:
    table = pl.DataFrame({"id": [1, 2], "level": [1.0, 2.0]})
    assert as_wholes(table, Wishes(target="y", sequence="id"))[0] is table
    assert as_wholes(table, Wishes(target="y"))[0] is table


def test_power_tells_slow_from_fast() -> None:
    time = np.arange(60)
    slow, fast = np.sin(time / 8), np.sin(2.8 * time)
    steps = pl.DataFrame({"id": np.repeat(["slow", "fast"], 60), "level": np.r_[slow, fast]})
    table, _ = as_wholes(steps, Wishes(target="y", sequence="id"))
    low, high = table["level: power in band 1"].to_list(), table["level: power in band 3"].to_list()
    assert low[0] > 0.9 > 0.1 > low[1]
    assert high[1] > 0.9 > 0.1 > high[0]


def test_gaps_are_passed_over() -> None:
    steps = pl.DataFrame({"id": ["a", "a", "b", "b"], "level": [None, 4.0, None, None]})
    table, _ = as_wholes(steps, Wishes(target="y", sequence="id"))
    assert table["level: mean"].to_list() == [4.0, None]


def test_one_label_for_a_sequence() -> None:
    steps = pl.DataFrame({"id": ["a", "a"], "level": [1.0, 2.0], "y": [0, 1]})
    with pytest.raises(DataError, match=r"one sequence: id 'a' \(1 of them\)[\s\S]*--task tagging"):
        as_wholes(steps, Wishes(target="y", sequence="id"))


def test_signals_are_told_apart_by_their_pace() -> None:
    draw, rows = np.random.default_rng(0), []
    for number in range(80):
        pace = 0.3 if number % 2 else 1.5
        signal = np.sin(pace * np.arange(30) + draw.uniform(0, 6)) + draw.normal(0, 0.3, 30)
        rows += [(number, float(value), "slow" if number % 2 else "fast") for value in signal]
    table = pl.DataFrame(rows, schema=["id", "level", "kind"], orient="row")
    run = assay.fit(table, "kind", sequence="id", families=["linear"], folds=4, time=0, metric="accuracy")
    assert run.evidence.scores["accuracy"] > 0.95
    assert run.predict(table.filter(pl.col("id") < 2).drop("kind")).tolist() == ["fast", "slow"]
    assert run.evaluate(table).rows == 80
