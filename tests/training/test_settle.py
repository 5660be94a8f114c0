import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime
from assay.training.batches import Resident
from assay.training.options import Options
from assay.training.settle import settled, trial
from assay.training.trainer import Trainer
from tests.training.small import net, rows, same, sources, trainer


def asked(n: int = 400, **options: object) -> Trainer:
    made = trainer(**options)
    made.source, made.valid = sources(n)
    return made


def test_what_an_earlier_training_found_is_not_looked_for_again() -> None:
    made = asked(best=3, epochs=9, deadline=Deadline.after(0.0))
    assert settled(made) is made.options


def test_a_full_batch_is_all_rows() -> None:
    assert settled(asked(120, batch="full")).batch == 120


def test_a_probed_batch_leaves_eight_steps_to_an_epoch() -> None:
    options = settled(asked(2_000, batch="probe"))
    assert options.batch in (32, 64, 128)


def test_a_batch_that_does_not_fit_into_memory_ends_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(trainer: Trainer, options: Options, threads: int) -> float:
        if options.batch > 64:  # type: ignore[operator]
            raise torch.OutOfMemoryError("no room")
        return 1.0

    monkeypatch.setattr("assay.training.settle._seconds_per_step", seconds)
    assert settled(asked(4_000, batch="probe")).batch == 64


def test_the_smallest_batch_that_is_nearly_as_fast_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    speeds = {32: 100.0, 64: 170.0, 128: 200.0, 256: 210.0}

    def seconds(trainer: Trainer, options: Options, threads: int) -> float:
        return options.batch / speeds[options.batch]  # type: ignore[operator,index]

    monkeypatch.setattr("assay.training.settle._seconds_per_step", seconds)
    assert settled(asked(2_100, batch="probe")).batch == 64


def test_a_tested_rate_is_one_that_learns() -> None:
    rate = settled(asked(rate="test")).rate
    assert isinstance(rate, float)
    assert 1e-4 < rate < 1.0


@pytest.mark.parametrize(
    ("seconds_per_step", "threads", "epochs"), [({1: 0.01, 2: 0.02}, 1, 24), ({1: 0.5, 2: 0.001}, 2, 240)]
)
def test_the_faster_number_of_threads_and_what_it_can_do_in_time(
    seconds_per_step: dict[int, float], threads: int, epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.training.settle._seconds_per_step", lambda _, __, count: seconds_per_step[count])
    monkeypatch.setattr("assay.training.settle._SMALL_STEP", 0)
    made = asked(320, threads=2, epochs=1_000, deadline=Deadline.after(3.07))  # ten steps an epoch
    options = settled(made)
    assert options.threads == threads
    assert options.epochs == pytest.approx(epochs, rel=0.06)


def test_small_steps_are_made_on_one_thread() -> None:
    assert settled(asked(threads=2)).threads == 1
    wide = nn.Sequential(nn.Linear(5, 4_000), nn.ReLU(), nn.Linear(4_000, 2))
    made = trainer(wide, threads=2, batch=400)
    made.source, made.valid = sources()
    assert settled(made).threads == 2


def test_without_a_deadline_nothing_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.training.settle._seconds_per_step", lambda *_: pytest.fail("timed"))
    options = settled(asked(threads=2, epochs=7))
    assert (options.threads, options.epochs) == (1, 7)


def test_a_schedule_tied_to_the_clock_plans_more_than_there_is_time_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assay.training.settle._seconds_per_step", lambda *_: 0.01)
    made = asked(320, epochs=100_000, schedule="trapezoid", deadline=Deadline.after(3.07))
    assert settled(made).epochs == pytest.approx(48, abs=2)
    made = asked(320, epochs=100_000, schedule="trapezoid", deadline=Deadline.after(0.0))
    assert settled(made).epochs == 1


def test_too_little_time_is_told_with_the_number_of_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.training.settle._seconds_per_step", lambda *_: 0.1)
    with pytest.raises(NotEnoughTime, match="its time is enough for 2 epochs"):
        settled(asked(320, epochs=30, deadline=Deadline.after(3.0)))
    assert settled(asked(320, epochs=2, deadline=Deadline.after(3.0))).epochs == 2


def test_trials_leave_no_trace() -> None:
    made = asked(rate="test", batch="probe", threads=2, deadline=Deadline.after(60.0))
    draws = torch.get_rng_state()
    settled(made)
    assert same(made.net, net())
    assert torch.equal(torch.get_rng_state(), draws)
    assert all(parameter.grad is None for parameter in made.net.parameters())


def test_a_trial_has_neither_deadline_nor_checkpoint() -> None:
    x, y = rows(64)
    made = trainer(deadline=Deadline.after(1.0))
    made.source, made.valid = Resident([x], y), None
    tried = trial(made, replace(made.options, rate=0.5))
    assert math.isinf(tried.deadline.moment)
    assert tried.checkpoint is None
    assert tried.rates == [0.5, 0.5]
