"""Levels as numbers by frequency, 0 for what has none."""

import numpy as np

from assay.data.schema import Kind
from assay.features.ordinal import Ordinal
from tests.features.tables import blocks, table

TRAIN = table(Kind.CATEGORICAL, x=["b", "a", "b", None, "c", "c", "b"])


def test_the_most_frequent_level_is_one():
    (block,) = blocks(Ordinal(), TRAIN)
    assert block.dtype == np.int32
    assert block.ravel().tolist() == [1, 3, 1, 0, 2, 2, 1]


def test_what_training_did_not_have_is_zero():
    _, new = blocks(Ordinal(), TRAIN, table(Kind.CATEGORICAL, x=["never", None, "a"]))
    assert new.ravel().tolist() == [0, 0, 3]


def test_levels_beyond_the_most_are_zero():
    encoder = Ordinal(max_levels=2)
    (block,) = blocks(encoder, TRAIN)
    assert block.ravel().tolist() == [1, 0, 1, 0, 2, 2, 1]
    assert encoder.sizes == (3,)


def test_sizes_count_the_zero():
    encoder = Ordinal()
    blocks(encoder, table(Kind.CATEGORICAL, x=["a", "b"], y=[None, None]))
    assert encoder.sizes == (3, 1)
