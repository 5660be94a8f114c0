"""Every promise against its bar."""

from dataclasses import replace
from pathlib import Path

import pytest
from contest.machine import Session
from contest.promises import TEXT_RIVALS, Promise, promises
from contest.results import Result
from contest.sets import DataSet
from contest.verdicts import Duel, Verdicts

SETS = [DataSet("adult", "tabular", Path("unused")), DataSet("vowels", "tabular", Path("unused"), shift=True)]
GOOD = Result(
    set="adult", kind="tabular", system="assay", measured="", seconds=60.0, log_loss=0.3, test_rows=2000, ece=0.01,
    ece_by_chance=0.02, fit_seconds=61.0, latency_ms=2.0, rows_per_second=20_000.0, peak_mb=800.0, disk_mb=5.0,
)  # fmt: skip
THEIRS = replace(GOOD, system="logistic", log_loss=0.4)
SESSION = Session(date="2026-01-01", machine="2 cores", assay="abc", import_s=0.1, help_s=0.2)
WON = Duel("adult", "tabular", "lightgbm", ours=0.3, theirs=0.4, low=-0.15, high=-0.05, gain=0.01)
TEXT = replace(WON, kind="text")
NOBODY = Verdicts([], {}, [])
ALL_WON = Verdicts(
    [WON], {**{name: [TEXT] for name in TEXT_RIVALS}, "autogluon": [WON, TEXT], "autogluon-best": [WON]}, [WON]
)


def told(words: str, table: dict[tuple[str, str], Result], verdicts: Verdicts = NOBODY) -> Promise:
    return next(each for each in promises(SETS, table, verdicts, None) if words in each.what)


def of(*results: Result) -> dict[tuple[str, str], Result]:
    return {(each.set, each.system): each for each in results}


def test_all_are_held_where_all_is_well() -> None:
    assert [each.what for each in promises(SETS, of(GOOD, THEIRS), ALL_WON, SESSION) if not each.held] == []


def test_what_is_not_measured_is_neither_kept_nor_missed() -> None:
    assert {(each.held, each.measured) for each in promises(SETS, {}, NOBODY, None)} == {(None, "not measured")}
    old = replace(GOOD, ece=None, ece_by_chance=None, rows_per_second=None)
    assert told("calibration", of(old)).held is None
    assert told("rows a second", of(old)).held is None


@pytest.mark.parametrize(
    ("words", "worse", "measured"),
    [
        ("median over sets", {"latency_ms": 5.0}, "5 ms"),
        ("slowest set", {"latency_ms": 15.0}, "15 ms"),
        ("rows a second", {"rows_per_second": 19_999.0}, "19,999"),
        ("run folder", {"disk_mb": 20.0}, "20 MB"),
        ("peak memory", {"peak_mb": 2001.0}, "2001 MB"),
        ("calibration", {"ece": 0.025}, "0 of 1 sets; largest 2.5% on adult, by chance 2.0%"),
        ("mean rank", {"log_loss": 0.5}, "2.00, place 2 of 2"),
    ],
)
def test_each_number_has_its_bar(words: str, worse: dict[str, float], measured: str) -> None:
    missed = told(words, of(replace(GOOD, **worse), THEIRS))
    assert (missed.held, missed.measured) == (False, measured)


def test_calibration_is_asked_of_large_test_sets_without_shift() -> None:
    shifted = replace(GOOD, set="vowels", ece=0.3)
    small = replace(GOOD, set="small", ece=0.3, test_rows=1999)
    assert told("calibration", of(GOOD, shifted, small)).measured.startswith("1 of 1 sets")


def test_shares_are_strict() -> None:
    tie = replace(WON, ours=0.4001, low=-0.01, high=0.01)
    nearly = told("the better of", {}, Verdicts([WON] * 8 + [tie] * 2, {}, []))
    assert nearly.held is False
    assert nearly.measured == "8 of 10 sets (80%); 10 if a difference within noise counts as no worse"
    assert told("the better of", {}, Verdicts([WON] * 9 + [tie], {}, [])).held is True
    same = replace(WON, ours=0.4)
    assert told("smaller log loss than AutoGluon", {}, Verdicts([], {"autogluon": [same]}, [])).held is False
    assert told("half the time", {}, Verdicts([], {}, [same])).held is True


def test_a_text_counts_that_beats_all_rivals_at_once() -> None:
    other = replace(TEXT, set="news")
    rivals = {name: [TEXT, other] for name in TEXT_RIVALS}
    rivals["nbsvm"] = [TEXT, replace(other, gain=0.0)]
    found = told("texts", {}, Verdicts([], rivals, []))
    assert found.measured.startswith("1 of 2 sets (50%); one by one: Logistic regression 2, nbsvm 1,")
    assert found.held is False
    assert told("texts", {}, Verdicts([], {**rivals, "fasttext": []}, [])).held is None


def test_accuracy_may_not_be_lower_on_average() -> None:
    lower = Verdicts([], {"autogluon-best": [WON, replace(WON, gain=-0.03)]}, [])
    found = told("accuracy less that of AutoGluon best", {}, lower)
    assert (found.held, found.measured) == (False, "-1.00 points")
