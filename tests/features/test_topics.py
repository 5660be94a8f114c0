"""Main directions of words: against scikit-learn, and texts too few or empty."""

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD

from assay.data.schema import Kind
from assay.features.topics import Topics
from assay.features.words import Words
from tests.features.tables import blocks, table

SUBJECTS = {"sea": "ship wave harbour sail fish".split(), "space": "star orbit rocket moon comet".split()}


def made_texts(rows=60, seed=0):
    """Texts of two subjects in turn."""
    draw = np.random.default_rng(seed)
    words = list(SUBJECTS.values())
    return [" ".join(draw.choice(words[row % 2], 8)) for row in range(rows)]


def test_directions_are_those_of_scikit_learn_up_to_sign():
    train, new = table(Kind.TEXT, x=made_texts()), table(Kind.TEXT, x=made_texts(seed=1))
    ours, ours_new = blocks(Topics(width=3), train, new)
    words, words_new = blocks(Words(), train, new)
    theirs = TruncatedSVD(3, algorithm="arpack").fit(words)
    signs = np.sign((ours * theirs.transform(words)).sum(axis=0))
    np.testing.assert_allclose(ours * signs, theirs.transform(words), atol=2e-2)
    np.testing.assert_allclose(ours_new * signs, theirs.transform(words_new), atol=2e-2)


def test_two_subjects_are_told_apart_by_two_directions():
    train, new = table(Kind.TEXT, x=made_texts()), table(Kind.TEXT, x=made_texts(seed=1))
    _, block = blocks(Topics(width=2), train, new)
    strongest = abs(block).argmax(axis=1)
    assert len(set(strongest[::2])) == len(set(strongest[1::2])) == 1
    assert strongest[0] != strongest[1]


@pytest.mark.parametrize("texts", [["a", "b"], ["", ""], [None, None], ["a a"]])
def test_too_little_text_gives_no_features(texts):
    encoder = Topics()
    block, new = blocks(encoder, table(Kind.TEXT, x=texts), table(Kind.TEXT, x=["a"]))
    assert (block.shape, new.shape) == ((len(texts), 0), (1, 0))
    assert encoder.feature_names == ()


def test_each_column_has_topics_of_its_own():
    encoder = Topics(width=2)
    (block,) = blocks(encoder, table(Kind.TEXT, a=made_texts(), b=made_texts(seed=1)))
    assert encoder.feature_names == ("a: topic 1", "a: topic 2", "b: topic 1", "b: topic 2")
    assert encoder.feature_sources == ("a", "a", "b", "b")
    assert block.shape == (60, 4)


def test_only_the_most_frequent_words_take_part():
    encoder = Topics(width=2, max_features=5)
    blocks(encoder, table(Kind.TEXT, x=made_texts()))
    assert encoder.directions[0].shape == (5, 2)
