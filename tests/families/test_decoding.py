"""Answers of binary models to probabilities, against references in the words of the papers."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.arrays import AnyArray, FloatArray
from assay.families import _codes as codes
from assay.families._decoding import (
    DECODERS,
    PROBABILITIES,
    agreement,
    best_scale,
    bradley_terry,
    decoded,
    least_squares,
    likelihood,
    normalised,
    softmax,
)

MADE: dict[str, Callable[[int], AnyArray]] = {
    "one vs one": codes.one_vs_one,
    "exhaustive": codes.exhaustive,
    "dense": cache(lambda k: codes.dense(k, 0)),
    "sparse": cache(lambda k: codes.sparse(k, 0)),
}


def answers_of(p: FloatArray, code: AnyArray) -> FloatArray:
    """What models that are right in every way answer for rows with probabilities (n, k)."""
    above, below = p @ (code > 0), p @ (code < 0)
    return above / (above + below)


def table_of(answers: FloatArray, k: int) -> FloatArray:
    """(k, k): probability of i against j, from one row of one-vs-one answers."""
    r, pairs = np.zeros((k, k)), zip(*np.triu_indices(k, 1), strict=True)
    for answer, (i, j) in zip(answers, pairs, strict=True):
        r[j, i], r[i, j] = answer, 1 - answer
    return r


def wu_lin_weng(r: FloatArray) -> FloatArray:
    """Algorithm 2 of Wu, Lin & Weng (2004), component by component."""
    k = len(r)
    Q = np.array(
        [
            [sum(r[s, i] ** 2 for s in range(k) if s != i) if i == j else -r[j, i] * r[i, j] for j in range(k)]
            for i in range(k)
        ]
    )
    p = np.full(k, 1 / k)
    for step in range(20_000):
        t = step % k
        p[t] = (-(Q[t] @ p - Q[t, t] * p[t]) + p @ Q @ p) / Q[t, t]
        p /= p.sum()
    return p


def hastie_tibshirani(r: FloatArray, n: FloatArray) -> FloatArray:
    """Pairwise coupling of Hastie & Tibshirani (1998), class by class."""
    k = len(r)
    p = np.full(k, 1 / k)
    for step in range(20_000):
        i = step % k
        others = [j for j in range(k) if j != i]
        p[i] *= sum(n[i, j] * r[i, j] for j in others) / sum(n[i, j] * p[i] / (p[i] + p[j]) for j in others)
        p /= p.sum()
    return p


HAND_MADE = np.array(
    [[0.9, 0.4, 0.3, 0.2, 0.7, 0.6], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.99, 0.01, 0.6, 0.1, 0.95, 0.3]]
)


def test_least_squares_is_the_coupling_of_wu_lin_and_weng() -> None:
    found = least_squares(HAND_MADE, codes.one_vs_one(4), np.ones(6))
    np.testing.assert_allclose(found, [wu_lin_weng(table_of(row, 4)) for row in HAND_MADE], atol=1e-5)


def test_bradley_terry_is_the_coupling_of_hastie_and_tibshirani() -> None:
    rows = np.array([10.0, 20.0, 30.0, 5.0, 40.0, 15.0])
    n = np.zeros((4, 4))
    n[np.triu_indices(4, 1)] = rows
    expected = [hastie_tibshirani(table_of(row, 4), n + n.T) for row in HAND_MADE]
    np.testing.assert_allclose(bradley_terry(HAND_MADE, codes.one_vs_one(4), rows), expected, atol=1e-5)


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("decoder", [least_squares, bradley_terry])
@given(seed=st.integers(0, 1_000))
def test_answers_that_agree_give_back_their_probabilities(
    decoder: Callable[..., FloatArray], name: str, seed: int
) -> None:
    p = np.random.default_rng(seed).dirichlet(np.ones(5), 4) * 0.95 + 0.01
    code = MADE[name](5)
    found = decoder(answers_of(p, code), code, np.ones(code.shape[1]))
    np.testing.assert_allclose(found, p, atol=2e-3 if decoder is bradley_terry else 1e-5)


def test_one_vs_rest_is_normalised() -> None:
    three = normalised(np.array([[0.2, 0.2, 0.4]]), codes.one_vs_rest(3), np.ones(3))
    np.testing.assert_allclose(three, [[0.25, 0.25, 0.5]])
    np.testing.assert_allclose(normalised(np.array([[0.2]]), codes.one_vs_rest(2), np.ones(1)), [[0.8, 0.2]])


@pytest.mark.parametrize("name", ["exhaustive", "dense", "bch"])
def test_as_many_wrong_answers_as_a_code_corrects_change_no_decision(name: str) -> None:
    code = codes.bch(8, 0) if name == "bch" else MADE[name](6)
    apart = codes.distances(code)
    furthest = int(np.ceil(apart[apart > 0].min() / 2)) - 1
    for label, row in enumerate(code):
        said = np.where(row > 0, 0.9, 0.1)
        said[:furthest] = 1 - said[:furthest]
        assert agreement(said[None], code, np.ones(code.shape[1])).argmax() == label


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("decoding", ["least_squares", "bradley_terry", "hamming", "loss"])
def test_clean_answers_are_decoded_right(decoding: str, name: str) -> None:
    code = MADE[name](6)
    said = np.where(code == 0, 0.5, np.where(code > 0, 0.95, 0.05))
    assert decoded(decoding, 1.0, said, code, np.ones(code.shape[1])).argmax(axis=1).tolist() == list(range(6))


def test_votes_are_counted_and_ties_go_to_the_surer_class() -> None:
    # 1 beats 0, 0 beats 2, 2 beats 1: one vote each, of which that for 0 is surest
    scores = agreement(np.array([[0.6, 0.05, 0.6]]), codes.one_vs_one(3), np.ones(3))
    assert scores.argmax() == 0
    votes = agreement(np.array([[0.9, 0.9, 0.4]]), codes.one_vs_one(3), np.ones(3))
    assert np.round(votes).tolist() == [[-1, 1, 0]]


def test_loss_is_the_logistic_loss_of_the_margins() -> None:
    code, answers = codes.sparse(4, 0), np.random.default_rng(0).uniform(0.1, 0.9, (5, codes.n_sparse(4)))
    odds = np.log(answers / (1 - answers))
    expected = [[-np.log1p(np.exp(-row * margins)).sum() for row in code.astype(float)] for margins in odds]
    np.testing.assert_allclose(likelihood(answers, code, np.ones(code.shape[1])), expected)


def test_the_best_scale_gives_back_that_of_the_scores() -> None:
    draw = np.random.default_rng(0)
    scores = draw.normal(0, 2, (20_000, 3))
    y = np.array([draw.choice(3, p=row) for row in softmax(0.7 * scores)])
    assert best_scale(scores, y, np.ones(len(y))) == pytest.approx(0.7, rel=0.06)


@pytest.mark.parametrize("name", sorted(DECODERS))
def test_rows_do_not_depend_on_each_other_and_sure_answers_have_a_floor(name: str) -> None:
    code = codes.one_vs_rest(5) if name == "normalised" else codes.one_vs_one(5)
    answers = np.clip(np.random.default_rng(0).uniform(-0.5, 1.5, (40, code.shape[1])), 1e-6, 1 - 1e-6)
    rows = np.ones(code.shape[1])
    many = decoded(name, 1.0, answers, code, rows)
    assert many.shape == (40, 5)
    assert many.min() > 1e-7
    np.testing.assert_allclose(many.sum(axis=1), 1)
    np.testing.assert_allclose(decoded(name, 1.0, answers[7:8], code, rows), many[7:8], atol=1e-9)
    assert decoded(name, 1.0, answers[:0], code, rows).shape == (0, 5)


def test_many_rows_are_coupled_in_pieces() -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(20), 3_000) * 0.9 + 0.005
    code = codes.one_vs_one(20)
    np.testing.assert_allclose(PROBABILITIES["least_squares"](answers_of(p, code), code, np.ones(190)), p, atol=1e-5)
