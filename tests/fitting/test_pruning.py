"""Which members an ensemble can do without."""

import numpy as np
import pytest

from assay.fitting.ensemble import Looks, select
from assay.fitting.pruning import PREFER, needed
from assay.tasks.binary import Binary

TASK = Binary(("no", "yes"), "text")
N = 2_000


def _outputs(*right: np.ndarray) -> list[np.ndarray]:
    """Outputs whose log odds for the true class are such; the true class of row i is i % 2."""
    y = np.arange(N) % 2
    true = [1 / (1 + np.exp(-odds)) for odds in right]
    return [np.where(np.eye(2)[y] == 1, p[:, None], 1 - p[:, None]) for p in true]


def _looks(outputs: list[np.ndarray], metric: str = "log_loss", parts: int = 5) -> Looks:
    part = np.arange(N) // 2 % parts
    y = np.arange(N) % 2
    return Looks.of(outputs, y, np.ones(N), part, task=TASK, metric=Binary.metrics[metric])


def _draws(m: int) -> np.ndarray:
    return np.random.default_rng(0).normal(1.0, 2.0, (m, N))


def test_members_that_say_the_same_are_one_too_many():
    (odds,) = _draws(1)
    looks = _looks(_outputs(odds, odds + 1e-4))
    assert len(needed(np.array([0.5, 0.5]), looks, errors=PREFER["balanced"])) == 1


@pytest.mark.parametrize("prefer", PREFER)
def test_members_that_err_elsewhere_are_all_kept(prefer):
    looks = _looks(_outputs(*_draws(3)))
    assert needed(np.full(3, 1 / 3), looks, errors=PREFER[prefer]) == [0, 1, 2]


def test_the_faster_it_is_to_be_the_fewer_are_kept():
    shared, *own = _draws(7)
    looks = _looks(_outputs(*(shared + 0.12 * each for each in own)))
    weights = select(looks, 25)
    kept = {prefer: needed(weights, looks, errors=errors) for prefer, errors in PREFER.items()}
    assert kept["best"] == np.flatnonzero(weights).tolist()
    assert set(kept["fast"]) <= set(kept["balanced"]) <= set(kept["best"])
    assert 1 <= len(kept["fast"]) < len(kept["best"])


def test_the_last_member_stays():
    looks = _looks(_outputs(*_draws(2)))
    assert needed(np.array([0.0, 1.0]), looks, errors=PREFER["fast"]) == [1]


def test_where_noise_cannot_be_seen_nothing_is_taken_away():
    (odds,) = _draws(1)
    assert needed(np.array([0.5, 0.5]), _looks(_outputs(odds, odds), parts=1), errors=1.0) == [0, 1]


def test_the_loss_is_that_of_the_metric():
    y = np.arange(N) % 2
    sure, shy = np.where(y == 1, 4.0, -1.0), np.where(y == 1, 0.1, -0.01)  # right on the same rows
    kept = needed(np.array([0.5, 0.5]), _looks(_outputs(sure, shy), "accuracy"), errors=0.25)
    assert len(kept) == 1
