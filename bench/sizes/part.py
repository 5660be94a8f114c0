"""The part of the page of results about growth, made from the finished measurements alone."""

from collections.abc import Sequence

import numpy as np
from contest.bystanders import BUSY
from contest.entry import Entry
from contest.markdown import bullets, grid, said
from contest.results import Result, Results

from sizes.entries import LARGE, LARGE_SECONDS, LIFTED, PLAIN, ROWS, USUAL_COLUMNS, sized

EXPONENT, LARGE_MB, TOLERANCE = 1.1, 8000.0, 0.1
_HOW = """\
- The tables are made: eight hidden factors, of which the first 20 columns show one each with noise, every fifth column
  cut into categories, two classes (`sizes/made.py`). Each is tested on 5,000 more rows.
- Budget lifted: `time=0` and `families=["linear", "boosted"]`, so that the work is the same at every size; a fit is
  stopped after two hours. Beside it Assay as it comes, in 60 s.
- The exponent is the slope of the logarithm of seconds against that of rows, by least squares. Seconds are those of the
  whole process. Its start weighs more where there are few rows and makes the slope less; so the slope between the two
  largest sizes stands beside it.
- A star: other processes used more than a quarter of a core meanwhile."""


def part(asked: Sequence[Entry], results: Results) -> str:
    """Write the part as Markdown; what has not been measured is named."""
    found = [(entry, results.find(entry.data.name, entry.system.name)) for entry in asked]
    bars = _bars(results)
    pieces = [
        "## Growth",
        grid(("promise", "bar", "measured", "held"), bars) if bars else "",
        *(_table(title, group, asked, results) for title, group in (("By rows", "rows"), ("By columns", "columns"))),
        "### Not measured of growth",
        bullets(_missing(found)) or "Nothing is missing.",
        "### How growth was measured",
        _HOW,
    ]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of log(cost) against log(size) by least squares: 1 where cost grows as size does."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


def _bars(results: Results) -> list[tuple[str, str, str, str]]:
    return [*_exponent_bar(results), *_large_bars(results)]


def _exponent_bar(results: Results) -> list[tuple[str, str, str, str]]:
    found = [(rows, each) for rows in ROWS if (each := _sound(results, sized(rows, USUAL_COLUMNS).name, LIFTED.name))]
    if len(found) < 2:
        return []
    sizes, seconds = [rows for rows, _ in found], [each.fit_seconds for _, each in found]
    all_, last = exponent(sizes, seconds), exponent(sizes[-2:], seconds[-2:])
    told = f"{all_:.2f} from {sizes[0]:,} to {sizes[-1]:,} rows, {last:.2f} from {sizes[-2]:,}"
    held = said(all_ < EXPONENT if len(found) == len(ROWS) else None)
    return [("seconds against rows, budget lifted: exponent", f"under {EXPONENT}", told, held)]


def _large_bars(results: Results) -> list[tuple[str, str, str, str]]:
    large = _sound(results, sized(*LARGE).name, PLAIN.name)
    if large is None:
        return []
    name, most = f"{LARGE[0]:,} rows of {LARGE[1]} columns", LARGE_SECONDS * (1 + TOLERANCE)
    seconds, peak = f"{large.fit_seconds:.0f} s", f"{large.peak_mb:,.0f} MB"
    return [
        (f"{name}: fit, budget {LARGE_SECONDS:.0f} s", f"under {most:.0f} s", seconds, said(large.fit_seconds < most)),
        (f"{name}: peak memory", f"under {LARGE_MB:,.0f} MB", peak, said(large.peak_mb < LARGE_MB)),
    ]


def _sound(results: Results, name: str, system: str) -> Result | None:
    found = results.find(name, system)
    return None if found is None or found.failure else found


def _table(title: str, group: str, asked: Sequence[Entry], results: Results) -> str:
    rows = []
    for data in dict.fromkeys(entry.data for entry in asked if entry.group == group):
        pair = [_sound(results, data.name, system.name) for system in (LIFTED, PLAIN)]
        if any(pair):
            rows.append((data.name.removeprefix("made_"), *(cell for each in pair for cell in _cells(each))))
    head = [f"{budget}, {what}" for budget in ("lifted", "60 s") for what in ("s", "peak MB", "log loss")]
    return f"### {title}\n\n{grid(('rows x columns', *head), rows, numbers=range(1, 7))}" if rows else ""


def _cells(result: Result | None) -> tuple[str, str, str]:
    if result is None:
        return "", "", ""
    star = "*" if (result.others or 0) > BUSY else ""
    return f"{result.fit_seconds:.1f}{star}", f"{result.peak_mb:,.0f}", f"{result.log_loss:.4f}"


def _missing(found: Sequence[tuple[Entry, Result | None]]) -> list[str]:
    return [
        f"{entry.data.name}, {entry.system.title}{f': {result.failure}' if result else ''}"
        for entry, result in found
        if result is None or result.failure
    ]
