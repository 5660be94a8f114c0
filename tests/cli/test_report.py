"""`assay report`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_the_page_stands_in_the_run(typed: Command, run: Path) -> None:
    result = typed("report", run)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "run/report.html" in result.stderr
    assert (run / "report.html").read_text().lstrip().lower().startswith("<!doctype html>")


def test_the_page_stands_where_it_was_asked(typed: Command, run: Path) -> None:
    assert typed("report", run, "-o", "page.html").exit_code == 0
    assert Path("page.html").is_file() and not (run / "report.html").exists()


def test_a_folder_is_no_place_for_a_page(refused: Command, run: Path) -> None:
    refused("report", run, "-o", run, says="a folder")
