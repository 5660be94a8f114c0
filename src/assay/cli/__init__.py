"""The command line: a thin shell over the Python API. Nothing is loaded before a command runs."""

import signal
from types import FrameType


def main() -> None:
    """The console script ``assay``."""
    from assay.cli._app import app

    signal.signal(signal.SIGTERM, _stop)
    app(prog_name="assay")


def _stop(number: int, frame: FrameType | None) -> None:
    """Being asked to end is the same as Ctrl-C: what is done is kept."""
    raise KeyboardInterrupt
