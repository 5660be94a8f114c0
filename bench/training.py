"""The training engine, measured: `make bench`. Stopped at any moment, it goes on where it was; writes RESULTS.md."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from contest.machine import hold_cores
from contest.options import parser
from contest.sets import DataSet, chosen, data_folder, discover
from contest.systems import BENCH
from engine.kept import Kept, stamped
from engine.part import MEASUREMENTS
from pages import write_page
from rich.console import Console

from assay.core.errors import NotEnoughTime, UserError
from assay.core.threads import calm_threads

WORK = BENCH / "work"
FAILURES = (UserError, NotEnoughTime, subprocess.SubprocessError, OSError)

Unit = tuple[str, str, Callable[[], dict[str, Any]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not done yet, then write the page; 0 done, 2 wrong input, 130 stopped (what is done is kept)."""
    options = _options(arguments)
    try:
        sets = discover(data_folder(), BENCH / "sets.toml")
        tabular = [data for data in sets if data.kind == "tabular"]
        names = chosen(options.sets, [data.name for data in tabular], "--sets")
        wanted = chosen(options.only, list(MEASUREMENTS), "--only")
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    if not options.only_report:
        try:
            _measure_all(list(_units(wanted, [data for data in tabular if data.name in names], options)), options)
        except KeyboardInterrupt:
            code = 130
    print(f"wrote {write_page(BENCH, sets)}", file=sys.stderr)
    return code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    made = parser("bench/training.py", __doc__, list(MEASUREMENTS))
    made.add_argument("--time", type=float, default=20.0, help="seconds for each net on a data set (20)")
    return made.parse_args(arguments)


def _units(wanted: Sequence[str], sets: Sequence[DataSet], options: argparse.Namespace) -> Iterator[Unit]:
    """What is to be done, in order: measurement, data set if it is one of a set, and how."""
    for name in MEASUREMENTS:
        if name in wanted and name == "mlp":
            for data in sets:
                yield name, data.name, partial(_measured, name, data, options.time)
        elif name in wanted:
            yield name, "", partial(_measured, name)


def _measure_all(units: Sequence[Unit], options: argparse.Namespace) -> None:
    hold_cores()
    calm_threads()  # before torch is imported
    end, kept, console = time.monotonic() + options.budget_minutes * 60, Kept(WORK), Console(stderr=True)
    for number, (name, data, measure) in enumerate(units, 1):
        title = f"{MEASUREMENTS[name]}{': ' if data else ''}{data}"
        if not options.repeat and _done(kept, name, data, options.time):
            continue
        if time.monotonic() > end:
            console.print("the time is up; the page says what is missing")
            return
        console.print(f"{number} of {len(units)}: {title} ...", markup=False, highlight=False)
        result = _tried(measure)
        _keep(kept, name, data, result)
        if "failure" in result:
            console.print(f"failed: {result['failure']}", markup=False, highlight=False)


def _done(kept: Kept, name: str, data: str, seconds: float) -> bool:
    """Whether there are numbers already, for a data set under the same seconds; failures are tried again."""
    found = kept.find(name)
    if data:
        found = found.get("sets", {}).get(data, {})
        return bool(found) and "failure" not in found and found["seconds"] == seconds
    return bool(found) and "failure" not in found


def _keep(kept: Kept, name: str, data: str, result: dict[str, Any]) -> None:
    kept.keep(name, {"sets": {**kept.find(name).get("sets", {}), data: result}} if data else result)


def _tried(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return stamped(measure)
    except FAILURES as error:
        return {"failure": str(error)}


def _measured(name: str, *given: Any) -> dict[str, Any]:
    """Imported when it is to be done: all of them import torch."""
    measured: dict[str, Any] = import_module(f"engine.{name}").measure(*given)
    return measured


if __name__ == "__main__":
    # Asked to end, it ends what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
