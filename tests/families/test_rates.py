"""How fast boosting must learn."""

import pytest

from assay.core.clock import Deadline
from assay.families._rates import affordable


def test_without_a_clock_the_rate_stays():
    assert affordable(0.05, 1e9, Deadline()) == 0.05


def test_with_time_enough_the_rate_stays():
    assert affordable(0.05, 0.001, Deadline.after(10)) == 0.05


def test_half_the_time_that_is_needed_doubles_the_rate():
    assert affordable(0.05, 0.05, Deadline.after(10)) == pytest.approx(0.1, abs=0.002)


def test_the_rate_has_an_end():
    assert affordable(0.05, 10.0, Deadline.after(1)) == 0.3
