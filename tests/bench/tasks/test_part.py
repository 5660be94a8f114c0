"""The part on variants: bars as measured, tables, and what is missing by name."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contest.entry import Entry
from contest.results import Result, Results
from contest.sets import DataSet
from tasks.entries import entries
from tasks.part import part

RESULT = Result(
    set="", kind="", system="assay", measured="2026-01-01", seconds=60.0, fit_seconds=50.0, latency_ms=2.0,
    peak_mb=700.0, versions={"commit": "abc1234"},
)  # fmt: skip


@pytest.fixture
def asked() -> list[Entry]:
    others = {"atis_slots": "tagging", "wnut17_ner": "tagging", "scene": "tabular_multilabel", "concrete": "regression"}
    tables = [DataSet(name, "tabular", Path("unused")) for name in ("titanic", "adult", "vehicle")]
    return list(entries(tables, [DataSet(name, kind, Path("unused")) for name, kind in others.items()]))


def written(asked: list[Entry], place: Path, *given: tuple[str, str, dict[str, float]], **changed: Any) -> str:
    results = Results(place)
    for name, system, metrics in given:
        results.keep(replace(RESULT, set=name, system=system, metrics=metrics, **changed))
    return part(asked, results)


def test_nothing_measured_yet(asked: list[Entry], tmp_path: Path) -> None:
    text = part(asked, Results(tmp_path))
    assert text.startswith("## Variants of classification\n")
    assert "- scene, ClassifierChain\n" in text
    assert "### Tagging" not in text


def test_tags_are_held_against_their_bars(asked: list[Entry], tmp_path: Path) -> None:
    text = written(
        asked,
        tmp_path,
        ("atis_slots", "assay", {"token_accuracy": 0.97, "span_f1": 0.951}),
        ("wnut17_ner", "assay", {"token_accuracy": 0.9, "span_f1": 0.3}),
        ("wnut17_ner", "crfsuite", {"token_accuracy": 0.9, "span_f1": 0.31}),
    )
    assert "| atis_slots: span f1 | 95.0% | 95.10% in 50 s | yes |" in text
    assert "| wnut17_ner: span f1 | over crfsuite's 31.00% | 30.00% | **no** |" in text
    assert "| atis_slots | Assay | 0.9700 | 0.9510 | 50.0 | 2.0 | 700 |" in text


def test_labels_have_to_be_better_than_both_peers(asked: list[Entry], tmp_path: Path) -> None:
    good, bad = ({"micro_f1": a, "macro_f1": b, "hamming_loss": c} for a, b, c in ((0.7, 0.6, 0.1), (0.6, 0.65, 0.2)))
    text = written(asked, tmp_path, ("scene", "assay", good), ("scene", "one-vs-rest", bad), ("scene", "chain", bad))
    assert "| scene: better than both peers | 2 of 3 measures | 2 of 3 | yes |" in text
    text = written(asked, tmp_path, ("scene", "chain", good))
    assert "| scene: better than both peers | 2 of 3 measures | 0 of 3 | **no** |" in text


def test_numbers_and_their_intervals(asked: list[Entry], tmp_path: Path) -> None:
    ours = {"rmse": 4.5, "coverage": 0.87, "width": 14.2}
    text = written(asked, tmp_path, ("concrete", "assay", ours), ("concrete", "trees", {"rmse": 4.9}))
    assert "| concrete: RMSE | at most 4.9 | 4.5 | yes |" in text
    assert "| concrete: 90% intervals cover | 88% to 92% | 87.0% | **no** |" in text
    assert "| concrete | LightGBM | 4.9000 |  |  | 50.0 | 2.0 | 700 |" in text


def test_additive_models_are_held_against_ebm(asked: list[Entry], tmp_path: Path) -> None:
    for name, loss, seconds in (("titanic", 0.404, 10.0), ("adult", 0.28, 20.0)):
        written(asked, tmp_path, (name, "additive", {}), log_loss=loss, fit_seconds=seconds)
        written(asked, tmp_path, (name, "ebm", {}), log_loss=0.4 if name == "titanic" else 0.28, fit_seconds=40.0)
    text = part(asked, Results(tmp_path))
    assert "| additive over EBM, log loss, mean of 2 sets | at most 1% | +0.5% | yes |" in text
    assert "| additive: EBM's seconds over ours, median of 2 sets | 3 | 3.0 | yes |" in text
    assert "| titanic | 0.4040 | 0.4000 | +1.0% | 10.0 | 40.0 |" in text


def test_decompositions_that_had_no_time_are_told(asked: list[Entry], tmp_path: Path) -> None:
    shown = {"linear accuracy": 0.8, "linear seconds": 1.2, "linear-ovr accuracy": 0.79, "linear-ovr seconds": 2.0}
    text = written(asked, tmp_path, ("vehicle", "linear", shown))
    assert "| vehicle | linear | 0.800 (1 s) | 0.790 (2 s) | no time | no time |" in text


def test_failures_are_told(asked: list[Entry], tmp_path: Path) -> None:
    Results(tmp_path).keep(replace(RESULT, set="vehicle", system="linear", failure="out of luck"))
    assert "- vehicle, linear: out of luck" in part(asked, Results(tmp_path))
