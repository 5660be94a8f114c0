"""How a command ends: what it prints on stdout and stderr, and its exit code."""

import errno
import json
import math
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from assay.core.errors import Interrupted, UserError
from assay.core.files import explained

FAULT, BAD_INPUT, STOPPED = 1, 2, 130
_UNUSABLE = {errno.ENAMETOOLONG, errno.ELOOP, errno.EACCES, errno.EPERM}


@contextmanager
def answered(after_stop: Callable[[], str] = lambda: "Nothing was written.") -> Iterator[None]:
    """Turn what goes wrong inside into one message on stderr and the exit code that says whose fault it was.

    Args:
        after_stop: What to tell a person who stopped the command.
    """
    try:
        yield
    except UserError as error:
        _tell(error)
        raise typer.Exit(BAD_INPUT) from None
    except (Interrupted, KeyboardInterrupt):
        say(f"Stopped. {after_stop()}")
        raise typer.Exit(STOPPED) from None
    except (typer.Exit, BrokenPipeError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _UNUSABLE:
            _tell(_unusable(error))
            raise typer.Exit(BAD_INPUT) from None
        _own_fault(error)
        raise typer.Exit(FAULT) from None


def say(line: str) -> None:
    """A line of words on stderr."""
    typer.echo(plain(line), err=True)


def notices(lines: Iterable[str]) -> None:
    """What the person should know about the input, on stderr."""
    for line in lines:
        say(f"Note: {line}.")


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout; numbers that are not finite become null."""
    with explained(Path("the standard output")):
        sys.stdout.write(json.dumps(_finite(value), ensure_ascii=False, allow_nan=False) + "\n")
        sys.stdout.flush()


def plain(text: str) -> str:
    """Text from a file without what a terminal would obey (escape sequences, carriage returns)."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _tell(error: UserError) -> None:
    for label, text in (("Found", error.found), ("Expected", error.expected), ("Next", error.fix)):
        typer.echo(f"{typer.style(f'{label}:', bold=True)} {plain(text)}.", err=True)


def _unusable(error: OSError) -> UserError:
    """What a look at a path meets before anything reads or writes there."""
    return UserError(
        f"{error.strerror}: {str(error.filename)[:200]}",
        expected="a path that the system takes and this user may use",
        fix="check the path",
    )


def _own_fault(error: Exception) -> None:
    if os.environ.get("ASSAY_DEBUG") == "1":
        traceback.print_exception(error)
    say(
        f"A fault in Assay, not in your input: {type(error).__name__}: {error}. "
        "Please report it with the command and the traceback that ASSAY_DEBUG=1 in the environment adds."
    )
