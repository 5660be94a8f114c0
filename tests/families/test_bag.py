from typing import Any

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.families.bag import Bag
from tests.families.text_cases import WORDS, learning, matrix, small

FACTS = {**{key: Bag.defaults[key] for key in Bag.of_net}, "pairs": 50, "words": 30, "columns": 0, "outputs": 2}
KEYS = {
    "body.embedding.weight": (30, 64),
    "body.pairs.weight": (51, 64),
    "head.weight": (2, 64),
    "head.bias": (2,),
}


def test_names_and_shapes_of_the_weights_stay_what_they_are() -> None:
    """Models on disk have these names."""
    shapes = {name: tuple(value.shape) for name, value in Bag().net(FACTS).state_dict().items()}
    assert shapes == KEYS
    assert "body.pairs.weight" not in Bag().net({**FACTS, "pairs": 0}).state_dict()


def test_pairs_have_vectors_of_their_own() -> None:
    given = matrix([[3, len(WORDS) + 4]], size=len(WORDS) + 5)
    facts = Bag().facts({**Bag.defaults, "pairs": 5}, given)
    assert (facts["words"], facts["pairs"]) == (len(WORDS), 5)
    net = Bag().net({**facts, "outputs": 2})
    assert net(*Bag().inputs(given, facts)).shape == (1, 2)


def test_it_learns_which_words_tell() -> None:
    given = learning()
    outputs = Bag().fit(given, small(Bag, pairs=0)).predictor.predict(given.valid)
    assert (outputs.argmax(1) == given.valid_y).all()


def test_a_row_alone_is_what_it_is_among_longer_ones() -> None:
    given = learning()
    predictor = Bag().fit(given, small(Bag, pairs=0, epochs=3)).predictor
    rows: Any = [[3], [4, 5, 6, 5, 6, 3], [], [1, 1]]
    together = predictor.predict(matrix(rows))
    for number, row in enumerate(rows):
        np.testing.assert_allclose(predictor.predict(matrix([row]))[0], together[number], atol=1e-7)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"width": 0}, "width = 0 among the settings of bag(?s:.*)a whole number from 1"),
        ({"pairs": -1}, "pairs = -1"),
        ({"drop_words": 1.0}, "drop_words = 1.0(?s:.*)below 1"),
        ({"drop_prob": -0.1}, "drop_prob = -0.1"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict[str, Any], found: str) -> None:
    with pytest.raises(PlanError, match=found):
        Bag().check(settings)
