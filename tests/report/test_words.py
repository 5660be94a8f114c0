"""Numbers as people read them."""

import math

import pytest

from assay.report import _words as words


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50.0%"), (1.0, "100%"), (0.0, "0%"), (0.9996, "99.96%"), (0.9999999, ">99.999%"), (math.nan, "–")],
)
def test_all_and_none_are_said_only_where_they_are_exact(share: float, text: str) -> None:
    assert words.percent(share) == text


def test_scores_carry_the_digits_they_have() -> None:
    assert [words.score(value) for value in (0.12345, 0.012345, None)] == ["0.123", "0.0123", "–"]


def test_counts_and_nouns() -> None:
    assert words.rows(1) == "1 row"
    assert words.rows(1234) == "1,234 rows"
    assert words.plural(2, "class") == "2 classes"
    assert words.plural(1, "fold") == "1 fold"
    assert words.joined(["a", "b", "c"]) == "a, b and c"
    assert words.points(0.021) == "2.1 percentage points"


def test_times() -> None:
    assert [words.seconds(time) for time in (0.5, 7.25, 61, 150)] == ["0.5 s", "7.2 s", "61 s", "2 min 30 s"]


def test_long_names_are_cut() -> None:
    assert words.short("a  b\n" + "c" * 60, 10) == "a b cccccc"[:9] + "…"


def test_a_metric_that_has_no_title_keeps_its_name() -> None:
    assert words.metric_title("hamming_loss") == "hamming loss"
    assert words.metric_title("roc_auc") == "ROC AUC"
    assert words.compact(1234567.0) == "1,234,567"
    assert words.count(2.5) == "2.5"
