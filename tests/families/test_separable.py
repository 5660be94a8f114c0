import numpy as np
import pytest

from assay.core.arrays import AnyArray, Float32Array
from assay.families._separable import is_separable


def corners(k: int, *, spread: float) -> tuple[Float32Array, AnyArray]:
    """Rows around k corners of a cube, far apart against a spread of 0.1."""
    draw = np.random.default_rng(0)
    y = np.arange(60) % k
    return (np.eye(4)[y] * 4 + draw.normal(size=(60, 4)) * spread).astype(np.float32), y


@pytest.mark.parametrize("k", [2, 3, 4])
def test_groups_far_apart_are_separable(k: int) -> None:
    assert is_separable(*corners(k, spread=0.1), seconds=5) is True


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_same_row_in_two_classes_is_not(k: int) -> None:
    x, y = corners(k, spread=0.1)
    x[1] = x[0]
    assert is_separable(x, y, seconds=5) is False


def test_exclusive_or_is_not_and_needs_no_row_twice() -> None:
    x = np.array([[0, 0], [1, 1], [0, 1], [1, 0]], np.float32)
    assert is_separable(x, np.array([0, 0, 1, 1]), seconds=5) is False
    assert is_separable(x, np.array([0, 1, 1, 1]), seconds=5) is True


def test_three_classes_on_a_line_are_separable_though_no_class_is_from_the_others() -> None:
    """The middle one lies between the others: one against the rest would fail, differences of scores do not."""
    x = np.linspace(0, 1, 30, dtype=np.float32)[:, None]
    assert is_separable(x, np.arange(30) // 10, seconds=5) is True


def test_numbers_of_classes_may_have_gaps() -> None:
    x, y = corners(3, spread=0.1)
    assert is_separable(x, y * 5, seconds=5) is True
    assert is_separable(x, np.full(60, 2), seconds=5) is True


def test_without_time_or_with_too_many_numbers_there_is_no_answer() -> None:
    x, y = corners(2, spread=0.1)
    assert is_separable(x, y, seconds=0) is None
    assert is_separable(np.zeros((400_000, 10), np.float32), np.arange(400_000) % 2, seconds=5) is None
