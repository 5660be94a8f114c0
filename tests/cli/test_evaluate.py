"""`assay evaluate`: what it prints, and which data and runs it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

Command = Callable[..., Any]


def test_json_is_one_object_and_nothing_else(typed: Command, run: Path, mail: Path) -> None:
    result = typed("evaluate", run, mail, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert (told["rows"], told["metric"], told["classes"]) == (60, "log_loss", ["ham", "spam"])
    assert {"accuracy", "log_loss", "roc_auc", "f1", "mcc"} <= set(told["metrics"])
    assert told["interval"][0] <= told["metrics"]["log_loss"] <= told["interval"][1]
    assert sum(map(sum, told["confusion"])) == 60


def test_words_go_to_stderr(typed: Command, run: Path, mail: Path) -> None:
    result = typed("evaluate", run, mail)
    assert (result.exit_code, result.stdout) == (0, "")
    for part in ("60 rows", "log loss", "ROC AUC", "said spam", "95% certainty"):
        assert part in result.stderr


def test_what_is_not_defined_is_null(typed: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).filter(pl.col("label") == "ham").write_csv("ham.csv")
    told = json.loads(typed("evaluate", run, "ham.csv", "--json").stdout)
    assert told["metrics"]["roc_auc"] is None
    assert 0 <= told["metrics"]["accuracy"] <= 1


def test_rows_that_cannot_be_scored_are_counted(typed: Command, run: Path, mail: Path) -> None:
    odd = pl.read_csv(mail).with_row_index()
    label = pl.when(pl.col("index") < 3).then(None).when(pl.col("index") < 5).then(pl.lit("eggs")).otherwise("label")
    odd.with_columns(label=label).drop("index").write_csv("odd.csv")
    told = json.loads(typed("evaluate", run, "odd.csv", "--json").stdout)
    assert told["rows"] == 55
    said = " ".join(told["notices"])
    assert "3 rows without a label" in said and "2 rows with labels" in said and "eggs" in said


def test_unknown_labels_only(refused: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).with_columns(label=pl.lit("eggs")).write_csv("eggs.csv")
    refused(
        "evaluate", run, "eggs.csv", says=("no row with a label that the model knows", "ham, spam", "assay predict")
    )


def test_no_labels(refused: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).drop("label").write_csv("bare.csv")
    refused("evaluate", run, "bare.csv", says="'label'")


def test_no_rows(refused: Command, run: Path, mail: Path) -> None:
    pl.read_csv(mail).head(0).write_csv("none.csv")
    refused("evaluate", run, "none.csv", says="no rows")


def test_missing_data(refused: Command, run: Path) -> None:
    refused("evaluate", run, "nope.csv", says="nope.csv")
