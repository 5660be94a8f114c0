import random
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.families._trees import check_trees, only_trees

FEATURES = 4


@cache
def grown(n_classes: int = 2) -> str:
    """LightGBM's own text for a model with categories, gaps and several trees."""
    import lightgbm

    draw = np.random.default_rng(0)
    x = draw.normal(size=(400, FEATURES))
    x[::5, 0] = np.nan
    x[:, 3] = draw.integers(0, 9, 400)
    y = (x[:, 1] + x[:, 3] % 3 > 1).astype(int) + (draw.random(400) < 0.3) * (n_classes - 2)
    objective = {"objective": "binary"} if n_classes == 2 else {"objective": "multiclass", "num_class": n_classes}
    given = {**objective, "num_leaves": 6, "num_threads": 1, "verbosity": -1, "min_data_per_group": 5, "max_bin": 255}
    booster = lightgbm.train(given, lightgbm.Dataset(x, y, categorical_feature=[3]), 4)
    text: str = booster.model_to_string()
    return text


def check(text: str, n_features: int = FEATURES, n_outputs: int = 1) -> None:
    check_trees(text, n_features=n_features, n_outputs=n_outputs)


def test_sound_models_pass() -> None:
    assert "cat_threshold" in grown()
    check(only_trees(grown()))
    check(only_trees(grown(3)), n_outputs=3)


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
@pytest.mark.parametrize("categorical", [[], [2, 3]], ids=["numbers", "categories"])
def test_whatever_lightgbm_grows_passes(given: dict[str, object], categorical: list[int]) -> None:
    import lightgbm

    draw = np.random.default_rng(2)
    x = draw.integers(0, 50, size=(300, FEATURES)).astype(float)
    x[::7, :2] = np.nan
    y = x[:, 3] % 2
    every = {"objective": "binary", "num_threads": 1, "verbosity": -1, "min_data_per_group": 2, **given}
    booster = lightgbm.train(every, lightgbm.Dataset(x, y, categorical_feature=categorical), 6)
    kept = only_trees(booster.model_to_string())
    check(kept)
    again = lightgbm.Booster(model_str=kept)
    assert np.array_equal(again.predict(x, num_threads=1), booster.predict(x, num_threads=1))


def test_only_the_trees_are_kept_and_they_predict_the_same() -> None:
    import lightgbm

    x = np.random.default_rng(1).normal(size=(50, FEATURES)) * 10
    kept = only_trees(grown())
    assert "[num_threads" in grown() and "[" not in kept.partition("Tree=0")[2] and "tree_sizes" not in kept
    one, two = (lightgbm.Booster(model_str=text).predict(x, num_threads=1) for text in (grown(), kept))
    assert np.array_equal(one, two)


def with_numbers(key: str, change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """Changes the numbers of the first line of that name."""

    def damage(text: str) -> str:
        line = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
        assert line is not None
        return text.replace(line[0], f"{key}={' '.join(change(line[1].split()))}", 1)

    return damage


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: "", "not a LightGBM model"),
        (lambda text: "garbage " * 99, "not a LightGBM model"),
        (lambda text: grown(), "not a LightGBM model, or cut off"),
        (lambda text: text[:-40], "cut off"),
        (with_numbers("version", lambda old: ["v9"]), "version is not v4"),
        (with_numbers("objective", lambda old: ["custom"]), "objective is not binary"),
        (with_numbers("num_leaves", lambda old: ["999999999"]), "leaves are missing"),
        (with_numbers("leaf_value", lambda old: ["inf", *old[1:]]), "leaves are missing"),
        (with_numbers("leaf_value", lambda old: ["nan", *old[1:]]), "not a number"),
        (with_numbers("left_child", lambda old: ["0", *old[1:]]), "a child out of place"),
        (with_numbers("right_child", lambda old: ["-99", *old[1:]]), "a child out of place"),
        (with_numbers("right_child", lambda old: ["99999", *old[1:]]), "a child out of place"),
        (with_numbers("split_feature", lambda old: ["4", *old[1:]]), "a feature that is not there"),
        (with_numbers("split_feature", lambda old: ["-1", *old[1:]]), "a feature that is not there"),
        (with_numbers("split_feature", lambda old: old[1:]), "splits are missing"),
        (with_numbers("decision_type", lambda old: ["257", *old[1:]]), "a kind of split"),
        (with_numbers("threshold", lambda old: ["1_000", *old[1:]]), "not a number"),
        (with_numbers("is_linear", lambda old: ["1"]), "a linear tree"),
        (with_numbers("cat_boundaries", lambda old: [*old[:-1], "999999"]), "sets of categories cut off"),
        (with_numbers("cat_threshold", lambda old: old[1:]), "sets of categories cut off"),
        (lambda text: text.replace("label_index=0", "label_index=0\naverage_output", 1), "no place"),
        (lambda text: text.replace("label_index=0", "label_index=0\ntree_sizes=9 9 9 9", 1), "no place"),
        (lambda text: text.replace("shrinkage=", "num_leaves=3\nshrinkage=", 1), "a line twice"),
        (lambda text: text.replace("Tree=1\n", "Tree=2\n", 1), "out of order"),
    ],
)
def test_a_changed_model_is_refused(damage: Callable[[str], str], says: str) -> None:
    with pytest.raises(RunError, match=says):
        check(damage(only_trees(grown())))


def test_other_dimensions_are_refused() -> None:
    with pytest.raises(RunError, match="max_feature_idx is not 4"):
        check(only_trees(grown()), n_features=5)
    with pytest.raises(RunError, match="num_class is not 3"):
        check(only_trees(grown()), n_outputs=3)


def test_random_damage_is_refused_or_harmless() -> None:
    """What passes the check is read by LightGBM without a crash; a crash would end this process."""
    import lightgbm

    draw, text = random.Random(0), only_trees(grown())
    x = np.random.default_rng(1).normal(size=(20, FEATURES)) * 10
    passed = 0
    for _ in range(400):
        letters = list(text)
        for _ in range(draw.randrange(1, 4)):
            letters[draw.randrange(len(letters))] = draw.choice("0123456789-. e\n=")
        try:
            check("".join(letters))
        except RunError:
            continue
        passed += 1
        try:
            lightgbm.Booster(model_str="".join(letters)).predict(x, num_threads=1)
        except lightgbm.basic.LightGBMError:
            continue
    assert passed > 20
