"""A list of measurements worked off: what is not measured yet is, then the page is written anew."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from contest.entry import Entry
from contest.machine import hold_cores
from contest.measure import measure
from contest.options import parser
from contest.results import Result, Results
from contest.sets import DataSet, chosen, data_folder, discover, discover_others, names_in
from contest.systems import BENCH, prepare
from pages import write_page
from rich.console import Console

from assay.core.errors import UserError

Listed = Callable[[Sequence[DataSet], Sequence[DataSet]], Iterable[Entry]]


def work_off(
    arguments: Sequence[str] | None, *, prog: str, about: str | None, groups: Sequence[str], listed: Listed, folder: str
) -> int:
    """Measure what is not done yet, then write the page; 0 done, 2 wrong input, 130 stopped (what is done is kept).

    Args:
        arguments: Of the command line; by default the process's own.
        prog, about: Of the runnable, for its help.
        groups: Of the entries, in order.
        listed: All entries for tables and texts, and for sets of other kinds.
        folder: Where results are kept, under ``work``.
    """
    options = _options(arguments, parser(prog, about, groups))
    exceptions = BENCH / "sets.toml"
    try:
        sets = discover(data_folder(), exceptions)
        asked = list(listed(sets, discover_others(data_folder(), exceptions)))
        wanted = chosen(options.only, groups, "--only")
        names = chosen(options.sets, list(dict.fromkeys(entry.data.name for entry in asked)), "--sets")
        systems = chosen(options.systems, list(dict.fromkeys(entry.system.name for entry in asked)), "--systems")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    if not options.only_report:
        try:
            now = [e for e in asked if e.group in wanted and e.data.name in names and e.system.name in systems]
            _measure_all(now, BENCH / "work" / folder, options)
        except KeyboardInterrupt:
            code = 130
    print(f"wrote {write_page(BENCH, sets)}", file=sys.stderr)
    return code


def _options(arguments: Sequence[str] | None, made: argparse.ArgumentParser) -> argparse.Namespace:
    made.add_argument("--systems", type=names_in, default=[], help="names of systems, separated by commas (all)")
    return made.parse_args(arguments)


def _measure_all(asked: Sequence[Entry], folder: Path, options: argparse.Namespace) -> None:
    hold_cores()
    end, results, console = time.monotonic() + options.budget_minutes * 60, Results(folder), Console(stderr=True)

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    todo = [e for e in asked if options.repeat or not results.finished(e.data, e.system, e.seconds)]
    prepare([entry.system for entry in todo], say)
    todo = [entry for entry in todo if entry.system.ready]
    for number, entry in enumerate(todo, 1):
        if time.monotonic() > end:
            say("the time is up; the page says what is missing")
            return
        entry.data.make()
        result = measure(entry.data, entry.system, entry.seconds, results)
        say(f"{number} of {len(todo)}: {entry.data.name}, {entry.system.title}: {_told(result)}")


def _told(result: Result) -> str:
    if result.failure:
        return f"failed: {result.failure}"
    numbers = result.metrics or {"accuracy": result.accuracy, "log loss": result.log_loss}
    return ", ".join(f"{name} {value:.4f}" for name, value in numbers.items()) + f" in {result.fit_seconds:.0f} s"
