"""What one more candidate would add."""

import numpy as np
import pytest

from assay.fitting._mixture import Mixture
from tests.fitting.conftest import made_table, made_work


@pytest.fixture
def work():
    return made_work(made_table(rows=90), ("linear",), folds=3)


def _told(work, certainty):
    """Outputs that give the true class this probability."""
    outputs = np.full(
        (len(work.data), len(work.task.labels)), (1 - certainty) / (len(work.task.labels) - 1), np.float32
    )
    outputs[np.arange(len(work.y)), work.y] = certainty
    return outputs


def test_a_copy_of_what_there_is_adds_nothing(work):
    mixture = Mixture(work)
    mixture.add(_told(work, 0.7))
    assert mixture.gain(_told(work, 0.7), work.scored).seen == pytest.approx(0.0, abs=1e-6)


def test_what_is_worse_everywhere_adds_nothing(work):
    mixture = Mixture(work)
    mixture.add(_told(work, 0.7))
    assert mixture.gain(_told(work, 0.4), work.scored) == (0.0, 0.0)


def test_what_knows_better_takes_its_share_of_the_loss_away(work):
    mixture = Mixture(work)
    mixture.add(_told(work, 0.5))
    assert mixture.gain(_told(work, 0.7), work.scored).seen == pytest.approx(1 - np.log(0.7) / np.log(0.5), rel=1e-5)
    mixture.add(_told(work, 0.7))
    assert np.allclose(mixture.outputs, _told(work, 0.7))


def test_what_errs_elsewhere_adds_though_it_is_worse(work):
    mixture, first, second = Mixture(work), _told(work, 0.8), _told(work, 0.75)
    first[::4], second[1::4] = _told(work, 0.05)[::4], _told(work, 0.05)[1::4]
    mixture.add(first)
    assert mixture.gain(second, work.scored).seen > 0.1


def test_the_first_is_all_there_is(work):
    mixture = Mixture(work)
    assert mixture.gain(_told(work, 0.9), work.scored) == (0.0, 0.0)
    mixture.add(_told(work, 0.9))
    assert np.allclose(mixture.outputs, _told(work, 0.9))


def test_the_fewer_rows_the_more_is_possible(work):
    mixture, second = Mixture(work), _told(work, 0.7)
    second[::2] = _told(work, 0.9)[::2]
    mixture.add(_told(work, 0.8))
    few, many = (mixture.gain(second, rows) for rows in (work.scored[:18], work.scored))
    assert few.seen == pytest.approx(many.seen, abs=1e-3)
    assert few.possible > many.possible > many.seen
