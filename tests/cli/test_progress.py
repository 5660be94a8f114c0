"""Progress bars: drawn on a terminal, silent elsewhere."""

import io

import pytest
from rich.console import Console

from assay.cli._progress import Bars


def _bars(*, terminal: bool) -> tuple[Bars, io.StringIO]:
    stream = io.StringIO()
    return Bars(Console(file=stream, force_terminal=terminal, width=100)), stream


def _work(bars: Bars) -> None:
    with bars.stage("Fitting [bold]", total=2):
        bars.step("linear[/], fold 1 of 2\x1b")
        bars.say("one [family] broke")
        bars.step()
    with bars.stage("Combining"):
        pass


def test_nobody_watches() -> None:
    bars, stream = _bars(terminal=False)
    _work(bars)
    assert stream.getvalue() == "one [family] broke\n"


def test_a_terminal_shows_title_and_note() -> None:
    bars, stream = _bars(terminal=True)
    _work(bars)
    shown = stream.getvalue()
    assert "Fitting [bold]" in shown and "linear[/], fold 1 of 2\ufffd" in shown and "Combining" in shown
    assert "one [family] broke" in shown


def test_a_bar_is_gone_after_an_error() -> None:
    bars, stream = _bars(terminal=True)
    with pytest.raises(ValueError, match="no"), bars.stage("Fitting"):
        raise ValueError("no")
    assert stream.getvalue().endswith("\r\x1b[2K\x1b[?25h\r")  # the line wiped, the cursor back
    bars.step("nothing is open")
