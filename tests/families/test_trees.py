"""Trees as arrays: they come back from their state as they were, and forged ones are refused."""

import random

import lightgbm
import numpy as np
import pytest

from assay.core.errors import RunError
from assay.families._tree_text import read_trees, write_trees
from assay.families._trees import Trees, narrow
from tests.families.tree_cases import FEATURES, rows, text


def read(state, n_features=FEATURES, n_scores=1):
    return Trees.from_state(state, n_features=n_features, n_scores=n_scores)


@pytest.mark.parametrize("classes", [2, 3])
def test_trees_come_back_from_their_state(classes):
    trees = read_trees(text(classes))
    scores = 1 if classes == 2 else classes
    found = read(trees.state(), n_scores=scores)
    assert write_trees(found) == write_trees(trees)
    assert found.n_trees == 4 * scores == trees.tree[-1] + 1


def test_the_shape_of_a_tree_is_in_its_bits():
    """A split of a split and a leaf, then a leaf alone."""
    whole = read_trees(text())
    splits = np.array([True, True, False, False, False, False])
    trees = Trees(FEATURES, 1, splits, np.zeros(2, np.uint8), np.arange(4, dtype=np.float32), whole.questions)
    assert trees.n_trees == 2
    assert trees.tree.tolist() == [0, 0, 0, 0, 0, 1]
    assert trees.right.tolist() == [4, 3]


@pytest.mark.parametrize(
    ("key", "forged", "why"),
    [
        ("splits", lambda bits: bits[:-1], "nodes are missing"),
        ("splits", lambda bits: bits | 255, "nodes are missing|splits are missing"),
        ("splits", lambda bits: bits[::-1].copy(), "nodes are missing|splits are missing|the last tree is not whole"),
        ("asks", lambda asks: asks + np.uint8(200), "a question that there is not"),
        ("asks", lambda asks: asks[:-2], "nodes are missing|splits are missing"),
        ("asks", lambda asks: asks.astype(np.int64), "asks are not whole numbers from 0 on"),
        ("values", lambda values: values * np.float32(np.nan), "a leaf that is no number"),
        ("values", lambda values: np.full_like(values, np.inf), "a leaf that is no number"),
        ("values", lambda values: values.astype(np.float64), "expected|'values' is float64"),
    ],
)
def test_forged_trees_are_refused(key, forged, why):
    state = read_trees(text()).state()
    with pytest.raises(RunError, match=why):
        read({**state, key: forged(state[key])})


@pytest.mark.parametrize(
    ("key", "forged", "why"),
    [
        ("column", lambda column: column + np.uint8(FEATURES), "a column that is not there"),
        ("column", lambda column: column[:-1], "questions are missing"),
        ("kind", lambda kind: kind + np.uint8(16), "a kind of split that there is not"),
        ("kind", lambda kind: kind | np.uint8(12), "a kind of split that there is not"),
        ("kind", lambda kind: kind ^ np.uint8(1), "in the wrong places"),
        ("threshold", lambda threshold: threshold * np.float32(np.nan), "a threshold that is no number"),
        ("threshold", lambda threshold: threshold[:-1], "questions are missing"),
        ("widths", lambda widths: widths + np.uint8(1), "sets of categories cut off"),
        ("words", lambda words: words[:-1], "sets of categories cut off"),
    ],
)
def test_forged_questions_are_refused(key, forged, why):
    state = read_trees(text()).state()
    with pytest.raises(RunError, match=why):
        read({**state, "questions": {**state["questions"], key: forged(state["questions"][key])}})


def test_no_trees_and_trees_that_are_not_whole_are_refused():
    state = read_trees(text()).state()
    none = {**state, "splits": np.zeros(0, np.uint8), "asks": state["asks"][:0], "values": state["values"][:0]}
    with pytest.raises(RunError, match="a leaf that is no number"):
        read(none)
    split_last = {"splits": np.packbits([False, True]), "asks": state["asks"][:1], "values": state["values"][:1]}
    with pytest.raises(RunError, match="the last tree is not whole"):
        read({**state, **split_last})


def test_other_dimensions_are_refused():
    with pytest.raises(RunError, match="a column that is not there"):
        read(read_trees(text()).state(), n_features=2)
    with pytest.raises(RunError, match="a round is not whole"):
        read(read_trees(text()).state(), n_scores=3)
    with pytest.raises(RunError, match=r"0 columns and 1 scores|a column that is not there"):
        read(read_trees(text()).state(), n_features=0)


def test_random_damage_is_refused_or_harmless():
    """What passes the check is read by LightGBM without a crash; a crash would end this process."""
    draw, x, passed = random.Random(0), rows(20, seed=1), 0
    for _ in range(300):
        state = read_trees(text()).state()
        parts = [(state, key) for key in ("splits", "asks", "values")]
        parts += [(state["questions"], key) for key in state["questions"]]
        for _ in range(draw.randrange(1, 3)):
            holder, key = draw.choice(parts)
            raw = holder[key].copy().view(np.uint8)
            raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
            holder[key] = raw.view(holder[key].dtype)
        try:
            trees = read(state)
        except RunError:
            continue
        passed += 1
        lightgbm.Booster(model_str=write_trees(trees)).predict(x, num_threads=1)
    assert passed > 20


def test_whole_numbers_get_the_smallest_type_that_holds_them():
    kinds = [narrow(np.array([most])).dtype for most in (255, 256, 2**16 - 1, 2**16)]
    assert kinds == [np.uint8, np.uint16, np.uint16, np.uint32]
    assert narrow(np.array([], np.int64)).dtype == np.uint8
