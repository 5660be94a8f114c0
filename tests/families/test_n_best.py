"""The best sequences of tags, against all of them in order."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.families._n_best import n_best

K = 3


def _all(own: np.ndarray, between: np.ndarray) -> list[tuple[float, tuple[int, ...]]]:
    def score(way: tuple[int, ...]) -> float:
        inner = sum(between[a, b] for a, b in pairwise(way))
        return float(
            sum(own[at, tag] for at, tag in enumerate(way)) + inner + between[-2, way[0]] + between[-1, way[-1]]
        )

    return sorted(((score(way), way) for way in product(range(K), repeat=len(own))), reverse=True)


@given(seed=st.integers(0, 80), length=st.integers(1, 5), n=st.integers(1, 12))
def test_they_are_the_best_of_all(seed: int, length: int, n: int) -> None:
    random = np.random.default_rng(seed)
    own, between = random.normal(size=(length, K)), random.normal(size=(K + 2, K))
    tags, scores = n_best(own, between, n)
    wanted = _all(own, between)[:n]
    assert scores == pytest.approx([score for score, _ in wanted])
    assert [tuple(row) for row in tags.tolist()] == [way for _, way in wanted]


def test_what_is_not_allowed_is_never_among_them() -> None:
    allowed = np.ones((K + 2, K), np.bool_)
    allowed[0, 1] = allowed[-2, 2] = False
    tags, _ = n_best(np.zeros((3, K)), np.zeros((K + 2, K)), 100, allowed)
    assert len(tags) == sum(way[0] != 2 and (0, 1) not in pairwise(way) for way in product(range(K), repeat=3))
    assert not any((0, 1) in pairwise(row) or row[0] == 2 for row in tags.tolist())


def test_a_sequence_of_no_steps_has_one_way() -> None:
    tags, scores = n_best(np.zeros((0, K)), np.zeros((K + 2, K)), 5)
    assert (tags.shape, scores.tolist()) == ((1, 0), [0.0])
