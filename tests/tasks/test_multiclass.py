"""Three classes or more."""

import numpy as np
import polars as pl
import pytest

from assay.core.errors import PlanError
from assay.tasks._base import Asked, Rule
from assay.tasks.multiclass import Multiclass


def test_the_most_probable_class_is_decided() -> None:
    task = Multiclass.from_target(pl.Series("c", ["b", "a", "c", "b"]))
    assert task.labels == ("a", "b", "c")
    assert task.decide(np.array([[0.2, 0.5, 0.3], [0.6, 0.2, 0.2]]), Rule()).tolist() == [1, 0]


def test_numbers_stand_in_the_order_of_their_size() -> None:
    assert Multiclass.from_target(pl.Series("c", [10, 9, 2, 9])).labels == ("2", "9", "10")


def test_no_positive_class() -> None:
    with pytest.raises(PlanError, match=r"--positive 'a' for a task with 3 classes[\s\S]*leave --positive out"):
        Multiclass.from_target(pl.Series("c", ["a", "b", "c"]), asked=Asked(positive="a"))


def test_f1_is_for_two_classes() -> None:
    with pytest.raises(PlanError, match=r"no metric 'f1' for a multiclass task[\s\S]*did you mean 'macro_f1'"):
        Multiclass(("a", "b", "c"), "text").metric("f1")
