"""What can be said to every runnable of the benchmark."""

import argparse
from collections.abc import Sequence

from contest.sets import names_in


def parser(prog: str, about: str | None, groups: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The options that all have; ``groups`` are what ``--only`` chooses from, if there is anything to choose."""
    made = argparse.ArgumentParser(prog=prog, description=about)
    if groups:
        made.add_argument("--only", type=names_in, default=[], help=f"some of: {', '.join(groups)} (all)")
    made.add_argument("--sets", type=names_in, default=[], help="names of data sets, separated by commas (all)")
    made.add_argument("--budget-minutes", type=float, default=float("inf"), help="start nothing new after so long")
    made.add_argument("--repeat", action="store_true", help="measure again what has numbers already")
    made.add_argument("--only-report", action="store_true", help="measure nothing, write the page anew")
    return made
