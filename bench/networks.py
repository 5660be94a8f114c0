"""Kinds of networks, measured: `make bench`. Stopped at any moment, it goes on where it was; writes RESULTS.md."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from contest.machine import hold_cores
from contest.measure import measure
from contest.results import Results
from contest.sets import chosen, data_folder, discover, discover_pictures, names_in
from contest.systems import BENCH
from kinds.entries import GROUPS, Entry, entries
from pages import NETWORKS, write_page
from rich.console import Console

from assay.core.errors import UserError

WORK = BENCH / "work"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not done yet, then write the page; 0 done, 2 wrong input, 130 stopped (what is done is kept)."""
    options = _options(arguments)
    exceptions = BENCH / "sets.toml"
    try:
        sets = discover(data_folder(), exceptions)
        asked = list(entries(sets, discover_pictures(data_folder(), exceptions)))
        groups = chosen(options.only, list(GROUPS), "--only")
        names = chosen(options.sets, list(dict.fromkeys(entry.data.name for entry in asked)), "--sets")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    if not options.only_report:
        try:
            _measure_all([e for e in asked if e.group in groups and e.data.name in names], options)
        except KeyboardInterrupt:
            code = 130
    print(f"wrote {write_page(BENCH, sets)}", file=sys.stderr)
    return code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/networks.py", description=__doc__)
    parser.add_argument("--only", type=names_in, default=[], help=f"some of: {', '.join(GROUPS)} (all)")
    parser.add_argument("--sets", type=names_in, default=[], help="names of data sets, with commas (all)")
    parser.add_argument("--budget-minutes", type=float, default=float("inf"), help="start nothing new after so long")
    parser.add_argument("--repeat", action="store_true", help="measure again what has numbers already")
    parser.add_argument("--only-report", action="store_true", help="measure nothing, write the page anew")
    return parser.parse_args(arguments)


def _measure_all(asked: Sequence[Entry], options: argparse.Namespace) -> None:
    hold_cores()
    end, results, console = (
        time.monotonic() + options.budget_minutes * 60,
        Results(WORK / NETWORKS),
        Console(stderr=True),
    )
    todo = [e for e in asked if options.repeat or not results.finished(e.data, e.system, e.seconds)]
    for number, entry in enumerate(todo, 1):
        if time.monotonic() > end:
            console.print("the time is up; the page says what is missing")
            return
        result = measure(entry.data, entry.system, entry.seconds, results)
        told = f"failed: {result.failure}" if result.failure else f"accuracy {result.accuracy:.4f}"
        line = f"{number} of {len(todo)}: {entry.data.name}, {entry.system.title}: {told}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    # Asked to end, it ends what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
