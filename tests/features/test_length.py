"""How texts look from afar."""

import numpy as np
import pytest

from assay.data.schema import Kind
from assay.features.length import Length
from tests.features.tables import blocks, table


@pytest.mark.parametrize(
    ("text", "characters", "words", "capitals", "digits", "signs"),
    [
        ("Call ME now!! 10£", 17, 4, 3 / 17, 2 / 17, 3 / 17),
        ("ÄÖ ü", 4, 2, 2 / 4, 0, 0),
        ("🎉🎉", 2, 1, 0, 0, 1),
        ("   ", 3, 0, 0, 0, 0),
        ("", 0, 0, 0, 0, 0),
        (None, 0, 0, 0, 0, 0),
    ],
)
def test_a_text_is_measured(text, characters, words, capitals, digits, signs):
    block, _ = blocks(Length(), table(Kind.TEXT, x=[text]), table(Kind.TEXT, x=[""]))
    assert block[0].tolist() == pytest.approx([np.log1p(characters), np.log1p(words), capitals, digits, signs])


def test_each_column_has_its_five_measures():
    encoder = Length()
    (block,) = blocks(encoder, table(Kind.TEXT, head=["A", "b"], body=["", "1 2"]))
    assert block.shape == (2, 10)
    assert encoder.feature_names[2::5] == ("head: share of capitals", "body: share of capitals")
    assert block[:, 2].tolist() == [1, 0]
    assert block[1, 8] == pytest.approx(2 / 3)
    assert encoder.feature_sources == ("head",) * 5 + ("body",) * 5


def test_a_text_is_measured_once_for_all_folds():
    data = table(Kind.TEXT, x=["one", "two words"])
    encoder = Length()
    blocks(encoder, data)
    first = data._kept["length", "x"]
    encoder.transform(data, np.array([1]))
    assert data._kept["length", "x"] is first
