"""What every task of classes does: find them, number them, give them back, and warm or cool their probabilities."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, RunError
from assay.tasks._base import Asked
from assay.tasks._classes import as_text
from assay.tasks._metrics import log_loss
from assay.tasks.binary import Binary
from assay.tasks.multiclass import Multiclass


@pytest.mark.parametrize(
    "values",
    [[3, 1, 2, 1], [2.5, 1.0, 9.0, 1.0], ["x", "y", "ü", "x"], [1.0, 2.0, 3.0, 3.0]],
)
def test_decisions_come_back_in_the_type_of_the_user(values: list[object]) -> None:
    target = pl.Series("t", values)
    task = Multiclass.from_target(target)
    assert task.decode(task.encode(target)).to_list() == values


def test_booleans_come_back_as_booleans() -> None:
    target = pl.Series("t", [True, False, True])
    task = Binary.from_target(target)
    assert task.labels == ("false", "true")
    assert task.decode(task.encode(target)).to_list() == [True, False, True]


def test_a_label_is_known_in_any_type_that_a_file_may_give_it() -> None:
    task = Multiclass.from_target(pl.Series("t", [1, 2, 3]))
    assert task.encode(pl.Series(["1", " 2", "3", "", None, "4"])).tolist() == [0, 1, 2, -1, -1, -1]
    assert task.encode(pl.Series([1.0, 3.0, float("nan")])).tolist() == [0, 2, -1]


def test_empty_texts_and_nan_are_missing() -> None:
    assert as_text(pl.Series(["a", " ", ""])).to_list() == ["a", None, None]
    assert as_text(pl.Series([1.5, float("nan")])).to_list() == ["1.5", None]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([None, None], r"no label at all in the target column 't'[\s\S]*--target"),
        (["a", "a", None], r"one class only in the target column 't': 'a' in all 2 labelled rows[\s\S]*two classes"),
        ([f"id {i}" for i in range(1000)], r"1,000 different texts in 1,000 labelled rows[\s\S]*at most 500 classes"),
        ([i / 7 for i in range(300)], r"300 different numbers in 300 labelled rows"),
    ],
)
def test_targets_that_cannot_be_learned(values: list[object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Multiclass.from_target(pl.Series("t", values, strict=False))


def test_lone_rows_are_those_of_classes_with_one_row() -> None:
    task = Multiclass.from_target(pl.Series("t", ["a", "b", "b", "c"]))
    assert task.lone_rows(np.array([0, 1, 1, 2, -1])).tolist() == [True, False, False, True, False]


def test_the_prior_leaves_nothing_impossible() -> None:
    task = Multiclass(("a", "b", "c"), "text")
    prior = task.prior(np.array([0, 0, 1]), np.ones(3))
    assert prior.tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])


@given(seed=st.integers(0, 1000), factor=st.floats(0.3, 3.0))
def test_the_temperature_undoes_sharpening(seed: int, factor: float) -> None:
    random = np.random.default_rng(seed)
    task = Multiclass(("a", "b", "c"), "text")
    honest = random.dirichlet(np.ones(3), 4000)
    y = (random.uniform(size=(4000, 1)) > honest.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    sharpened = task.calibrated(honest, (factor,))
    calibration = task.calibration(y, sharpened, np.ones(4000))
    assert calibration == pytest.approx((1 / factor,), rel=0.15)
    mended = task.calibrated(sharpened, calibration)
    assert log_loss(y, mended, y, np.ones(4000)) <= log_loss(y, sharpened, y, np.ones(4000)) + 1e-9
    assert mended.sum(axis=1) == pytest.approx(np.ones(4000))


def test_a_forged_state_is_refused() -> None:
    with pytest.raises(RunError, match=r"labels \['a', 'a'\][\s\S]*two or more different labels"):
        Multiclass.from_state({"labels": ["a", "a"], "values": "text"})
    with pytest.raises(RunError, match=r"type 'code'"):
        Multiclass.from_state({"labels": ["a", "b"], "values": "code"})


def test_state_round_trip() -> None:
    task = Binary.from_target(pl.Series("t", ["y", "n", "y"]), asked=Asked(positive="n"))
    assert Binary.from_state(task.state()).labels == task.labels == ("y", "n")
