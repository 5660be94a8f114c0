"""Every miss is said, from the numbers."""

from dataclasses import replace

from contest.machine import Session
from contest.results import Result
from contest.shortfalls import promises, shortfalls
from contest.verdicts import Duel

GOOD = Result(
    set="adult", kind="tabular", system="assay", measured="", seconds=60.0, log_loss=0.3,
    fit_seconds=61.0, latency_ms=2.0, peak_mb=800.0, disk_mb=5.0,
)  # fmt: skip
SESSION = Session(date="2026-01-01", machine="2 cores", assay="abc", import_s=0.1, help_s=0.2)
WON = Duel("adult", "lightgbm", ours=0.3, theirs=0.4, low=-0.15, high=-0.05)


def test_nothing_is_said_where_all_is_kept() -> None:
    table = {("adult", "assay"): GOOD}
    assert all(each.held for each in promises(table, [WON], SESSION))
    assert shortfalls(table, [WON], [WON], SESSION) == []


def test_what_is_not_measured_is_neither_kept_nor_missed() -> None:
    assert {each.held for each in promises({}, [], None)} == {None}
    assert shortfalls({}, [], [], None) == []


def test_each_miss_has_its_line() -> None:
    bad = replace(GOOD, fit_seconds=70.0, latency_ms=15.0, peak_mb=1600.0, disk_mb=31.0)
    failed = replace(GOOD, set="sick", failure="exit code 1: no luck")
    lost = replace(WON, ours=0.5, low=-0.05, high=0.25)
    session = replace(SESSION, import_s=0.4, help_s=None)
    said = "\n".join(shortfalls({("adult", "assay"): bad, ("sick", "assay"): failed}, [lost], [], session))
    for words in (
        "0 of 1 sets (0%); 1 of 1 (100%) if",
        "one row, slowest set: 15 ms, promised under 10 ms",
        "run folder on adult: 31 MB",
        "adult: fitting takes 1600 MB of memory",
        "`import assay`, median of 7: 0.4 s, promised under 0.3 s",
        "adult: log loss 0.5000 against 0.4000 of LightGBM, within noise (difference -0.0500 to +0.2500)",
        "adult: the fit took 70 s of 60 s",
        "sick: Assay failed: exit code 1: no luck",
    ):
        assert words in said
    assert "--help" not in said


def test_the_share_is_strict() -> None:
    tie = Duel("sick", "logistic", ours=0.4001, theirs=0.4, low=-0.01, high=0.01)
    share = promises({}, [WON] * 8 + [tie] * 2, None)[0]
    assert share.held is False
    assert share.measured.startswith("8 of 10 sets (80%); 10 of 10 (100%)")
    assert promises({}, [WON] * 9 + [tie], None)[0].held is True
