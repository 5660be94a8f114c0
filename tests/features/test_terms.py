"""Counted terms against scikit-learn's, and what becomes of texts with nothing in them."""

import pytest

from assay.features._terms import count_chars, count_words


@pytest.mark.parametrize("texts", [["I love you", "", "to be or  not\tto be a"], ["naïve 🎉🎉 it's", "x"], ["", ""]])
def test_char_terms_are_as_many_as_those_of_scikit_learn(texts):
    from sklearn.feature_extraction.text import CountVectorizer

    found = count_chars(texts)
    if not any(texts):
        assert found.counts.shape == (2, 0)
        return
    expected = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit_transform(texts)
    assert found.counts.shape == expected.shape
    assert sorted(found.counts.data.tolist()) == sorted(expected.data.tolist())
    assert found.counts.sum(axis=1).tolist() == expected.sum(axis=1).ravel().tolist()[0]


def test_word_terms_are_words_and_neighbours_within_one_text():
    found = count_words(["free prize free prize", "now"])
    assert found.counts.shape == (2, 5)  # free, prize, now, free prize, prize free
    assert found.counts.sum(axis=1).tolist() == [7, 1]
