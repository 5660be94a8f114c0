"""Class frequencies of levels: by hand, and without telling a row its own class."""

import numpy as np
import pytest

from assay.data.schema import Kind
from assay.features._base import every_row
from assay.features.target_mean import TargetMean
from tests.features.tables import blocks, table, target

TRAIN = table(Kind.CATEGORICAL, x=["a", "a", "a", "b", "b", None])
Y = np.array([1, 1, 0, 0, 0, 1])
PRIOR = 3 / 6


def test_frequencies_are_drawn_towards_the_prior():
    block, new = blocks(TargetMean(smoothing=2), TRAIN, table(Kind.CATEGORICAL, x=["b", "never", None]), y=Y)
    a, b = (2 + 2 * PRIOR) / (3 + 2), (0 + 2 * PRIOR) / (2 + 2)
    assert block.ravel().tolist() == pytest.approx([a, a, a, b, b, PRIOR])
    assert new.ravel().tolist() == pytest.approx([b, PRIOR, PRIOR])


def test_many_classes_have_a_feature_each_and_the_most_frequent_are_kept():
    y = np.array([0, 1, 2, 3, 3, 1])
    encoder = TargetMean(smoothing=0.0, max_classes=2)
    encoder.fit(TRAIN, ["x"], every_row(TRAIN), target(y, 4))
    assert encoder.feature_names == ("x: share of class 1", "x: share of class 3")
    np.testing.assert_allclose(encoder.transform(TRAIN, np.array([0, 3])), [[1 / 3, 0], [0, 1]])


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_row_never_tells_its_own_class(n_classes):
    draw = np.random.default_rng(0)
    data, y = table(Kind.CATEGORICAL, x=draw.choice(list("abcd"), 40)), draw.integers(0, n_classes, 40)
    before = TargetMean().fit_transform(data, ["x"], every_row(data), target(y, n_classes))
    for row in range(40):
        other = y.copy()
        other[row] = (y[row] + 1) % n_classes
        after = TargetMean().fit_transform(data, ["x"], every_row(data), target(other, n_classes))
        assert after[row].tolist() == before[row].tolist()
        assert (after != before).any()


def test_levels_of_one_row_tell_nothing_in_training():
    """In sample a level of one row would give its class away."""
    data, y = table(Kind.CATEGORICAL, x=[f"id {n}" for n in range(200)]), np.arange(200) % 2
    encoder = TargetMean()
    block = encoder.fit_transform(data, ["x"], every_row(data), target(y))[:, 0]
    leaking = encoder.transform(data, every_row(data))[:, 0]
    assert abs(block - 0.5).max() < 0.05
    assert (leaking > 0.5).tolist() == (y == 1).tolist()


def test_training_rows_get_almost_the_values_of_new_rows_where_levels_are_frequent():
    draw = np.random.default_rng(0)
    x = draw.integers(0, 3, 3_000)
    data, y = table(Kind.CATEGORICAL, x=[str(n) for n in x]), (draw.random(3_000) < (x + 1) / 5).astype(int)
    encoder = TargetMean()
    block = encoder.fit_transform(data, ["x"], every_row(data), target(y))
    np.testing.assert_allclose(block, encoder.transform(data, every_row(data)), atol=0.03)


def test_a_column_of_gaps_is_the_prior():
    block, new = blocks(
        TargetMean(), table(Kind.CATEGORICAL, x=[None] * 4), table(Kind.CATEGORICAL, x=["a", None]), y=[1, 0, 0, 0]
    )
    assert block.ravel().tolist() == [0.25] * 4
    assert new.ravel().tolist() == [0.25] * 2
