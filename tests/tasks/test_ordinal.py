"""Classes with an order."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from assay.core.errors import PlanError
from assay.tasks._base import Asked, Rule
from assay.tasks._choose import choose_task
from assay.tasks.ordinal import RANK_MAE, Ordinal, quadratic_kappa, rank_mae

SIZES = pl.Series("size", ["small", "large", "medium", "small"])


def test_numbers_have_an_order_and_texts_are_given_one() -> None:
    assert choose_task(pl.Series([10, 9, 2, 9]), "ordinal").labels == ("2", "9", "10")
    task = choose_task(SIZES, "ordinal", Asked(order=("small", "medium", "large")))
    assert task.labels == ("small", "medium", "large")
    assert task.encode(SIZES).tolist() == [0, 2, 1, 0]


@pytest.mark.parametrize(
    ("target", "asked", "says"),
    [
        (SIZES, Asked(), r"classes without an order in the target column 'size'[\s\S]*--order large,medium,small"),
        (SIZES, Asked(order=("small", "large")), r"an order of small, large [\s\S]*medium differ"),
        (SIZES, Asked(order=("small", "large", "medium", "medium")), r"a class twice differ"),
        (pl.Series("t", [1, 2]), Asked(), r"two classes for an ordinal task"),
        (SIZES, Asked(positive="small"), r"--positive 'small' for an ordinal task"),
    ],
)
def test_an_order_is_of_all_classes(target: pl.Series, asked: Asked, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Ordinal.from_target(target, asked)


def test_other_tasks_have_no_order() -> None:
    with pytest.raises(PlanError, match=r"--order a,b for a binary task[\s\S]*--task ordinal"):
        choose_task(pl.Series(["a", "b"]), None, Asked(order=("a", "b")))


@given(seed=st.integers(0, 100))
def test_kappa_is_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    y, decided, weight = random.integers(0, 4, 50), random.integers(0, 4, 50), random.uniform(0.5, 2, 50)
    y[:4] = range(4)
    wanted = cohen_kappa_score(y, decided, weights="quadratic", sample_weight=weight)
    assert quadratic_kappa(y, np.zeros((50, 4)), decided, weight) == pytest.approx(wanted)
    assert rank_mae(y, np.zeros((50, 4)), decided, weight) == pytest.approx(
        np.average(abs(y - decided), weights=weight)
    )


@given(seed=st.integers(0, 60))
def test_the_median_makes_the_distance_smallest(seed: int) -> None:
    outputs = np.random.default_rng(seed).dirichlet(np.ones(5), 20)
    task = Ordinal(tuple("abcde"), "text")
    rule = task.tune_rule(np.zeros(20, int), outputs, np.ones(20), RANK_MAE)
    distance = np.abs(np.arange(5)[:, None] - np.arange(5))
    expected = outputs @ distance
    assert (expected[np.arange(20), task.decide(outputs, rule)] <= expected.min(axis=1) + 1e-9).all()
    assert task.decide(outputs, Rule()).tolist() == outputs.argmax(axis=1).tolist()
