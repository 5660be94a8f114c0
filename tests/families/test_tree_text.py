"""LightGBM's text becomes arrays and text again: the same trees, for every row of float32 numbers."""

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.state import weigh
from assay.families._tree_text import read_trees, write_trees
from assay.families._trees import Trees
from tests.families.tree_cases import FEATURES, grown_on, rows, text

OBJECTIVES = (
    {"objective": "binary"},
    {"objective": "multiclass", "num_class": 3},
    {"objective": "regression"},
    {"objective": "quantile", "alpha": 0.2},
)


def scores(booster: lightgbm.Booster, x: np.ndarray) -> np.ndarray:
    return np.asarray(booster.predict(x, num_threads=1, raw_score=True))


def again(trees: Trees) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=write_trees(trees))


def at_the_thresholds(trees: Trees) -> np.ndarray:
    """Rows of each threshold, of the next numbers below and above, and of what is no number."""
    edges = trees.questions.threshold[:200]
    below, above = (np.nextafter(edges, np.float32(side)) for side in (-np.inf, np.inf))
    numbers = np.concatenate([edges, below, above, np.array([np.nan, np.inf, -np.inf, 0.0, 3e38, -3e38], np.float32)])
    return np.repeat(numbers[:, None], trees.n_features, axis=1).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(30, 300),
    objective=st.sampled_from(OBJECTIVES),
    leaves=st.integers(2, 40),
    categories=st.sampled_from([(), (3,), (0, 1, 2, 3)]),
    scale=st.sampled_from([1e-30, 1.0, 1e30]),
)
def test_trees_answer_as_lightgbm_does(seed, n, objective, leaves, categories, scale):
    draw = np.random.default_rng(seed)
    x = (draw.integers(0, 40, (n, FEATURES)) * (1.0 if categories else scale)).astype(np.float32)
    x[draw.random(x.shape) < 0.1] = np.nan
    y = draw.integers(0, objective.get("num_class", 2), n)
    booster = grown_on(x, y, 3, categories=categories, num_leaves=leaves, min_data_in_leaf=2, **objective)
    trees = read_trees(booster.model_to_string())
    asked = np.concatenate([x, at_the_thresholds(trees)])
    assert np.allclose(scores(again(trees), asked), scores(booster, asked), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [
        {"num_leaves": 2},
        {"min_gain_to_split": 1e9},
        {"extra_trees": True, "feature_fraction": 0.5, "bagging_fraction": 0.5, "bagging_freq": 1},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"max_cat_to_onehot": 99},
    ],
    ids=lambda given: next(iter(given)),
)
@pytest.mark.parametrize("categories", [(), (2, 3)], ids=["numbers", "categories"])
def test_whatever_lightgbm_grows_is_read(given, categories):
    x = np.random.default_rng(2).integers(0, 50, size=(300, FEATURES)).astype(np.float32)
    x[::7, :2] = np.nan
    booster = grown_on(x, x[:, 3] % 2, 6, categories=categories, min_data_per_group=2, **given)
    trees = read_trees(booster.model_to_string())
    kept = Trees.from_state(trees.state(), n_features=FEATURES, n_scores=1)
    assert np.allclose(scores(again(kept), x), scores(booster, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
def test_what_was_written_is_read_as_the_same_trees(classes):
    trees = read_trees(text(classes))
    assert "cat_threshold" in write_trees(trees)
    assert write_trees(read_trees(write_trees(trees))) == write_trees(trees)
    assert scores(again(read_trees(write_trees(trees))), rows(50)).tolist() == scores(again(trees), rows(50)).tolist()


def test_leaves_are_rounded_and_nothing_else_is_kept():
    written = write_trees(read_trees(text()))
    assert not any(word in written for word in ("split_gain", "leaf_weight", "internal_count", "parameters"))
    whole = lightgbm.Booster(model_str=text())
    values = {whole.get_leaf_output(tree, leaf) for tree in range(4) for leaf in range(6)}
    assert set(read_trees(text()).values.tolist()) == {float(np.float32(value)) for value in values}


def test_arrays_take_a_fraction_of_the_text():
    x = np.random.default_rng(0).normal(size=(4_000, FEATURES)).astype(np.float32)
    booster = grown_on(x, np.arange(4_000) % 8, 20, categories=(), objective="multiclass", num_class=8, num_leaves=31)
    text_bytes = len(booster.model_to_string())
    assert weigh(read_trees(booster.model_to_string()).state())[1] < text_bytes / 10
