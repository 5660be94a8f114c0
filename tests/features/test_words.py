"""Words and their neighbours: which texts look alike."""

import pytest

from assay.data.schema import Kind
from assay.features.words import Words
from tests.features.tables import blocks, table


def alike(one, two):
    """The cosine of two texts whose words all count."""
    block, _ = blocks(Words(min_count=1), table(Kind.TEXT, x=[one, two]), table(Kind.TEXT, x=["x"]))
    return block[0] @ block[1]


@pytest.mark.parametrize(
    ("one", "two"), [("Free PRIZE", "free prize"), ("a\tb\n c", "a b c"), ("it's  late!!", "It's late !!")]
)
def test_case_and_spacing_say_nothing(one, two):
    assert alike(one, two) == pytest.approx(1)


@pytest.mark.parametrize(("one", "two"), [("a b c", "c b a"), ("now", "now!"), ("its late", "it's late")])
def test_order_punctuation_and_apostrophes_say_something(one, two):
    assert 0 < alike(one, two) < 0.99


def test_other_words_have_nothing_in_common():
    assert alike("free prize", "call me") == 0


def test_a_feature_is_named_after_its_column_and_the_same_in_every_fit():
    names = []
    for texts in (["a b", "a c"], ["z a", "a a y"]):
        encoder = Words()
        blocks(encoder, table(Kind.TEXT, mail=texts))
        names.append(encoder.feature_names)
    assert names[0] == names[1]
    assert names[0][0].startswith("mail: words ")
