"""Parts of known dates, cycles that close, parts that never change left out, gaps."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from assay.data.schema import Kind
from assay.features.calendar import Calendar
from tests.features.tables import blocks, table

WIDE = [datetime(2019, 1, 7), datetime(2021, 12, 25, 18, 30)]  # a Monday and a Saturday: every part differs


def parts(*dates, train=WIDE):
    encoder = Calendar()
    _, block = blocks(encoder, table(Kind.DATETIME, x=train), table(Kind.DATETIME, x=dates))
    return dict(zip(encoder.feature_names, block.T, strict=True))


@pytest.mark.parametrize(
    "date", [datetime(2020, 2, 29, 12), datetime(1969, 7, 20, 20, 15), datetime(1905, 1, 1), datetime(2038, 12, 31)]
)
def test_parts_are_those_of_the_calendar(date):
    found = parts(date)
    assert found["x year"][0] == pytest.approx((date.year - 2000) / 20)
    assert found["x month"][0] == pytest.approx((date.month - 1) / 6 - 1)
    assert found["x day"][0] == pytest.approx((date.day - 1) / 15 - 1)
    assert found["x weekday"][0] == pytest.approx(date.weekday() / 3 - 1)
    assert found["x hour"][0] == pytest.approx((date.hour + date.minute / 60) / 12 - 1, abs=1e-6)


def test_cycles_close():
    days = parts(*(datetime(2020, 6, 1) + timedelta(days=n) for n in range(8)))
    around = np.stack([days["x weekday sin"], days["x weekday cos"]], axis=1)
    steps = np.linalg.norm(np.diff(around, axis=0), axis=1)
    assert steps.tolist() == pytest.approx([2 * np.sin(np.pi / 7)] * 7, abs=1e-6)
    months = parts(datetime(2020, 1, 1), datetime(2020, 4, 1), datetime(2020, 7, 1))
    assert months["x month sin"].tolist() == pytest.approx([0, 1, 0], abs=1e-6)
    hours = parts(datetime(2020, 1, 1, 0), datetime(2020, 1, 1, 12), datetime(2020, 1, 2, 0))
    assert hours["x hour cos"].tolist() == pytest.approx([1, -1, 1], abs=1e-6)


def test_time_goes_from_zero_to_one_over_training_and_on():
    first, last = WIDE
    elapsed = parts(first, last, first + 2 * (last - first), first - (last - first))["x time since start"]
    assert elapsed.tolist() == pytest.approx([0, 1, 2, -1], abs=1e-6)


def test_parts_that_never_change_in_training_are_left_out():
    found = parts(datetime(2031, 5, 5), train=[datetime(2020, 3, 2), datetime(2020, 3, 16)])
    assert set(found) == {"x day", "x time since start"}


def test_a_missing_date_is_zero_and_told_where_training_had_any():
    assert all(values[0] == 0 for values in parts(None).values())
    gappy = parts(None, WIDE[0], train=[*WIDE, None])
    assert gappy["x is missing"].tolist() == [1, 0]
    assert "x is missing" not in parts(None)
