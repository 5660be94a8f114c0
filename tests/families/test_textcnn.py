from typing import Any

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.families.textcnn import Textcnn
from tests.families.text_cases import learning, matrix, small

FACTS = {**{key: Textcnn.defaults[key] for key in Textcnn.of_net}, "words": 30, "columns": 1, "outputs": 2}
KEYS = {
    "body.words.embedding.weight": (30, 128),
    "body.filters.0.weight": (100, 128, 3),
    "body.filters.0.bias": (100,),
    "body.filters.1.weight": (100, 128, 4),
    "body.filters.1.bias": (100,),
    "body.filters.2.weight": (100, 128, 5),
    "body.filters.2.bias": (100,),
    "head.weight": (2, 301),
    "head.bias": (2,),
}


def test_names_and_shapes_of_the_weights_stay_what_they_are() -> None:
    """Models on disk have these names."""
    assert {name: tuple(value.shape) for name, value in Textcnn().net(FACTS).state_dict().items()} == KEYS


def test_it_learns_the_order_of_words() -> None:
    given = learning(160)
    y = np.arange(160) % 2
    rows = [[5, 3, 4, 6] if label else [5, 4, 3, 6] for label in y]  # the same words in both
    train, valid = matrix(rows[:120]), matrix(rows[120:])
    given = type(given)(given.task, train, y[:120], np.ones(120), valid, y[120:], np.ones(40), seed=1)
    outputs = Textcnn().fit(given, small(Textcnn)).predictor.predict(valid)
    assert (outputs.argmax(1) == y[120:]).all()


def test_a_row_alone_is_what_it_is_among_longer_ones() -> None:
    predictor = Textcnn().fit(learning(), small(Textcnn, epochs=2)).predictor
    rows: Any = [[3], [4, 5, 6, 5, 6, 3], [], [1, 1]]
    together = predictor.predict(matrix(rows))
    for number, row in enumerate(rows):
        np.testing.assert_allclose(predictor.predict(matrix([row]))[0], together[number], atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"widths": []}, r"widths = \[\] among the settings of textcnn(?s:.*)1 to 16 whole numbers from 1 to 64"),
        ({"widths": [3, 0]}, r"widths = \[3, 0\]"),
        ({"widths": 3}, "widths = 3"),
        ({"filters": 0}, "filters = 0"),
        ({"drop_inputs": 1.0}, "drop_inputs = 1.0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict[str, Any], found: str) -> None:
    with pytest.raises(PlanError, match=found):
        Textcnn().check(settings)
