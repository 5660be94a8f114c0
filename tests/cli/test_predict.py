"""`assay predict`: where predictions go, and which data and places it refuses."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Command = Callable[..., Any]
ADDED = ["prediction", "probability of ham", "probability of spam"]


def test_csv_on_stdout(typed: Command, run: Path, mail: Path) -> None:
    result = typed("predict", run, mail)
    assert (result.exit_code, result.stderr) == (0, "")
    told = pl.read_csv(result.stdout.encode())
    assert told.columns == ["width", "colour", "label", *ADDED]
    assert told.select(ADDED[1:]).sum_horizontal().to_list() == pytest.approx([1.0] * 60)
    assert set(told["prediction"]) == {"ham", "spam"}


def test_a_file(typed: Command, run: Path, mail: Path) -> None:
    result = typed("predict", run, mail, "-o", "new/labelled.parquet")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "60 rows" in result.stderr and "new/labelled.parquet" in result.stderr
    assert pl.read_parquet("new/labelled.parquet").height == 60


def test_json_holds_the_predictions(typed: Command, run: Path, mail: Path) -> None:
    told = json.loads(typed("predict", run, mail, "--json").stdout)
    assert (told["rows"], told["out"], len(told["predictions"])) == (60, None, 60)
    first = told["predictions"][0]
    assert first["prediction"] == max(first["probabilities"], key=first["probabilities"].get)
    assert sum(told["classes"].values()) == 60


def test_json_with_a_file_only_says_where(typed: Command, run: Path, mail: Path) -> None:
    told = json.loads(typed("predict", run, mail, "-o", "out.csv", "--json").stdout)
    assert told["out"] == "out.csv" and "predictions" not in told


def test_columns_of_the_same_name_are_kept(typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).with_columns(prediction=pl.lit("mine")).write_csv("twice.csv")
    told = pl.read_csv(typed("predict", run, "twice.csv").stdout.encode())
    assert set(told["prediction"]) == {"mine"}
    assert set(told["prediction_"]) == {"ham", "spam"}


def test_rows_without_labels(typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).drop("label").write_csv("bare.csv")
    assert typed("predict", run, "bare.csv").exit_code == 0


def test_extra_columns_and_new_categories_are_no_fault(typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).with_columns(extra=pl.lit(1), colour=pl.lit("octarine")).write_csv("odd.csv")
    result = typed("predict", run, "odd.csv")
    assert result.exit_code == 0, result.stderr
    assert "extra" in result.stderr
    assert "nan" not in result.stdout.lower()


def test_other_types_become_missing_and_are_told(typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).with_columns(width=pl.lit("wide"), colour=pl.lit(7)).write_csv("odd.csv")
    result = typed("predict", run, "odd.csv")
    assert result.exit_code == 0, result.stderr
    assert "width" in result.stderr and "60" in result.stderr


def test_missing_columns(refused: Command, typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).rename({"width": "widht"}).write_csv("odd.csv")
    refused("predict", run, "odd.csv", "-o", "out.csv", says=("'width'", "--fill-missing-columns"))
    filled = typed("predict", run, "odd.csv", "--fill-missing-columns")
    assert filled.exit_code == 0
    assert "width" in filled.stderr


def test_no_rows(refused: Command, run: Path) -> None:
    Path("none.csv").write_text("width,colour\n")
    refused("predict", run, "none.csv", "-o", "out.csv", says="no rows")


@pytest.mark.parametrize(
    ("out", "says"),
    [("mail.csv", "the input itself"), ("out.cvs", "'.csv'"), ("run", "''"), ("mail.csv/out.csv", "file")],
)
def test_bad_places(out: str, says: str, refused: Command, run: Path, mail: Path) -> None:
    refused("predict", run, mail, "-o", out, says=says)


@pytest.mark.parametrize(("number", "says"), [(errno.ENOSPC, "no space left"), (errno.EACCES, "no permission")])
def test_a_disk_that_refuses(
    number: int, says: str, refused: Command, run: Path, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", refuse)
    refused("predict", run, mail, "-o", "out.csv", says=(says, "out.csv"))
