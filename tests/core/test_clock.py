"""Time is given out and never overdrawn; the clock is the test's own."""

import math

import pytest

from assay.core.clock import Budget, Deadline


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_a_deadline_comes_and_stays_passed(clock: Clock) -> None:
    deadline = Deadline.after(10)
    assert (deadline.remaining, deadline.passed) == (10, False)
    clock.now += 10
    assert (deadline.remaining, deadline.passed) == (0, True)
    clock.now += 99
    assert deadline.remaining == 0


def test_a_deadline_without_a_moment_never_comes(clock: Clock) -> None:
    clock.now = 1e15
    assert Deadline().remaining == math.inf
    assert not Deadline().passed


def test_a_budget_counts_what_earlier_processes_spent(clock: Clock) -> None:
    budget = Budget(seconds=60, spent=25, started=clock())
    clock.now += 15
    assert budget.elapsed == 40
    assert budget.remaining == 20
    clock.now += 100
    assert budget.remaining == 0


def test_a_slice_is_a_share_of_what_is_left(clock: Clock) -> None:
    budget = Budget(seconds=100, started=clock())
    clock.now += 60
    assert budget.slice(0.5).remaining == 20
    clock.now += 60
    assert budget.slice(0.5).passed


def test_a_budget_without_end_gives_deadlines_that_never_come(clock: Clock) -> None:
    budget = Budget(started=clock())
    assert budget.remaining == math.inf
    assert budget.slice(0.0) == Deadline()
