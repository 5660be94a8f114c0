"""The options, the order of work, and resuming."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import run
from contest.machine import Session
from contest.results import Result, Results, budget
from contest.sets import DataSet
from contest.systems import System


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Two tiny sets and a measurement that only writes down who was asked; the list grows by one each time."""
    for name, rows in (("small", 4), ("large", 4000)):
        folder = tmp_path / "data" / "tabular" / name
        folder.mkdir(parents=True)
        table = pl.DataFrame({"x": np.random.default_rng(0).normal(size=rows), "label": ["n", "y"] * (rows // 2)})
        table.write_parquet(folder / "train.parquet")
        table.write_parquet(folder / "test.parquet")
    asked: list[tuple[str, str]] = []

    def measure(data: DataSet, system: System, seconds: float, results: Results) -> Result:
        asked.append((system.name, data.name))
        given = budget(system, seconds)
        result = Result(set=data.name, kind="tabular", system=system.name, measured="", seconds=given, log_loss=0.5)
        results.keep(result, np.array([0.5, 0.5]))
        return result

    monkeypatch.setenv("ASSAY_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(run, "BENCH", tmp_path)
    monkeypatch.setattr(run, "WORK", tmp_path / "work")
    monkeypatch.setattr(run, "look", lambda: Session("2026-01-01", "2 cores", "", 0.1, 0.2))
    monkeypatch.setattr(run, "measure", measure)
    monkeypatch.setattr(run, "hold_cores", lambda: None)
    monkeypatch.setattr(System, "ready", property(lambda self: self.environment.name not in ("autogluon", "flaml")))
    monkeypatch.setattr(System, "build", _cannot)
    (tmp_path / "sets.toml").write_text("")
    return asked


def _cannot(self: System) -> None:
    raise OSError("no package index")


def test_fast_systems_and_small_sets_first_then_nothing_is_left_to_do(
    bench: list[tuple[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main([]) == 0
    fast_first = ("logistic", "lightgbm", "assay", "assay-30")
    assert bench == [(system, name) for system in fast_first for name in ("small", "large")]
    assert "left out: AutoGluon, AutoGluon best: no package index" in capsys.readouterr().err
    text = (tmp_path / "RESULTS.md").read_text()
    assert "- AutoGluon: every set" in text
    assert "nbsvm: " not in text.split("### Who took part")[0]
    bench.clear()
    assert run.main([]) == 0
    assert bench == []


def test_choice_repeat_and_another_budget(bench: list[tuple[str, str]]) -> None:
    chosen = ["--sets", "large", "--systems", "assay,logistic"]
    run.main(chosen)
    run.main(chosen)
    assert bench == [("logistic", "large"), ("assay", "large")]
    run.main([*chosen, "--time", "10"])
    assert bench[2:] == [("assay", "large")]
    run.main([*chosen, "--time", "10", "--repeat"])
    assert bench[3:] == [("logistic", "large"), ("assay", "large")]


def test_no_time_measures_nothing_and_only_report_neither(bench: list[tuple[str, str]], tmp_path: Path) -> None:
    assert run.main(["--budget-minutes", "0"]) == 0
    assert run.main(["--only-report"]) == 0
    assert bench == []
    assert "- Assay: every set" in (tmp_path / "RESULTS.md").read_text()


def test_a_stop_keeps_what_is_done_and_writes_the_page(
    bench: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    run.main(["--systems", "logistic"])
    monkeypatch.setattr(run, "measure", stop)
    assert run.main([]) == 130
    assert "| small | 0 + 0 | 0 | Logistic regression |" in (tmp_path / "RESULTS.md").read_text()


def test_a_wrong_name_is_said_and_nothing_is_written(
    bench: list[tuple[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["--systems", "logistics"]) == 2
    assert "did you mean 'logistic'?" in capsys.readouterr().err
    assert not (tmp_path / "RESULTS.md").exists()
