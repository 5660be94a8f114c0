"""The contest's part of the page of results, made from the finished measurements alone."""

from collections.abc import Iterable, Sequence

from contest.bystanders import BUSY
from contest.machine import Session
from contest.markdown import bullets, grid, said
from contest.promises import TITLES, Promise, promises
from contest.ranks import rankings
from contest.rates import by_set, outcomes, ranked, win_rates
from contest.results import Result, Results
from contest.sets import DataSet
from contest.shortfalls import shortfalls
from contest.systems import SYSTEMS
from contest.verdicts import Table, judge, tabulate

PICTURE = "critical-difference.svg"
_COLUMNS = (
    "data set", "rows", "classes", "system", "accuracy", "log loss", "AUC", "ECE", "fit s", "one row ms", "rows/s",
    "peak MB", "disk MB",
)  # fmt: skip
_HOW = """\
- Every system sees the same Parquet files, split once, and the same two cores. It fits in a process of its own, in a
  virtual environment of its own, and predicts in another process from what it left on disk.
- One piece of code scores all of them from their probabilities: clipped at 1e-15 and renormalised; a class that a model
  does not know counts as 1e-15. AUC: the last class in sorted order is the positive one; with more classes, the mean of
  each against the rest, left out where a test class has no training row.
- ECE: expected calibration error of the largest probability, 15 bins of equal size. Behind it, in brackets, what a
  model that is as sure and perfectly calibrated would show on as many rows, by chance.
- Fit seconds: from the start of the process to the model on disk, reading and imports included.
- One row: median of up to 100 calls of `predict_proba`, each on another row, in a process that is warm.
- Rows/s: one call on the test rows repeated to 20,000 (adult: 100,000; fewer if 20 s do not suffice), table in memory.
- Peak MB: largest resident memory of the fitting process. Disk MB: the model as it was saved, a run folder for Assay.
- Noise: 95% interval of the difference of log loss by a paired bootstrap over test rows (2,000 draws).
- Columns that say the answer are hidden from all systems; `sets.toml` lists them."""


_RATES = """\
Counted over the sets where the rival has numbers. Accuracy: Assay's less the rival's, in points, mean over sets. Ranks
are over all sets of a kind; who failed on one is last there, and who is not measured on all of them is left out."""


def page(sets: Sequence[DataSet], results: Results, session: Session | None) -> str:
    """Write the part as Markdown; what has not been measured is named."""
    table = tabulate(results.all())
    verdicts = judge(table, results)
    kept, ranks = promises(sets, table, verdicts, session), rankings(table)
    parts = [
        "## Assay and its peers, side by side",
        _about(table, session),
        "### In short",
        _promised(kept),
        "### Win rates and ranks",
        win_rates(verdicts) or "Nothing to compare yet.",
        _RATES,
        bullets(map(ranked, ranks)) or "No ranks yet.",
        f"![Mean ranks; bars join systems that cannot be told apart]({PICTURE})" if ranks else "",
        "### Shortfalls",
        bullets(shortfalls(sets, table, verdicts, kept)) or "None in what was measured.",
        "### Not measured",
        bullets(_missing(sets, table)) or "Nothing is missing.",
        "### Set by set",
        "The best of each set is bold. Tables by log loss:",
        by_set(table, "tabular", lambda each: each.log_loss, min),
        outcomes(verdicts, "tabular"),
        "Texts by accuracy:",
        by_set(table, "text", lambda each: each.accuracy, max),
        outcomes(verdicts, "text"),
        "### All numbers",
        "The smallest log loss of each set is bold. A star: others used more than a quarter of a core meanwhile.",
        _numbers(sets, table),
        "### How it was measured",
        _HOW,
        "### Who took part",
        bullets(f"{system.title}: {system.about}. {_versions(table, system.name)}" for system in SYSTEMS),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(table: Table, session: Session | None) -> str:
    if session is None:
        return ""
    return (
        f"Written by `make bench`, {session.date}: {session.machine}. "
        f"Assay at commit {session.assay}. "
        f"Budgets: {', '.join(_budgets(table)) or 'none yet'}."
    )


def _budgets(table: Table) -> list[str]:
    """Seconds of each system that takes a budget."""
    given = {(each.system, each.seconds) for each in table.values() if each.seconds is not None}
    return [f"{one.title} {seconds:g} s" for one in SYSTEMS for name, seconds in sorted(given) if name == one.name]


def _promised(kept: Iterable[Promise]) -> str:
    return grid(("promise", "bar", "measured", "held"), [(p.what, p.bar, p.measured, said(p.held)) for p in kept])


def _missing(sets: Sequence[DataSet], table: Table) -> list[str]:
    lines = []
    for system in SYSTEMS:
        asked = [data.name for data in sets if data.kind in system.kinds]
        names = [name for name in asked if (name, system.name) not in table]
        if names:
            every = "every set" if len(names) == len(asked) else ", ".join(sorted(names))
            lines.append(f"{system.title}: {every}")
    return lines


def _numbers(sets: Sequence[DataSet], table: Table) -> str:
    rows = []
    for data in sorted(sets, key=lambda each: (each.kind, each.name)):
        found = [table[data.name, system.name] for system in SYSTEMS if (data.name, system.name) in table]
        best = min((each.log_loss for each in found if not each.failure), default=None)
        rows += [_row(each, best) for each in found]
    return grid(_COLUMNS, rows, numbers=range(4, len(_COLUMNS))) if rows else ""


def _row(result: Result, best: float | None) -> tuple[str, ...]:
    title = TITLES[result.system]
    if result.failure:
        return (result.set, "", "", title, "failed", *[""] * (len(_COLUMNS) - 5))
    star = "*" if (result.others or 0) > BUSY else ""
    loss = f"{result.log_loss:.4f}"
    return (
        result.set,
        f"{result.train_rows:,} + {result.test_rows:,}",
        str(result.classes),
        title,
        f"{result.accuracy:.4f}",
        f"**{loss}**" if result.log_loss == best else loss,
        "" if result.roc_auc is None else f"{result.roc_auc:.4f}",
        "" if result.ece is None else f"{result.ece:.1%} ({result.ece_by_chance:.1%})",
        f"{result.fit_seconds:.1f}{star}",
        f"{result.latency_ms:.2f}{star}",
        "" if result.rows_per_second is None else f"{result.rows_per_second:,.0f}{star}",
        f"{result.peak_mb:.0f}",
        f"{result.disk_mb:.2f}",
    )


def _versions(table: Table, system: str) -> str:
    ours = [each for each in table.values() if each.system == system]
    seen = sorted({f"{name} {number}" for each in ours for name, number in each.versions.items()})
    return ", ".join(seen) + "." if seen else ""
