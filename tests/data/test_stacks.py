"""Arrays of numbers as pixels."""

import numpy as np
import pytest

from assay.core.errors import DataError
from assay.data._stacks import pixels_of

STACK = np.arange(2 * 5 * 7 * 3).reshape(2, 5, 7, 3).astype(np.uint8)


@pytest.mark.parametrize("kind", ["uint8", "int64", "float32"])
def test_whole_numbers_stay(kind: str) -> None:
    np.testing.assert_array_equal(pixels_of(STACK.astype(kind), "x"), STACK)


def test_shares_are_scaled() -> None:
    shares = np.array([[[0.0, 0.25, 1.0]]])
    assert pixels_of(shares, "x").tolist() == [[[[0], [64], [255]]]]
    assert pixels_of(shares > 0.5, "x").tolist() == [[[[0], [0], [255]]]]


def test_channels_that_stand_first_are_put_last() -> None:
    np.testing.assert_array_equal(pixels_of(np.moveaxis(STACK, 3, 1), "x"), STACK)


@pytest.mark.parametrize(
    ("low", "high", "said"), [(-2.1, 2.6, "from -2.1 to 2.6"), (0, 256, "from 0 to 256"), (0, np.nan, "to nan")]
)
def test_other_numbers_are_refused(low: float, high: float, said: str) -> None:
    stack = np.zeros((2, 3, 3)) + np.array([low, high])[:, None, None]
    with pytest.raises(DataError, match=rf"numbers [\s\S]*{said}[\s\S]* as the pixels of x[\s\S]*0 to 255"):
        pixels_of(stack, "x")
