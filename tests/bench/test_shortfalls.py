"""Every miss is said, from the numbers."""

from dataclasses import replace
from pathlib import Path

from contest.promises import Promise
from contest.results import Result
from contest.sets import DataSet
from contest.shortfalls import shortfalls
from contest.verdicts import Duel, Verdicts

SETS = [DataSet("adult", "tabular", Path("unused"))]
GOOD = Result(
    set="adult", kind="tabular", system="assay", measured="", seconds=60.0, log_loss=0.3, test_rows=2000, ece=0.01,
    ece_by_chance=0.02, fit_seconds=61.0, latency_ms=2.0, peak_mb=800.0, disk_mb=5.0,
)  # fmt: skip
WON = Duel("adult", "tabular", "lightgbm", ours=0.3, theirs=0.4, low=-0.15, high=-0.05, gain=0.01)
HELD = Promise("one row", "under 10 ms", "2 ms", True)


def test_nothing_is_said_where_all_is_kept() -> None:
    verdicts = Verdicts([WON], {"autogluon": [WON], "flaml": [replace(WON, low=0.1, high=0.2)]}, [])
    assert shortfalls(SETS, {("adult", "assay"): GOOD}, verdicts, [HELD, replace(HELD, held=None)]) == []


def test_each_miss_has_its_line() -> None:
    bad = replace(GOOD, fit_seconds=70.0, latency_ms=15.0, peak_mb=2100.0, disk_mb=31.0, ece=0.03)
    failed = replace(GOOD, set="sick", failure="exit code 1: no luck")
    noise = replace(WON, ours=0.5, low=-0.05, high=0.25)
    sure = replace(WON, rival="autogluon-best", ours=0.5, low=0.05, high=0.25)
    gone = replace(sure, set="sick", rival="autogluon", ours=float("inf"))
    verdicts = Verdicts([noise], {"autogluon": [gone], "autogluon-best": [sure]}, [])
    table = {("adult", "assay"): bad, ("sick", "assay"): failed}
    assert shortfalls(SETS, table, verdicts, [replace(HELD, held=False)]) == [
        "one row: 2 ms, promised under 10 ms",
        "adult: log loss 0.5000 against 0.4000 of LightGBM, within noise (difference -0.0500 to +0.2500)",
        "sick: no result against AutoGluon (0.4000)",
        "adult: log loss 0.5000 against 0.4000 of AutoGluon best, beyond noise (difference +0.0500 to +0.2500)",
        "adult: one row takes 15 ms",
        "adult: the run folder has 31 MB",
        "adult: fitting takes 2100 MB of memory",
        "adult: the fit took 70 s of 60 s, start of Python included",
        "adult: calibration error 3.0%, by chance 2.0%",
        "sick: Assay failed: exit code 1: no luck",
    ]
