"""Short trainings that are held against each other."""

import math

import numpy as np
import pytest
import torch

from assay.core.arrays import Pixels
from assay.families import _trials
from assay.families._augmenting import OFF
from assay.families._trials import Trials, pace, trials
from assay.families.cnn import Cnn
from assay.testing._examples import Example, labels, numbers
from assay.training.augment import Augmented
from tests.families.pictures import hooks, learning


def made(seconds: float = math.inf, n: int = 600, wanted: int = 5) -> Trials | None:
    given = learning(*hooks(n), seconds=seconds)
    return trials(given, Cnn().inputs(given.train, {}), wanted)


def test_rows_that_are_scored_are_not_learned_from() -> None:
    found = made()
    assert found is not None
    assert (len(found.rows), len(found.held), found.most, found.size) == (334, 166, 5, (10, 10))
    seen = [{row.numpy().tobytes() for row in part.all.inputs[0]} for part in (found.rows, found.held)]
    assert len(seen[0]) == 334
    assert not seen[0] & seen[1]


def test_less_time_means_fewer_rows_then_fewer_augmentations_then_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_trials, "pace", lambda net, rows, count, most: (1e-3, 1))
    sizes = []
    for seconds in (10_000.0, 450.0, 150.0, 60.0):
        found = made(seconds)
        sizes.append(None if found is None else (len(found.rows), found.most))
    # A training of n rows takes 24 n / 1000 seconds, and each of (augmentations + 1) is made twice in a tenth.
    assert sizes == [(334, 5), (156, 5), (156, 1), None]


def test_rows_that_are_seen_a_few_times_need_only_the_first_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_trials, "pace", lambda net, rows, count, most: (1e-3, 1))
    pictures, y = hooks(4_000)
    given = [learning(pictures.repeat(10, 0), y.repeat(10), seconds=seconds) for seconds in (350.0, 900.0)]
    found = [trials(one, Cnn().inputs(one.train, {}), 5) for one in given]
    assert [one.most for one in found if one] == [2, 5]


def test_a_comparison_is_made_again_with_the_same_numbers() -> None:
    given = [trials_.compare(OFF, {**OFF, "crop": 1}) for trials_ in (_small(), _small())]
    assert given[0] == given[1]
    gain, error, (before, after) = given[0]
    assert gain == pytest.approx(before - after, abs=1e-12)
    assert error > 0


def test_nothing_in_place_of_nothing_gains_nothing() -> None:
    assert _small().compare(OFF, OFF)[:2] == (0.0, 0.0)


def test_a_training_that_breaks_counts_as_hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_trials, "_RATE", 1e30)
    losses = _small()._row_losses(OFF, 0)
    assert bool(torch.isinf(losses).all())


@pytest.mark.parametrize("given", [labels(rows=240), numbers(rows=240)], ids=["labels", "numbers"])
def test_labels_and_numbers_are_tried_by_their_own_loss(given: Example) -> None:
    asked = learning(stacked(given), given.y, task=given.task)
    found = trials(asked, Cnn().inputs(asked.train, {}), 5)
    assert found is not None
    assert isinstance(found.rows.all.target, torch.Tensor) and found.outputs == len(given.task.labels)
    losses = found._row_losses(OFF, 0)
    assert losses.shape == (len(found.held),)
    assert bool(torch.isfinite(losses).all())
    untrained = found.link.make_loss()(torch.zeros(len(found.held), found.outputs), found.held.all.target)
    assert losses.mean() < 0.95 * untrained.mean()


def stacked(given: Example) -> Pixels:
    """Its pictures, those that are missing black."""
    black = np.zeros((16, 16, 1), np.uint8)
    cells = given.data.table["picture"].to_list()
    return np.stack([black if cell is None else np.asarray(cell, np.uint8) for cell in cells])


def _small() -> Trials:
    found = made(n=240)
    assert found is not None
    return found


def test_the_pace_is_seconds_per_row_on_the_quicker_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _small()
    seconds, count = pace(found.net(), Augmented(found.rows), 1, math.inf)
    assert 1e-7 < seconds < 0.1
    assert count == 1
    monkeypatch.setattr(_trials, "_seconds", lambda net, rows, count, most: {1: 2.0, 4: 1.0}[count])
    assert pace(found.net(), found.rows, 4, math.inf) == (pytest.approx(1.3), 4)
    monkeypatch.setattr(_trials, "_seconds", lambda net, rows, count, most: {1: 1.0, 4: 2.0}[count])
    assert pace(found.net(), found.rows, 4, math.inf) == (pytest.approx(1.3), 1)


def test_finding_the_pace_ends_with_its_time() -> None:
    class Counting(torch.nn.Linear):
        calls = 0

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            return super().forward(x.flatten(1))

    rows = Augmented(_small().rows)
    calls = []
    for most in (0.0, math.inf):
        net = Counting(100, 4)
        assert pace(net, rows, 1, most)[0] < math.inf
        calls.append(net.calls)
    assert calls == [1, 2]
