"""The promises that are measured, each with its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from contest.machine import Session
from contest.ranks import rank
from contest.results import Result
from contest.sets import DataSet
from contest.systems import ASSAY, AUTOGLUON, BEST, FASTTEXT, LOGISTIC, NBSVM, SYSTEMS
from contest.verdicts import Duel, Table, Verdicts

BASELINE_SHARE, MEDIUM_SHARE, BEST_SHARE, TEXT_SHARE, HALF_SHARE = 0.9, 0.85, 0.6, 0.8, 0.7
TEXT_RIVALS = (LOGISTIC, NBSVM, FASTTEXT, AUTOGLUON)
MEDIAN_MS, SLOWEST_MS, DISK_MB, PEAK_MB, IMPORT_S, HELP_S = 5.0, 10.0, 20.0, 2000.0, 0.3, 0.5
RATE, RATE_SET = 20_000.0, "adult"
ECE, ECE_ROWS = 0.02, 2000
NOTHING = "not measured"
TITLES = {system.name: system.title for system in SYSTEMS}


@dataclass(frozen=True)
class Promise:
    """One line of the summary; ``held`` is None where there is nothing measured yet."""

    what: str
    bar: str
    measured: str
    held: bool | None


def promises(sets: Sequence[DataSet], table: Table, verdicts: Verdicts, session: Session | None) -> list[Promise]:
    """Put every promise beside what was measured."""
    medium, best = (verdicts.against(rival, "tabular") for rival in (AUTOGLUON, BEST))
    return [
        _no_worse(
            "log loss no worse than the better of logistic regression and LightGBM", BASELINE_SHARE, verdicts.baselines
        ),
        _smaller(AUTOGLUON, MEDIUM_SHARE, medium),
        _smaller(BEST, BEST_SHARE, best),
        _accuracy(AUTOGLUON, medium),
        _accuracy(BEST, best),
        _first(table),
        _texts(verdicts),
        _no_worse("in half the time: log loss no worse than AutoGluon's", HALF_SHARE, verdicts.half),
        *_costs(ours(table)),
        _calibrated(calibrated(sets, table)),
        _under("`import assay`, median of 7", session.import_s if session else None, IMPORT_S, "s"),
        _under("`assay --help`, median of 7", session.help_s if session else None, HELP_S, "s"),
    ]


def ours(table: Table) -> list[Result]:
    """Results of Assay that are numbers."""
    return [each for each in table.values() if each.system == ASSAY and not each.failure]


def calibrated(sets: Sequence[DataSet], table: Table) -> list[Result]:
    """Results of Assay that have to be calibrated: enough test rows, of the kind that was learned from."""
    shifted = {data.name for data in sets if data.shift}
    known = [each for each in ours(table) if each.ece is not None]
    return [each for each in known if each.test_rows >= ECE_ROWS and each.set not in shifted]


def _no_worse(what: str, bar: float, duels: Sequence[Duel]) -> Promise:
    noise = sum(each.outcome != "loss" for each in duels)
    also = f"; {noise} if a difference within noise counts as no worse"
    return _share(what, bar, [each.no_worse for each in duels], also)


def _smaller(rival: str, bar: float, duels: Sequence[Duel]) -> Promise:
    won, lost = (sum(each.outcome == outcome for each in duels) for outcome in ("win", "loss"))
    what, also = f"tables: smaller log loss than {TITLES[rival]}", f"; beyond noise {won} won, {lost} lost"
    return _share(what, bar, [each.ours < each.theirs for each in duels], also)


def _accuracy(rival: str, duels: Sequence[Duel]) -> Promise:
    what, bar = f"tables: accuracy less that of {TITLES[rival]}, mean", "0 or more"
    if not duels:
        return Promise(what, bar, NOTHING, None)
    gain = mean(each.gain for each in duels)
    return Promise(what, bar, f"{100 * gain:+.2f} points", gain >= 0)


def _first(table: Table) -> Promise:
    what, ranking = "tables: mean rank by log loss", rank(table, "tabular")
    if ranking is None:
        return Promise(what, "first", NOTHING, None)
    order = list(ranking.means)
    told = f"{ranking.means[ASSAY]:.2f}, place {order.index(ASSAY) + 1} of {len(order)}"
    return Promise(what, "first", told, order[0] == ASSAY)


def _texts(verdicts: Verdicts) -> Promise:
    """A set counts if Assay is more accurate than every one of them there."""
    gains = [{each.set: each.gain for each in verdicts.against(rival, "text")} for rival in TEXT_RIVALS]
    sets = sorted(set.intersection(*(set(each) for each in gains)))
    counts = [sum(found[name] > 0 for name in sets) for found in gains]
    titles = [TITLES[rival] for rival in TEXT_RIVALS]
    also = ", ".join(f"{title} {count}" for title, count in zip(titles, counts, strict=True))
    what = f"texts: accuracy higher than all of {', '.join(titles)}"
    return _share(what, TEXT_SHARE, [all(found[name] > 0 for found in gains) for name in sets], f"; one by one: {also}")


def _costs(found: Sequence[Result]) -> list[Promise]:
    latencies = [each.latency_ms for each in found]
    disk, peak = (max(each, default=None) for each in ([e.disk_mb for e in found], [e.peak_mb for e in found]))
    rates = [each.rows_per_second for each in found if each.set == RATE_SET and each.rows_per_second is not None]
    rate = f"{rates[0]:,.0f}" if rates else NOTHING
    held = rates[0] >= RATE if rates else None
    return [
        _under("one row, median over sets", median(latencies) if latencies else None, MEDIAN_MS, "ms"),
        _under("one row, slowest set", max(latencies, default=None), SLOWEST_MS, "ms"),
        Promise(f"rows a second on {RATE_SET}, 100,000 at once", f"{RATE:,.0f} or more", rate, held),
        _under("run folder, largest of all sets", disk, DISK_MB, "MB"),
        _under("peak memory while fitting, all sets", peak, PEAK_MB, "MB"),
    ]


def _calibrated(found: Sequence[Result]) -> Promise:
    what, bar = f"calibration error, test sets of {ECE_ROWS:,} rows and no shift", f"under {ECE:.0%} on every one"
    if not found:
        return Promise(what, bar, NOTHING, None)
    good = sum((each.ece or 0.0) < ECE for each in found)
    worst = max(found, key=lambda each: each.ece or 0.0)
    told = f"{good} of {len(found)} sets; largest {worst.ece:.1%} on {worst.set}, by chance {worst.ece_by_chance:.1%}"
    return Promise(what, bar, told, good == len(found))


def _share(what: str, bar: float, held: Sequence[bool], also: str = "") -> Promise:
    if not held:
        return Promise(what, f"{bar:.0%} of sets", NOTHING, None)
    return Promise(what, f"{bar:.0%} of sets", _of(sum(held), len(held)) + also, sum(held) >= bar * len(held))


def _of(count: int, all_: int) -> str:
    return f"{count} of {all_} sets ({count / all_:.0%})"


def _under(what: str, value: float | None, bar: float, unit: str) -> Promise:
    if value is None:
        return Promise(what, f"under {bar:g} {unit}", NOTHING, None)
    digits = ".0f" if value >= 100 else ".3g"
    return Promise(what, f"under {bar:g} {unit}", f"{value:{digits}} {unit}", value < bar)
