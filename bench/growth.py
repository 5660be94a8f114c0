"""Seconds and memory against rows and columns: `make bench`. Stopped at any moment, it goes on; writes RESULTS.md."""

import signal
import sys
from collections.abc import Sequence

from pages import GROWTH
from sizes.entries import GROUPS, entries
from worklist import work_off


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is not done yet, then write the page; 0 done, 2 wrong input, 130 stopped (what is done is kept)."""
    return work_off(arguments, prog="bench/growth.py", about=__doc__, groups=GROUPS, listed=entries, folder=GROWTH)


if __name__ == "__main__":
    # Asked to end, it ends what it started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
