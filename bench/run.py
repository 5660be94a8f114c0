"""Assay and its peers side by side: `make bench`. Stopped at any moment, it goes on where it was; writes RESULTS.md."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial

from contest.machine import hold_cores, look
from contest.measure import measure
from contest.options import parser
from contest.results import Result, Results
from contest.sets import DataSet, chosen, data_folder, discover, names_in
from contest.systems import BENCH, SYSTEMS, System, prepare
from pages import SESSION, write_page
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assay.core.errors import UserError
from assay.core.files import write_json

WORK = BENCH / "work"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is not measured yet, then write the page; 0 done, 2 wrong input, 130 stopped (what is done is kept)."""
    options = _options(arguments)
    results = Results(WORK)
    try:
        sets = discover(data_folder(), BENCH / "sets.toml")
        wanted = _wanted(sets, options)
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    if not options.only_report:
        try:
            _measure_all(wanted, results, options)
        except KeyboardInterrupt:
            code = 130
    print(f"wrote {write_page(BENCH, sets)}", file=sys.stderr)
    return code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    made = parser("bench/run.py", __doc__)
    made.add_argument("--systems", type=names_in, default=[], help="names of systems, separated by commas (all)")
    made.add_argument("--time", type=float, default=60.0, help="seconds for each fit; some take a share or more (60)")
    return made.parse_args(arguments)


def _wanted(sets: Sequence[DataSet], options: argparse.Namespace) -> list[tuple[DataSet, System]]:
    """Pairs to measure: fast systems first, for each the small sets first."""
    names = chosen(options.sets, [data.name for data in sets], "--sets")
    systems = chosen(options.systems, [system.name for system in SYSTEMS], "--systems")
    asked = [data for data in sets if data.name in names]
    return [
        (each, system) for system in SYSTEMS if system.name in systems for each in asked if each.kind in system.kinds
    ]


def _measure_all(wanted: Sequence[tuple[DataSet, System]], results: Results, options: argparse.Namespace) -> None:
    end = time.monotonic() + options.budget_minutes * 60
    console = Console(stderr=True)
    hold_cores()
    prepare([system for _, system in wanted], partial(_say, console))
    write_json(WORK / SESSION, look().as_dict())
    if options.repeat:
        for data, system in wanted:
            results.forget(data, system)
    todo = [pair for pair in wanted if not results.finished(*pair, options.time) and pair[1].ready]
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=len(todo))
        for data, system in todo:
            if time.monotonic() > end:
                _say(console, "the time is up; the page says what is missing")
                return
            progress.update(bar, description=f"{data.name}: {system.title}")
            _say(console, _told(measure(data, system, options.time, results)))
            progress.advance(bar)


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _told(result: Result) -> str:
    if result.failure:
        return f"{result.set}: {result.system} failed: {result.failure}"
    return f"{result.set}: {result.system} log loss {result.log_loss:.4f} in {result.fit_seconds:.1f} s"


if __name__ == "__main__":
    # Asked to end, it ends what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
