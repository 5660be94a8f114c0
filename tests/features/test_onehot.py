"""A column per level; what shares one: rare and unseen levels, and gaps."""

import numpy as np
from sklearn.preprocessing import OneHotEncoder

from assay.data.schema import Kind
from assay.features.onehot import Onehot
from tests.features.tables import blocks, table

LEVELS = ["a"] * 4 + ["b"] * 3 + ["c", None]


def told(block, encoder):
    """The names of the features that are 1, row by row."""
    return [{name for name, value in zip(encoder.feature_names, row, strict=True) if value} for row in block]


def test_rare_unseen_and_missing_have_columns_of_their_own():
    encoder = Onehot()
    train, new = blocks(
        encoder, table(Kind.CATEGORICAL, x=LEVELS), table(Kind.CATEGORICAL, x=["b", "c", "never", None])
    )
    assert encoder.feature_names == ("x = a", "x = b", "x is rare", "x is missing")
    assert told(train, encoder)[-2:] == [{"x is rare"}, {"x is missing"}]
    assert told(new, encoder) == [{"x = b"}, {"x is rare"}, {"x is rare"}, {"x is missing"}]


def test_values_are_those_of_scikit_learn():
    x = np.random.default_rng(0).choice(list("abcdef"), 200, p=[0.4, 0.3, 0.2, 0.05, 0.04, 0.01])
    theirs = OneHotEncoder(min_frequency=20, sparse_output=False).fit_transform(x[:, None])
    encoder = Onehot(min_count=20)
    (ours,) = blocks(encoder, table(Kind.CATEGORICAL, x=x))
    order = np.argsort(encoder.feature_names[:-2])
    np.testing.assert_array_equal(np.c_[ours[:, order], ours[:, -2]], theirs)
    assert not ours[:, -1].any()


def test_every_row_has_one_level_of_each_column():
    encoder = Onehot(min_count=1)
    (block,) = blocks(encoder, table(Kind.CATEGORICAL, x=["a", "b", None], y=[None, "c", "c"]))
    assert told(block, encoder) == [{"x = a", "y is missing"}, {"x = b", "y = c"}, {"x is missing", "y = c"}]
    assert encoder.feature_sources == ("x",) * 4 + ("y",) * 3


def test_the_most_frequent_levels_are_kept_where_there_are_too_many():
    encoder = Onehot(min_count=1, max_levels=1)
    (block,) = blocks(encoder, table(Kind.CATEGORICAL, x=LEVELS))
    assert encoder.feature_names == ("x = a", "x is rare", "x is missing")
    assert block.sum(axis=0).tolist() == [4, 4, 1]
