"""The page: numbers as measured, and what is missing by name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from contest.machine import Session
from contest.page import page
from contest.results import Result, Results
from contest.sets import DataSet

SETS = [DataSet("titanic", "tabular", Path("unused")), DataSet("news", "text", Path("unused"))]
RESULT = Result(
    set="titanic", kind="tabular", system="logistic", measured="2026-01-01", seconds=None, others=0.0, train_rows=668,
    test_rows=3, classes=2, accuracy=0.8, log_loss=0.45, roc_auc=None, fit_seconds=1.25, latency_ms=4.5,
    peak_mb=200.0, disk_mb=0.04, versions={"scikit-learn": "1.9"},
)  # fmt: skip


def test_an_empty_benchmark_is_a_page_that_says_so(tmp_path: Path) -> None:
    text = page(SETS, Results(tmp_path), None)
    assert "- Assay: every set" in text
    assert "not measured" in text
    assert "None in what was measured." in text


def test_numbers_missing_sets_and_marks(tmp_path: Path) -> None:
    results = Results(tmp_path)
    results.keep(RESULT, np.array([0.2, 0.4, 0.75]))
    new = {"ece": 0.021, "ece_by_chance": 0.034, "rows_per_second": 25_000.0}
    ours = replace(RESULT, system="assay", seconds=60.0, log_loss=0.4, roc_auc=0.9, others=1.0, versions={}, **new)
    results.keep(ours, np.array([0.1, 0.4, 0.7]))
    results.keep(replace(RESULT, system="lightgbm", failure="exit code 1: a | b"))
    text = page(SETS, results, Session("2026-01-02", "2 cores", "abc1234", 0.1, 0.2))
    assert (
        "| titanic | 668 + 3 | 2 | Logistic regression | 0.8000 | 0.4500 |  |  | 1.2 | 4.50 |  | 200 | 0.04 |" in text
    )
    assert (
        "| titanic | 668 + 3 | 2 | Assay | 0.8000 | **0.4000** | 0.9000 | 2.1% (3.4%) | 1.2* | 4.50* | 25,000* |"
        in text
    )
    assert "| titanic |  |  | LightGBM | failed |" in text
    assert "- titanic: LightGBM failed: exit code 1: a | b" in text
    assert "- Logistic regression: news\n" in text
    assert "1 of 1 sets (100%)" in text
    assert "Assay at commit abc1234. Budgets: Assay 60 s." in text
    assert "scikit-learn 1.9." in text
