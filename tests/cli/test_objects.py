"""What `--json` prints."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

import assay
from assay.cli._objects import (
    best_single,
    evaluation_object,
    fit_object,
    inspection_object,
    majority_share,
    prediction_object,
    sizes,
)
from assay.report._facts import gather


@pytest.fixture(scope="module")
def opened(fitted_once: Path) -> assay.Run:
    return assay.load(fitted_once)


def test_a_fit(opened: assay.Run) -> None:
    told = fit_object(opened)
    assert told["score"] == opened.score
    assert told["scores"]["log_loss"] == pytest.approx(told["score"])
    weights = [member["weight"] for member in told["members"]]
    assert weights == sorted(weights, reverse=True) and min(weights) > 0
    assert {candidate["family"] for candidate in told["candidates"]} == {"linear", "prior"}
    assert told["classes"] == {"ham": 30, "spam": 30}
    assert json.loads(json.dumps(told)) == told


def test_the_majority_is_a_share_of_rows(opened: assay.Run) -> None:
    told = fit_object(opened)["majority"]
    assert told["accuracy"] == majority_share(gather(opened)) == 0.5
    assert told["score"] == pytest.approx(math.log(2), abs=0.01)


def test_the_best_single_model_is_no_baseline(opened: assay.Run) -> None:
    facts = gather(opened)
    best = best_single(facts)
    assert best is not None and best.family == "linear"
    assert best.score == min(trial.score for trial in facts.evidence.trials if trial.score is not None)


def test_an_evaluation(opened: assay.Run) -> None:
    rows = pl.DataFrame({"width": [0.0, 2.0], "colour": ["red", "blue"], "label": ["ham", "spam"]})
    told = evaluation_object(opened, opened.evaluate(rows))
    assert told["rows"] == 2 and len(told["confusion"]) == 2
    assert set(told["metrics"]) == set(opened.model.task.metrics)


@pytest.mark.parametrize("out", [None, Path("out.csv")])
def test_predictions(opened: assay.Run, out: Path | None) -> None:
    table, notices = opened.predict_table(pl.DataFrame({"width": [-1.0, 3.0], "colour": ["red", "blue"]}))
    told = prediction_object(table, opened, out, notices)
    assert told["rows"] == 2 and told["classes"] == {"ham": 1, "spam": 1}
    assert ("predictions" in told) == (out is None)
    if out is None:
        assert [entry["prediction"] for entry in told["predictions"]] == ["ham", "spam"]


def test_an_inspection_holds_the_fit(opened: assay.Run) -> None:
    told = inspection_object(opened)
    assert fit_object(opened).items() <= told.items()
    assert told["thresholds"] == []
    assert told["best_single"]["name"] in {candidate["name"] for candidate in told["candidates"]}


def test_sizes_add_up(tmp_path: Path) -> None:
    (tmp_path / "model" / "deep").mkdir(parents=True)
    (tmp_path / "model" / "deep" / "a").write_bytes(b"123")
    (tmp_path / "plan.toml").write_bytes(b"12")
    assert sizes(tmp_path) == {"model": 3, "plan.toml": 2, "total": 5}
