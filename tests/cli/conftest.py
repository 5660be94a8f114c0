"""Typing commands, and small files to type them on."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner, Result

import assay
from assay.cli._app import app

Typed = Callable[..., Result]


def made_table(rows: int = 60, seed: int = 0) -> pl.DataFrame:
    """A telling number, a category and a label of two classes."""
    random = np.random.default_rng(seed)
    y = np.arange(rows) % 2
    colours = np.array(["red", "green", "blue"])
    return pl.DataFrame(
        {
            "width": (random.normal(size=rows) + 2 * y).round(3),
            "colour": colours[random.integers(0, 3, rows)],
            "label": np.where(y == 1, "spam", "ham"),
        }
    )


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that commands are typed in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ASSAY_DEBUG", raising=False)
    return tmp_path


@pytest.fixture
def typed(here: Path) -> Typed:
    """Type a command: ``typed("fit", "mail.csv", ...)``."""

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


@pytest.fixture
def mail(here: Path) -> Path:
    """A CSV file with 60 rows and the columns width, colour and label."""
    made_table().write_csv(here / "mail.csv")
    return Path("mail.csv")


@pytest.fixture(scope="session")
def fitted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that nobody changes."""
    place = tmp_path_factory.mktemp("fitted") / "run"
    assay.fit(made_table(), "label", out=place, families=["linear"], folds=3, threads=1)
    return place


@pytest.fixture
def run(fitted_once: Path, here: Path) -> Path:
    """A finished run of one's own, in the folder that commands are typed in."""
    copytree(fitted_once, here / "run")
    return Path("run")


@pytest.fixture
def refused(typed: Typed, here: Path) -> Callable[..., str]:
    """Type a command that has to be refused; gives the message, in which every one of ``says`` has to stand."""

    def check(*words: str | Path, says: tuple[str, ...] | str = ()) -> str:
        before = contents(here)
        result = typed(*words)
        message = result.stderr
        assert result.exit_code == 2, result.output
        assert result.stdout == ""
        assert "Traceback" not in message
        for part in ("Found: ", "Expected: ", "Next: ", *((says,) if isinstance(says, str) else says)):
            assert part in message, message
        assert contents(here) == before, "something was written"
        return message

    return check


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below a folder, files with their bytes."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}
