import math

import pytest

from assay.report import _words as words
from assay.tasks.binary import Binary


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.9894, "98.9%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (0.99961, "99.96%"),
        (0.99999, "99.999%"),
        (0.9999999, ">99.999%"),
        (0.0004, "0.04%"),
        (1e-9, "<0.001%"),
        (math.nan, "–"),
    ],
)
def test_a_share_is_all_or_nothing_only_where_it_is(share: float, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize(("value", "text"), [(0.98765, "0.988"), (0.01234, "0.0123"), (None, "–"), (math.nan, "–")])
def test_scores_have_three_digits(value: float | None, text: str) -> None:
    assert words.score(value) == text


@pytest.mark.parametrize(
    ("time", "text"), [(0.001, "<0.01 s"), (0.25, "0.25 s"), (3.21, "3.2 s"), (61.4, "61 s"), (135.0, "2 min 15 s")]
)
def test_times(time: float, text: str) -> None:
    assert words.seconds(time) == text


def test_counts_of_rows_and_sums_of_weights() -> None:
    assert (words.count(12345.0), words.count(12.25), words.rows(1), words.rows(2)) == (
        "12,345",
        "12.2",
        "1 row",
        "2 rows",
    )


def test_values_of_columns() -> None:
    assert (words.compact(1484705.0), words.compact(0.123456), words.compact(1e12)) == ("1,484,705", "0.1235", "1e+12")


def test_names_are_cut_and_listed() -> None:
    assert words.short("a\n b", 10) == "a b"
    assert words.short("x" * 50, 10) == "x" * 9 + "…"
    assert (words.joined(["a"]), words.joined(["a", "b", "c"]), words.joined([])) == ("a", "a, b and c", "")


def test_names_that_begin_alike_keep_their_ends() -> None:
    assert words.both_ends("an intent with a longer name 07") == "an intent w…er name 07"
    assert len(words.both_ends("x" * 90)) == 22
    assert words.both_ends("spam") == "spam"


def test_plurals() -> None:
    assert (words.plural(1, "class"), words.plural(3, "class"), words.plural(2, "fold")) == (
        "1 class",
        "3 classes",
        "2 folds",
    )


def test_every_metric_has_a_title_and_a_meaning() -> None:
    assert set(Binary.metrics) <= set(words.METRICS)
    assert words.metric_title("some_metric") == "some metric"


def test_differences_are_percentage_points() -> None:
    assert words.points(0.0123) == "1.2 percentage points"
