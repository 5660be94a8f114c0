"""The picture of a heat map."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from assay.api._heat_drawing import _edges, drawn


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB")).astype(int)


def test_each_score_lies_around_the_middle_of_its_window() -> None:
    assert _edges(np.array([0, 4, 8]), 10) == (3.0, 15.0)
    assert _edges(np.array([0]), 10) == (0.0, 10.0)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("label", ["tree", "$x_{", "日本"])
def test_any_picture_and_any_name(channels: int, label: str) -> None:
    picture = np.full((20, 30, channels), 128, np.uint8)
    places = np.arange(0, 11, 5), np.arange(0, 21, 5)
    content = drawn(picture, np.zeros((3, 5)), places, (10, 10), label=label)
    assert content.startswith(b"\x89PNG")


def test_a_high_score_is_seen_where_it_is() -> None:
    picture = np.zeros((20, 20, 1), np.uint8)
    places = np.arange(0, 11, 5), np.arange(0, 11, 5)
    low, high = np.zeros((3, 3)), np.zeros((3, 3))
    high[0, 2] = 1.0
    changed = pixels(drawn(picture, high, places, (10, 10), label="x"))
    changed = np.abs(changed - pixels(drawn(picture, low, places, (10, 10), label="x"))).sum(axis=2) > 0
    rows, columns = np.nonzero(changed)
    assert rows.size > 100
    upper, right = rows.mean() / changed.shape[0], columns.mean() / changed.shape[1]
    assert upper < 0.5 < right


def test_very_long_and_very_flat_pictures() -> None:
    for shape in ((10, 300, 1), (300, 10, 1)):
        places = np.arange(0, shape[0] - 9, 10), np.arange(0, shape[1] - 9, 10)
        size = pixels(
            drawn(np.zeros(shape, np.uint8), np.zeros([*map(len, places)]), places, (10, 10), label="x")
        ).shape
        assert max(size) < 1200
