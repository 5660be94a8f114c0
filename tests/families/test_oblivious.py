"""Oblivious trees as arrays: scores as CatBoost's own, and forged ones refused."""

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.families._oblivious import Oblivious


def _trees() -> Oblivious:
    """A stump on column 1 at 0.5, then a tree of two levels: column 0 at 0, column 1 at 1."""
    return Oblivious(
        2,
        np.array([1, 2], np.uint8),
        np.array([1, 0, 1], np.int32),
        np.array([0.5, 0.0, 1.0], np.float32),
        np.array([[1], [2], [10], [20], [30], [40]], np.float32),
        np.array([0.25]),
    )


@pytest.mark.parametrize(
    ("row", "score"),
    [
        ([-1, 0], 11.25),
        ([1, 0], 21.25),
        ([1, 2], 42.25),
        ([-1, 2], 32.25),
        ([0, 0.5], 11.25),
        ([np.nan, np.nan], 11.25),
    ],
)
def test_the_bits_of_a_leaf_are_the_answers_of_its_levels(row, score):
    assert _trees().scores(np.array([row], np.float32)) == pytest.approx(score)


def test_rows_are_looked_up_in_parts(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    whole = _trees().scores(rows)
    monkeypatch.setattr("assay.families._oblivious._CELLS", 14)
    assert np.array_equal(_trees().scores(rows), whole)
    assert _trees().scores(rows[:0]).shape == (0, 1)


def test_trees_that_were_read_score_as_those_that_were_written():
    rows = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    assert np.array_equal(Oblivious.from_state(_trees().state()).scores(rows), _trees().scores(rows))


@pytest.mark.parametrize(
    ("key", "forged", "why"),
    [
        ("depth", lambda depth: depth[::-1].copy(), "out of order"),
        ("depth", lambda depth: depth + np.uint8(40), "out of order"),
        ("depth", lambda depth: depth + np.uint8(1), "levels are missing"),
        ("feature", lambda feature: feature + 1, "a column that is not there"),
        ("feature", lambda feature: -feature, "a column that is not there"),
        ("border", lambda border: border[:-1], "levels are missing"),
        ("border", lambda border: border * np.float32(np.nan), "no number"),
        ("leaves", lambda leaves: leaves[:-1], "leaves are missing"),
        ("leaves", lambda leaves: leaves * np.float32(np.inf), "no number"),
        ("bias", lambda bias: np.array([1.0, 2.0]), "leaves are missing"),
    ],
)
def test_forged_trees_are_refused(key, forged, why):
    state = _trees().state()
    with pytest.raises(RunError, match=why):
        Oblivious.from_state({**state, key: forged(state[key])})
