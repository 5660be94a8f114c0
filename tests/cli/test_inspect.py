"""`assay inspect`: everything that a run knows of itself."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_json_is_one_object_and_nothing_else(typed: Command, run: Path) -> None:
    result = typed("inspect", run, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told["asked"] == {
        "source": "a frame in memory (60 rows)",
        "target": "label",
        "time": 60.0,
        "folds": 3,
        "scheme": "stratified",
        "seed": 0,
        "threads": 1,
        "positive": "spam",
    }
    assert [column["name"] for column in told["columns"]] == ["width", "colour", "label"]
    assert all(column["reason"] for column in told["columns"])
    assert told["best_single"]["family"] == "linear"
    assert told["majority"]["accuracy"] == 0.5
    assert all(warmth > 0 for warmth in told["calibration"])
    assert told["bytes"]["total"] == sum(size for part, size in told["bytes"].items() if part != "total")
    assert {"model", "evidence", "plan.toml", "data.json"} <= set(told["bytes"])


def test_words_go_to_stderr(typed: Command, run: Path) -> None:
    result = typed("inspect", run)
    assert (result.exit_code, result.stdout) == (0, "")
    for part in (
        "60 rows",
        "width",
        "numeric",
        "the target",
        "linear",
        "prior",
        "best single",
        "'spam' is decided",
        "kB",
    ):
        assert part in result.stderr
