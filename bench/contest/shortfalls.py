"""The promises that are measured, each with its bar, and where a number does not reach it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from contest.machine import Session
from contest.results import Result
from contest.systems import ASSAY, SYSTEMS
from contest.verdicts import Duel, Table

SHARE, LATENCY_MS, DISK_MB, PEAK_MB, IMPORT_S, HELP_S = 0.9, 10.0, 30.0, 1500.0, 0.3, 0.5
DISK_SET = "adult"
_TITLES = {system.name: system.title for system in SYSTEMS}


@dataclass(frozen=True)
class Promise:
    """One line of the summary; ``held`` is None where there is nothing measured yet."""

    what: str
    bar: str
    measured: str
    held: bool | None


def promises(table: Table, duels: Sequence[Duel], session: Session | None) -> list[Promise]:
    """Put every promise beside what was measured."""
    ours = _ours(table)
    latencies, peaks = [each.latency_ms for each in ours], [each.peak_mb for each in ours]
    disk = [each.disk_mb for each in ours if each.set == DISK_SET]
    return [
        _share(duels),
        _bound("one row, median over sets", median(latencies) if latencies else None, LATENCY_MS, "ms"),
        _bound("one row, slowest set", max(latencies, default=None), LATENCY_MS, "ms"),
        _bound(f"run folder on {DISK_SET}", max(disk, default=None), DISK_MB, "MB"),
        _bound("peak memory while fitting, largest set of all", max(peaks, default=None), PEAK_MB, "MB"),
        _bound("`import assay`, median of 7", session.import_s if session else None, IMPORT_S, "s"),
        _bound("`assay --help`, median of 7", session.help_s if session else None, HELP_S, "s"),
    ]


def shortfalls(table: Table, duels: Sequence[Duel], autogluon: Sequence[Duel], session: Session | None) -> list[str]:
    """Say every place where Assay misses a bar, loses, fails, or spends more than its budget."""
    kept = promises(table, duels, session)
    return [
        *(f"{each.what}: {each.measured}, promised {each.bar}" for each in kept if each.held is False),
        *(_lost(each) for each in duels if not each.no_worse),
        *(_lost(each) for each in autogluon if each.outcome == "loss"),
        *_above(table, "one row takes", lambda each: each.latency_ms, LATENCY_MS, "ms"),
        *_above(table, "fitting takes", lambda each: each.peak_mb, PEAK_MB, "MB of memory"),
        *_late(table),
        *(f"{each.set}: {_TITLES[each.system]} failed: {each.failure}" for each in table.values() if each.failure),
    ]


def _share(duels: Sequence[Duel]) -> Promise:
    what = "log loss no worse than the better of logistic regression and LightGBM"
    if not duels:
        return Promise(what, f"{SHARE:.0%} of sets", "not measured", None)
    strict = sum(each.no_worse for each in duels)
    noise = sum(each.outcome != "loss" for each in duels)
    measured = (
        f"{strict} of {len(duels)} sets ({strict / len(duels):.0%}); "
        f"{noise} of {len(duels)} ({noise / len(duels):.0%}) if a difference within noise counts as no worse"
    )
    return Promise(what, f"{SHARE:.0%} of sets", measured, strict >= SHARE * len(duels))


def _bound(what: str, value: float | None, bar: float, unit: str) -> Promise:
    if value is None:
        return Promise(what, f"under {bar:g} {unit}", "not measured", None)
    digits = ".0f" if value >= 100 else ".3g"
    return Promise(what, f"under {bar:g} {unit}", f"{value:{digits}} {unit}", value < bar)


def _lost(duel: Duel) -> str:
    sure = "beyond noise" if duel.outcome == "loss" else "within noise"
    if duel.ours == float("inf"):
        return f"{duel.set}: no result against {_TITLES[duel.rival]} ({duel.theirs:.4f})"
    return (
        f"{duel.set}: log loss {duel.ours:.4f} against {duel.theirs:.4f} of {_TITLES[duel.rival]}, {sure} "
        f"(difference {duel.low:+.4f} to {duel.high:+.4f})"
    )


def _above(table: Table, what: str, number: Callable[[Result], float], bar: float, unit: str) -> list[str]:
    return [f"{each.set}: {what} {number(each):.0f} {unit}" for each in _ours(table) if number(each) >= bar]


def _late(table: Table) -> list[str]:
    """Fits that went over their budget by more than 10% or 3 s, whichever is more."""
    return [
        f"{each.set}: the fit took {each.fit_seconds:.0f} s of {each.seconds:.0f} s, start of Python included"
        for each in _ours(table)
        if each.seconds is not None and each.fit_seconds > each.seconds + max(0.1 * each.seconds, 3.0)
    ]


def _ours(table: Table) -> list[Result]:
    return [each for each in table.values() if each.system == ASSAY and not each.failure]
