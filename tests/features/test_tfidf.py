"""Tf-idf against scikit-learn's, whichever the terms; presence alone; which terms are kept."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from assay.core.errors import RunError
from assay.core.packing import write_arrays
from assay.data.schema import Kind
from assay.features._base import every_row
from assay.features._terms import tokens
from assay.features.chars import Chars
from assay.features.words import Words
from tests.features.tables import blocks, table, target

TRAIN = ["Call me NOW now now!!", "don't call me, I'm late", "free prize: call now", "", "🎉🎉 naïve prize", "me me me"]
NEW = ["call now", "never seen words", "", "Prize now 🎉🎉"]
THEIRS = {
    Words: {"tokenizer": tokens, "token_pattern": None, "ngram_range": (1, 2)},
    Chars: {"analyzer": "char_wb", "ngram_range": (2, 5)},
}


def texts(x):
    return table(Kind.TEXT, x=x)


@pytest.mark.parametrize("min_count", [1, 2])
@pytest.mark.parametrize("kind", [Words, Chars])
def test_values_are_those_of_scikit_learn(kind, min_count):
    theirs = TfidfVectorizer(sublinear_tf=True, min_df=min_count, **THEIRS[kind]).fit(TRAIN)
    train, new = blocks(kind(min_count=min_count), texts(TRAIN), texts(NEW))
    for ours, expected in ((train, theirs.transform(TRAIN)), (new, theirs.transform(NEW))):
        assert ours.shape == expected.shape
        np.testing.assert_allclose(np.sort(ours, axis=1), np.sort(expected.toarray(), axis=1), atol=1e-6)
    expected = (theirs.transform(TRAIN) @ theirs.transform(NEW).T).toarray()
    np.testing.assert_allclose(train @ new.T, expected, atol=1e-6)


def test_rows_have_length_one_unless_nothing_in_them_is_known():
    _, new = blocks(Words(), texts(TRAIN), texts(NEW))
    assert np.linalg.norm(new, axis=1).tolist() == pytest.approx([1, 0, 0, 1])


def test_presence_is_one_however_often():
    train, new = blocks(Words(binary=True), texts(TRAIN), texts(["me me", "never seen"]))
    assert set(train.ravel().tolist()) == {0, 1}
    assert new.sum(axis=1).tolist() == [1, 0]


def test_terms_in_fewer_rows_are_left_out():
    (block,) = blocks(Words(binary=True, min_count=3), texts(TRAIN))
    assert block.sum(axis=0).tolist() == [3, 3]  # call, me


def test_the_most_frequent_terms_are_kept_where_there_are_too_many():
    (block,) = blocks(Words(binary=True, min_count=1, max_features=2), texts(TRAIN))
    assert block.sum(axis=0).tolist() == [3, 3]


def test_training_rows_alone_say_what_a_term_weighs():
    data, rows = texts(TRAIN), np.array([0, 2, 4])
    alone = texts([TRAIN[row] for row in rows])
    one, two = Words().fit(data, ["x"], rows, target(np.arange(6) % 2)), Words()
    (expected,) = blocks(two, alone)
    np.testing.assert_allclose(one.transform(data, rows).toarray(), expected)


def test_columns_stand_side_by_side():
    both = table(Kind.TEXT, x=["a b", "a b"], y=["c", "c"])
    encoder = Words().fit(both, ["x", "y"], every_row(both), target([0, 1]))
    assert encoder.feature_sources == ("x", "x", "x", "y")
    assert encoder.transform(both, np.array([0])).shape == (1, 4)


def test_texts_without_a_term_in_common_give_no_features():
    train, new = blocks(Words(), texts(["a", "b"]), texts(["a"]))
    assert (train.shape, new.shape) == ((2, 0), (1, 0))


def test_keys_take_half_of_their_bytes_in_a_file(tmp_path):
    data = texts([f"word{n} other{n % 700}" for n in range(3_000)])
    encoder = Words(min_count=1).fit(data, ["x"], every_row(data), target([0] * 3_000))
    write_arrays(tmp_path / "arrays", {"keys": encoder.vocabularies[0]}, small=True)
    assert len(np.unique(encoder.vocabularies[0])) == 3_000 + 700 + 3_000
    assert (tmp_path / "arrays").stat().st_size < encoder.vocabularies[0].nbytes / 1.8


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("which", np.zeros(1, np.uint32), r"\[1\] weights for 1 columns"),
        ("weights", np.zeros(0, np.float32), "a term with weight [0-9]+ of 0"),
        ("which", np.full(7, 99, np.uint32), "a term with weight 99 of"),
        ("which", np.zeros(7, np.int64), "'which' is int64"),
    ],
)
def test_keys_without_weights_are_refused(key, value, why):
    encoder = Words()
    blocks(encoder, texts(TRAIN))
    state = encoder.state()
    state["vocabularies"][0][key] = value
    with pytest.raises(RunError, match=why):
        Words.from_state(state)


def test_weights_come_back_as_they_were():
    data = texts(TRAIN)
    encoder = Chars().fit(data, ["x"], every_row(data), target([0] * len(TRAIN)))
    assert np.array_equal(Chars.from_state(encoder.state()).weights[0], encoder.weights[0])
    assert len(encoder.state()["vocabularies"][0]["weights"]) < len(encoder.weights[0])
