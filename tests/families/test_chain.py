"""Sums over all sequences of tags, against adding them up one by one; gradients against differences."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.families._chain import Chains, sums
from assay.families._design import make_design
from assay.families._further import FurtherDesign
from assay.features._base import Matrix
from assay.tasks._spans import Steps

K = 3


def made(seed: int, lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    sequence = np.repeat(np.arange(len(lengths)), lengths)
    return random.normal(0, 1.5, (len(sequence) + K + 2, K)).astype(np.float32), sequence


def score_of(scores: np.ndarray, rows: np.ndarray, tags: tuple[int, ...]) -> float:
    own, pair, begin, end = scores[: -K - 2], scores[-K - 2 : -2], scores[-2], scores[-1]
    total = sum(own[row, tag] for row, tag in zip(rows, tags, strict=True))
    return float(total + sum(pair[a, b] for a, b in pairwise(tags)) + begin[tags[0]] + end[tags[-1]])


@given(seed=st.integers(0, 100), lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_sums_are_those_of_all_sequences(seed: int, lengths: list[int]) -> None:
    scores, sequence = made(seed, lengths)
    steps = Steps.of(sequence)
    weight = np.linspace(1, 2, len(lengths)).astype(np.float32)
    found = sums(scores, steps, weight)
    pairs = np.zeros((K, K))
    for place, first in enumerate(steps.rows[0]):
        rows = np.flatnonzero(sequence == sequence[first])
        ways = list(product(range(K), repeat=len(rows)))
        powers = np.exp([score_of(scores, rows, way) for way in ways])
        assert found.log_total[place] == pytest.approx(np.log(powers.sum()), abs=1e-4)
        chance = powers / powers.sum()
        for at, row in enumerate(rows):
            wanted = [sum(p for p, way in zip(chance, ways, strict=True) if way[at] == tag) for tag in range(K)]
            assert found.marginals[row] == pytest.approx(wanted, abs=1e-5)
        for p, way in zip(chance, ways, strict=True):
            for pair in pairwise(way):
                pairs[pair] += weight[place] * p
    assert found.pairs == pytest.approx(pairs, abs=1e-4)


def test_scores_of_any_size_are_safe() -> None:
    scores, sequence = made(0, [40, 1])
    found = sums(scores * 60, Steps.of(sequence), np.ones(2, np.float32))
    assert np.isfinite(found.log_total).all()
    assert np.isfinite(found.marginals).all()
    assert found.marginals.sum(axis=1) == pytest.approx(np.ones(41), abs=1e-4)


def test_a_long_sequence_is_summed() -> None:
    scores, sequence = made(1, [10_000])
    found = sums(scores, Steps.of(sequence))
    assert found.marginals.sum(axis=1) == pytest.approx(np.ones(10_000), abs=1e-3)


@pytest.mark.parametrize("lengths", [[3, 1, 2], [1, 1, 1], [6]])
def test_the_gradient_is_the_slope_of_the_loss(lengths: list[int]) -> None:
    scores, sequence = made(2, lengths)
    n = len(sequence)
    random = np.random.default_rng(0)
    matrix = Matrix(random.normal(size=(n, 2)).astype(np.float32), np.zeros((n, 0), np.int32), None, sequence=sequence)
    share = np.full(n, 1 / n, np.float32)
    design = FurtherDesign.over(make_design(matrix, np.ones(n)), K + 2, 1 / K)
    problem = Chains(design, random.integers(0, K, n), share, float(n), K, Steps.of(sequence))
    gradient = problem.residual(scores)
    for place in product(range(len(scores)), range(K)):
        moved = [scores.astype(np.float64).copy() for _ in range(2)]
        moved[0][place] += 0.01
        moved[1][place] -= 0.01
        slope = (problem.loss(moved[0].astype(np.float32)) - problem.loss(moved[1].astype(np.float32))) / 0.02
        assert gradient[place] == pytest.approx(slope, abs=2e-3)
