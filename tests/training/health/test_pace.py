"""Which steps are watched, by a clock that the test turns."""

from assay.training.health._pace import SHARE, Pace


def watched(pace: Pace, steps: int) -> list[int]:
    return [step for step in range(steps) if step % pace.gap(step) == 0]


def test_many_steps_at_the_start_and_few_later() -> None:
    assert watched(Pace(), 400) == [0, 1, 2, 3, 4, 8, 16, 32, 64, 128, 192, 256, 320, 384]


def test_a_fixed_pace_is_kept_whatever_it_costs() -> None:
    pace = Pace(10)
    for _ in range(20):
        pace.took(100.0, 0.1, 10)
    assert watched(pace, 45) == [0, 10, 20, 30, 40]


def test_a_costly_watch_makes_the_gaps_longer_until_it_takes_its_share() -> None:
    pace = Pace()
    for _ in range(20):
        pace.took(6.0, 32.0, 32)  # a step of one second, and five for the watch
    assert pace.k == 512
    assert 5 / pace.k <= SHARE < 5 / (pace.k / 2)
    assert set(watched(pace, 3000)) <= set(watched(Pace(), 3000))


def test_a_cheap_watch_leaves_them() -> None:
    pace = Pace()
    for _ in range(20):
        pace.took(1.5, 32.0, 32)
    assert pace.k == 64


def test_one_odd_step_changes_nothing() -> None:
    pace = Pace()
    for number in range(20):
        pace.took(500.0 if number == 7 else 1.2, 32.0, 32)
        assert pace.k == 64


def test_the_first_steps_decide_nothing() -> None:
    pace = Pace()
    for _ in range(10):
        pace.took(1e6, 1.0, 1)
    assert pace.k == 64


def test_after_a_change_the_gaps_follow() -> None:
    pace = Pace()
    for _ in range(6):
        pace.took(6.0, 32.0, 32)
    slow = pace.k
    for _ in range(6):
        pace.took(1.1, 32.0, 32)
    assert slow == 512
    assert pace.k == 64
