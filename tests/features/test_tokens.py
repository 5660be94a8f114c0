"""Texts as numbers of words: which words get one, and what stands where."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Tokens as Block
from assay.features._terms import tokens as split
from assay.features.tokens import NEXT, RESERVED, UNKNOWN, Tokens
from tests.features.tables import table, target

TEXTS = st.lists(st.one_of(st.none(), st.text("ab c.é\n", max_size=12)), min_size=1, max_size=6)


def texts(**columns: Any) -> Dataset:
    return table(Kind.TEXT, **columns)


def fitted(data: Dataset, **settings: int) -> Tokens:
    rows = np.arange(len(data))
    return Tokens(**settings).fit(data, data.table.columns, rows, target(np.zeros(len(data))))


def numbered(encoder: Tokens, data: Dataset) -> Block:
    return encoder.transform(data, np.arange(len(data)))


def test_words_are_numbered_by_the_rows_that_they_stand_in() -> None:
    data = texts(a=["the cat sat", "The dog sat sat sat", "the end", None, ""])
    encoder = fitted(data, min_df=1)
    assert encoder.words == (*RESERVED, "the", "sat", "cat", "dog", "end")
    block = numbered(encoder, data)
    assert block.ids.dtype == np.int32
    assert block.ids.tolist() == [[3, 5, 4, 0, 0], [3, 6, 4, 4, 4], [3, 7, 0, 0, 0], [0] * 5, [0] * 5]
    assert (block.words, block.size) == (encoder.words, 8)


def test_rare_words_and_those_beyond_the_most_are_unknown() -> None:
    data = texts(a=["a b c", "a b d", "a e"])
    assert fitted(data, min_df=2).words[3:] == ("a", "b")
    encoder = fitted(data, min_df=1, most=1)
    assert encoder.words[3:] == ("a",)
    assert numbered(encoder, data).ids.tolist() == [[3, 1, 1], [3, 1, 1], [3, 1, 0]]


def test_words_that_come_only_at_prediction_are_unknown() -> None:
    encoder = fitted(texts(a=["a b", "b a"]))
    assert numbered(encoder, texts(a=["x y z", "a z"])).ids.tolist() == [[1, 1, 1], [3, 1, 0]]


def test_a_column_in_which_no_word_is_frequent_gives_unknown_words() -> None:
    data = texts(a=["one", "two", "three four"])
    encoder = fitted(data, min_df=2)
    assert encoder.words == RESERVED
    assert numbered(encoder, data).ids.tolist() == [[1, 0], [1, 0], [1, 1]]


@pytest.mark.parametrize("pairs", [0, 7])
def test_texts_without_words_and_no_rows_have_a_width_of_one(pairs: int) -> None:
    encoder = fitted(texts(a=["", None, " \n"]), pairs=pairs)
    assert numbered(encoder, texts(a=["", None])).ids.tolist() == [[0], [0]]
    assert encoder.transform(texts(a=["a b"]), np.zeros(0, np.int64)).ids.shape == (0, 1)


def test_only_training_rows_decide_on_the_words() -> None:
    data = texts(a=["a a", "a b", "c c", "c"])
    encoder = Tokens().fit(data, ["a"], np.array([0, 1]), target(np.zeros(4)))
    assert encoder.words[3:] == ("a",)


def test_columns_follow_each_other_with_a_mark_between() -> None:
    data = texts(a=["x", None], b=["y x", "y"])
    encoder = fitted(data, min_df=1)
    assert encoder.words[3:] == ("x", "y") or encoder.words[3:] == ("y", "x")
    x, y = (encoder.words.index(word) for word in "xy")
    assert numbered(encoder, data).ids.tolist() == [[x, NEXT, y, x], [NEXT, y, 0, 0]]
    assert encoder.feature_names == encoder.feature_sources == ("a", "b")


def test_long_texts_are_cut_words_and_pairs_alike() -> None:
    data = texts(a=["a b c d e f"] * 2)
    cut = numbered(fitted(data, longest=4), data).ids
    assert cut.shape == (2, 4)
    with_pairs = numbered(fitted(data, longest=4, pairs=11), data).ids
    assert with_pairs.shape == (2, 8)
    np.testing.assert_array_equal(with_pairs[:, :4], cut)


def test_pairs_stand_behind_the_words_the_same_number_for_the_same_pair() -> None:
    data = texts(a=["new york is new", "york is new york", "york"])
    encoder = fitted(data, pairs=1_000_003)
    block = numbered(encoder, data)
    first, second = block.ids[0, 4:7].tolist(), block.ids[1, 4:7].tolist()
    assert second == [*first[1:], first[0]]  # york is, is new, new york
    assert len(set(first)) == 3
    assert min(first) >= len(encoder.words)
    assert max(first) < block.size == len(encoder.words) + 1_000_003
    assert block.ids[2].tolist() == [encoder.words.index("york"), 0, 0, 0, 0, 0, 0]


def test_no_pair_crosses_from_column_to_column() -> None:
    one = numbered(fitted(texts(a=["x y"] * 2, b=["z"] * 2), pairs=99), texts(a=["x y"] * 2, b=["z"] * 2))
    assert [(row >= len(one.words)).sum() for row in one.ids] == [1, 1]


@given(column=TEXTS, min_df=st.integers(1, 3), longest=st.integers(1, 5), pairs=st.sampled_from([0, 3]))
def test_words_can_be_read_back_from_their_numbers(column: list[str], min_df: int, longest: int, pairs: int) -> None:
    data = texts(a=column)
    encoder = fitted(data, min_df=min_df, longest=longest, pairs=pairs)
    block = numbered(encoder, data)
    for text, row in zip(column, block.ids.tolist(), strict=True):
        words = split(text or "")
        known = [word if word in encoder.words[3:] else RESERVED[UNKNOWN] for word in words][:longest]
        count = len(known) + (min(longest, max(0, len(words) - 1)) if pairs else 0)
        assert [block.words[number] for number in row[: len(known)]] == known
        assert all(len(block.words) <= number < block.size for number in row[len(known) : count])
        assert not any(row[count:])


@given(column=TEXTS, pairs=st.sampled_from([0, 3]))
def test_a_row_has_the_same_numbers_alone_and_after_its_state_was_read(column: list[str], pairs: int) -> None:
    data = texts(a=column)
    encoder = fitted(data, min_df=1, pairs=pairs)
    block = numbered(encoder, data)
    again = Tokens.from_state(encoder.state())
    assert again.words == encoder.words
    for number in range(len(data)):
        alone = again.transform(data, np.array([number])).ids[0]
        assert alone.tolist() == block.ids[number, : len(alone)].tolist()
        assert not block.ids[number, len(alone) :].any()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"words": ["a", 1]}, "words of an encoder that are no texts"),
        ({"words": ["a", "a"]}, "not all different"),
        ({"words": "ab"}, "words"),
        ({"min_df": "2"}, "min_df"),
        ({"columns": [1]}, "'columns' holds something else than texts"),
    ],
)
def test_a_damaged_state_is_refused(change: dict[str, Any], found: str) -> None:
    state = fitted(texts(a=["a b", "b a"])).state()
    with pytest.raises(RunError, match=found):
        Tokens.from_state({**state, **change})
