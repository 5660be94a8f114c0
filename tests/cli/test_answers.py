"""Exit codes, and what reaches stdout and stderr."""

import errno
import json

import pytest
import typer

from assay.cli._answers import answered, plain, print_json
from assay.core.errors import DataError, Interrupted


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (DataError("a stone", expected="bread", fix="bake"), 2, "Found: a stone.\nExpected: bread.\nNext: bake.\n"),
        (PermissionError(errno.EACCES, "Permission denied", "x.csv"), 2, "Found: Permission denied: x.csv.\n"),
        (OSError(errno.EIO, "I/O error"), 1, "A fault in Assay"),
        (Interrupted("stopped"), 130, "Stopped. Nothing was written.\n"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (ZeroDivisionError("by zero"), 1, "A fault in Assay, not in your input: ZeroDivisionError: by zero"),
    ],
)
def test_exit_codes(error: BaseException, code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, answered():
        raise error
    told = capsys.readouterr()
    assert left.value.exit_code == code
    assert told.out == ""
    assert says in told.err and "Traceback" not in told.err


def test_a_traceback_is_for_those_who_ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ASSAY_DEBUG", "1")
    with pytest.raises(typer.Exit), answered():
        raise ZeroDivisionError
    assert "Traceback" in capsys.readouterr().err


def test_a_person_who_stops_is_told_what_next(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), answered(after_stop=lambda: "Go on with: x --resume"):
        raise Interrupted
    assert capsys.readouterr().err == "Stopped. Go on with: x --resume\n"


def test_a_reader_that_goes_away_is_left_to_typer() -> None:
    with pytest.raises(BrokenPipeError), answered():
        raise BrokenPipeError


def test_json_has_no_numbers_that_json_has_not(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"auc": float("nan"), "ends": (float("-inf"), 1.5), "deep": [{"x": float("inf")}], "word": "é"})
    assert capsys.readouterr().out == '{"auc": null, "ends": [null, 1.5], "deep": [{"x": null}], "word": "é"}\n'


def test_json_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": 'quote " and \n newline', "n": 3})
    assert json.loads(capsys.readouterr().out) == {"name": 'quote " and \n newline', "n": 3}


def test_plain_text_holds_nothing_that_a_terminal_obeys() -> None:
    assert plain("a\x1b[2Jb\rc\x07\nd é") == "a\ufffd[2Jb\ufffdc\ufffd\nd é"
