"""The options, the order of work, and going on after a stop."""

from pathlib import Path

import networks
import pytest
import worklist
from contest.results import Result, Results
from contest.sets import DataSet
from contest.systems import System


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A table, a text and a set of pictures, and a measurement that only writes down that it was asked for."""
    for place in ("tabular/titanic", "text/trec_question", "images/cifar10_16k"):
        folder = tmp_path / "data" / place
        folder.mkdir(parents=True)
        for part in ("train", "test"):
            (folder / f"{part}.parquet").write_bytes(b".")
    asked: list[str] = []

    def measure(data: DataSet, system: System, seconds: float, results: Results) -> Result:
        asked.append(f"{data.name} {system.name}")
        budget = seconds if system.budgeted else None
        result = Result(set=data.name, kind=data.kind, system=system.name, measured="", seconds=budget)
        results.keep(result)
        return result

    monkeypatch.setenv("ASSAY_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(worklist, "BENCH", tmp_path)
    monkeypatch.setattr(worklist, "hold_cores", lambda: None)
    monkeypatch.setattr(worklist, "measure", measure)
    monkeypatch.setattr(worklist, "write_page", lambda bench, sets: bench / "RESULTS.md")
    (tmp_path / "sets.toml").write_text("")
    return asked


def test_everything_once_then_nothing_is_left_to_do(bench: list[str]) -> None:
    assert networks.main([]) == 0
    assert bench[:2] == ["cifar10_16k by-itself-600", "cifar10_16k pixels"]
    assert {"titanic mlp", "titanic tabm", "trec_question nbsvm"} <= set(bench)
    bench.clear()
    networks.main([])
    assert bench == []


def test_choice_and_repeat(bench: list[str]) -> None:
    networks.main(["--only", "tables"])
    assert bench == ["titanic mlp", "titanic tabm"]
    networks.main(["--sets", "titanic", "--repeat"])
    assert bench[2:] == ["titanic mlp", "titanic tabm"]


def test_a_wrong_name_is_the_persons_fault(bench: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert networks.main(["--only", "table"]) == 2
    assert "did you mean 'tables'" in capsys.readouterr().err
    assert bench == []


def test_no_time_starts_nothing(bench: list[str]) -> None:
    assert networks.main(["--budget-minutes", "0"]) == 0
    assert bench == []
