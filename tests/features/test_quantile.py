"""Normal quantiles of ranks: against scikit-learn, ties, order, and values beyond those of training."""

import numpy as np
import pytest
from scipy.special import ndtri
from sklearn.preprocessing import QuantileTransformer

from assay.data.schema import Kind
from assay.features import quantile
from assay.features.quantile import Quantile
from tests.features.tables import blocks, table

FARTHEST = ndtri(1 - 1e-4)


@pytest.mark.parametrize("rows", [50, 3_000])
def test_values_are_those_of_scikit_learn(rows):
    x, new = (np.random.default_rng(seed).lognormal(0, 3, rows) for seed in (0, 1))
    theirs = QuantileTransformer(n_quantiles=min(1_000, rows), output_distribution="normal", subsample=None)
    expected = theirs.fit(x[:, None]).transform(new[:, None])[:, 0].clip(-FARTHEST, FARTHEST)
    _, found = blocks(Quantile(), table(Kind.NUMERIC, x=x), table(Kind.NUMERIC, x=new))
    np.testing.assert_allclose(found[:, 0], expected, atol=2e-3)


def test_ranks_are_kept_whatever_the_scale():
    x = np.random.default_rng(0).normal(size=200)
    plain, grown = (blocks(Quantile(), table(Kind.NUMERIC, x=values))[0][:, 0] for values in (x, np.exp(5 * x)))
    assert (np.argsort(plain) == np.argsort(x)).all()
    assert np.corrcoef(plain, grown)[0, 1] > 0.999


def test_equal_values_stand_at_the_middle_of_their_span():
    (block,) = blocks(Quantile(), table(Kind.NUMERIC, x=[0] * 60 + [1] * 41))
    assert block[[0, -1], 0].tolist() == pytest.approx(ndtri([0.295, 0.795]).tolist(), abs=0.02)
    (symmetric,) = blocks(Quantile(), table(Kind.NUMERIC, x=[-1, 0, 0, 0, 1]))
    assert symmetric[2, 0] == pytest.approx(0, abs=1e-6)


def test_beyond_the_values_of_training_nothing_moves():
    seen, later = blocks(Quantile(), table(Kind.NUMERIC, x=range(10)), table(Kind.NUMERIC, x=[-1e30, 1e30]))
    assert later[:, 0].tolist() == pytest.approx([-FARTHEST, FARTHEST])
    assert seen[[0, -1], 0].tolist() == later[:, 0].tolist()


def test_a_gap_is_zero_and_told_beside_the_columns_that_had_any():
    encoder = Quantile()
    (block,) = blocks(encoder, table(Kind.NUMERIC, full=[1, 2, 3, 4], gappy=[1, None, 3, 5]))
    assert encoder.feature_names == ("full", "gappy", "gappy is missing")
    assert block[1, 1:].tolist() == [0, 1]


def test_few_rows_are_ranked_as_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    knots = np.sort(random.integers(0, 6, (3, 9)).astype(float), axis=1)
    values = np.r_[random.integers(-1, 8, (40, 3)).astype(float), random.uniform(-1, 8, (40, 3))]
    many = quantile._ranks(values, knots)
    monkeypatch.setattr(quantile, "_FEW", 1_000)
    assert np.array_equal(quantile._ranks(values, knots), many)
    by_interp = [
        (np.interp(x, own, np.linspace(0, 1, 9)) + 1 - np.interp(-x, -own[::-1], np.linspace(0, 1, 9))) / 2
        for own, x in zip(knots, values.T, strict=True)
    ]
    assert many == pytest.approx(np.stack(by_interp, axis=1))
