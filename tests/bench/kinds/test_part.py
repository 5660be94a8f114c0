"""The part on kinds of networks: numbers as measured, and what is missing by name."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contest.results import Result, Results
from contest.sets import DataSet
from kinds.entries import Entry, entries
from kinds.part import part

RESULT = Result(
    set="cifar10_16k", kind="images", system="by-itself-600", measured="2026-01-01", seconds=600.0,
    accuracy=0.78, log_loss=0.7, fit_seconds=590.0, latency_ms=5.0, peak_mb=900.0, disk_mb=2.5,
    versions={"commit": "abc1234"},
)  # fmt: skip


@pytest.fixture
def asked() -> list[Entry]:
    sets = [DataSet("titanic", "tabular", Path("unused")), DataSet("trec_question", "text", Path("unused"))]
    return list(entries(sets, [DataSet("cifar10_16k", "images", Path("unused"))]))


def written(asked: list[Entry], place: Path) -> str:
    return part(asked, Results(place / "networks"), Results(place))


def test_nothing_measured_yet(asked: list[Entry], tmp_path: Path) -> None:
    text = written(asked, tmp_path)
    assert text.startswith("## Kinds of networks\n")
    assert "- cifar10_16k, LightGBM on pixels\n" in text
    assert "- trec_question, textcnn\n" in text
    assert "### Pictures" not in text


def test_pictures_are_held_against_their_bars(asked: list[Entry], tmp_path: Path) -> None:
    networks = Results(tmp_path / "networks")
    networks.keep(RESULT)
    networks.keep(replace(RESULT, system="pixels", accuracy=0.6, seconds=None))
    text = written(asked, tmp_path)
    assert "| cifar10_16k, 600 s | 75.0% | 78.00% | yes |" in text
    assert "| cifar10_16k over LightGBM on pixels | 20 points | 18.0 | **no** |" in text
    assert "| mnist, 60 s | 99.0% | not measured |  |" in text
    assert "| cifar10_16k | Assay, 600 s | 0.7800 | 0.7000 | 590.0 | 5.0 | 900 | 2.5 |" in text


def test_tables_are_won_tied_and_lost_beyond_noise(asked: list[Entry], tmp_path: Path) -> None:
    networks, contest = Results(tmp_path / "networks"), Results(tmp_path)
    random = np.random.default_rng(0)
    trees = random.uniform(0.4, 0.6, 300)
    given = {"kind": "tabular", "set": "titanic", "seconds": 30.0}
    contest.keep(replace(RESULT, **given, system="lightgbm", log_loss=0.5), trees)
    networks.keep(replace(RESULT, **given, system="mlp", log_loss=0.3), trees - 0.2)
    networks.keep(replace(RESULT, **given, system="tabm", log_loss=0.5), trees + random.normal(0, 0.1, 300) * 1e-3)
    text = written(asked, tmp_path)
    assert "- mlp: 1 win, 0 tie, 0 loss" in text
    assert "| titanic | 0.5000 | 0.3000 | win | 0.5000 | tie |" in text


def test_a_failure_is_told(asked: list[Entry], tmp_path: Path) -> None:
    Results(tmp_path / "networks").keep(replace(RESULT, failure="exit code 2: no time"))
    assert "- cifar10_16k, Assay, 600 s: exit code 2: no time\n" in written(asked, tmp_path)
