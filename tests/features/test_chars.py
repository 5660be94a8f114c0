"""Runs of characters: which texts look alike though no word is the same."""

import pytest

from assay.data.schema import Kind
from assay.features.chars import Chars
from assay.features.words import Words
from tests.features.tables import blocks, table


def alike(one, two, kind=Chars):
    """The cosine of two texts whose terms all count."""
    (block,) = blocks(kind(min_count=1), table(Kind.TEXT, x=[one, two]))
    return block[0] @ block[1]


def test_a_misspelt_word_looks_like_the_word():
    assert alike("mortgage", "m0rtgage", Words) == 0
    assert alike("mortgage", "m0rtgage") > 0.4
    assert alike("mortgage", "banana") < 0.1


def test_the_order_of_words_says_nothing():
    assert alike("free prize now", "now  PRIZE free") == pytest.approx(1)


def test_beginning_and_end_of_a_word_differ_from_its_middle():
    assert alike("ab", "xabx") < alike("ab", "ab ab")
    assert alike("ab", "ab ab") == pytest.approx(1)


def test_scripts_without_case_are_characters_too():
    assert alike("東京都", "東京") > 0.1
    assert alike("🎉🎉", "🎉") > 0
