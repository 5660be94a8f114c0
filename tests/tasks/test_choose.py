"""The task that a target stands for."""

import polars as pl
import pytest

from assay.core.errors import DataError, PlanError
from assay.tasks._choose import choose_task


@pytest.mark.parametrize(
    ("values", "name"), [(["a", "b"], "binary"), ([0, 1, 2], "multiclass"), ([True, False], "binary")]
)
def test_the_task_follows_from_the_number_of_classes(values: list[object], name: str) -> None:
    assert choose_task(pl.Series("t", values)).name == name


def test_a_named_task_is_taken() -> None:
    assert choose_task(pl.Series("t", ["a", "b"]), "multiclass").name == "multiclass"


def test_a_task_that_does_not_exist() -> None:
    with pytest.raises(PlanError, match=r"no task named 'bianry'[\s\S]*did you mean 'binary'"):
        choose_task(pl.Series("t", ["a", "b"]), "bianry")


def test_one_class_is_told_whatever_the_task() -> None:
    with pytest.raises(DataError, match="one class only"):
        choose_task(pl.Series("t", ["a", "a"]))
