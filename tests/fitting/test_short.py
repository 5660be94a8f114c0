"""Short outputs are nearly the same, say nearly the same of a model, and take a fraction of the bytes."""

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from assay.core.arrays import Float32Array
from assay.fitting._short import short

NUMBERS = stn.arrays(np.float32, (7, 2), elements=st.floats(width=32, min_value=2**-100, max_value=2**100))
SHARES = stn.arrays(np.float32, (7, 2), elements=st.floats(width=32, min_value=0, max_value=1))


def probabilities(n: int = 2_000, k: int = 30) -> Float32Array:
    scores = np.random.default_rng(0).normal(scale=3, size=(n, k))
    shares: Float32Array = (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


@given(NUMBERS, st.sampled_from([-1, 1]), st.integers(3, 12))
def test_numbers_of_any_size_are_right_to_one_in_four_thousand(numbers: Float32Array, sign: int, bits: int) -> None:
    given = np.concatenate([sign * numbers, [[3, -3]]]).astype(np.float32)  # the last are no probabilities
    assert (np.abs(short(given, bits=bits) - given) <= np.abs(given) / 4_000).all()


@given(SHARES, st.integers(3, 12))
def test_probabilities_stay_near_and_above_zero(shares: Float32Array, bits: int) -> None:
    rough = short(shares, bits=bits)
    assert (np.abs(rough - shares) <= np.maximum(1 / 30_000, 1e-3 * shares)).all()
    above = shares > 2**-100
    assert (np.abs(np.log(rough[above] / shares[above])) < 1.1 / 2**bits).all()


@given(SHARES, st.integers(3, 12))
def test_what_is_short_remains_as_it_is(shares: Float32Array, bits: int) -> None:
    once = short(shares, bits=bits)
    assert np.array_equal(short(once, bits=bits), once)


def test_what_is_no_number_stays_none() -> None:
    outputs = np.array([[0.1, np.nan], [0.0, 1.0]], np.float32)
    assert np.isnan(short(outputs, bits=5)).tolist() == [[False, True], [False, False]]
    assert short(np.zeros((0, 3), np.float32), bits=5).shape == (0, 3)


def test_log_loss_and_answers_remain_the_same() -> None:
    outputs = probabilities()
    y = np.array([np.random.default_rng(1).choice(30, p=row / row.sum()) for row in outputs.astype(np.float64)])
    rough = short(outputs, bits=5)
    before, after = (-np.log(found[np.arange(len(y)), y]).mean() for found in (outputs, rough))
    assert after == pytest.approx(before, abs=2e-4)
    assert (rough.argmax(axis=1) == outputs.argmax(axis=1)).mean() > 0.998


def test_they_take_a_fraction_of_the_bytes() -> None:
    def size(outputs: Float32Array) -> int:
        return len(zlib.compress(outputs.reshape(-1, 1).view(np.uint8).T.tobytes(), 1))

    outputs = probabilities()
    assert size(short(outputs, bits=8)) < 0.55 * size(outputs)
    assert size(short(outputs, bits=5)) < 0.5 * size(outputs)
