"""Where a number does not reach what was promised, where Assay loses, fails or is late: every place by name."""

from collections.abc import Sequence

from contest.promises import DISK_MB, ECE, PEAK_MB, SLOWEST_MS, TITLES, Promise, calibrated, ours
from contest.results import Result
from contest.sets import DataSet
from contest.systems import AUTOGLUON, BEST
from contest.verdicts import Duel, Table, Verdicts


def shortfalls(sets: Sequence[DataSet], table: Table, verdicts: Verdicts, kept: Sequence[Promise]) -> list[str]:
    """Say every place where Assay misses a bar, loses, fails, or spends more than its budget."""
    return [
        *(f"{each.what}: {each.measured}, promised {each.bar}" for each in kept if each.held is False),
        *(_lost(each) for each in verdicts.baselines if not each.no_worse),
        *(_lost(e) for rival in (AUTOGLUON, BEST) for e in verdicts.rivals.get(rival, ()) if e.outcome == "loss"),
        *(line for each in ours(table) for line in _above(each)),
        *(
            f"{each.set}: calibration error {each.ece:.1%}, by chance {each.ece_by_chance:.1%}"
            for each in calibrated(sets, table)
            if each.ece is not None and each.ece >= ECE
        ),
        *(f"{each.set}: {TITLES[each.system]} failed: {each.failure}" for each in table.values() if each.failure),
    ]


def _lost(duel: Duel) -> str:
    sure = "beyond noise" if duel.outcome == "loss" else "within noise"
    if duel.ours == float("inf"):
        return f"{duel.set}: no result against {TITLES[duel.rival]} ({duel.theirs:.4f})"
    return (
        f"{duel.set}: log loss {duel.ours:.4f} against {duel.theirs:.4f} of {TITLES[duel.rival]}, {sure} "
        f"(difference {duel.low:+.4f} to {duel.high:+.4f})"
    )


def _above(result: Result) -> list[str]:
    """What is slow or large; a fit is late that goes over its budget by more than 10% or 3 s, whichever is more."""
    bars = (
        ("one row takes", result.latency_ms, SLOWEST_MS, "ms"),
        ("the run folder has", result.disk_mb, DISK_MB, "MB"),
        ("fitting takes", result.peak_mb, PEAK_MB, "MB of memory"),
    )
    found = [f"{result.set}: {what} {value:.0f} {unit}" for what, value, bar, unit in bars if value >= bar]
    given, taken = result.seconds, result.fit_seconds
    if given is not None and taken > given + max(0.1 * given, 3.0):
        found.append(f"{result.set}: the fit took {taken:.0f} s of {given:.0f} s, start of Python included")
    return found
