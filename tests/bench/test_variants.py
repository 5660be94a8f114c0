"""The list of variants is worked off like that of networks."""

from pathlib import Path

import pytest
import variants
import worklist
from contest.results import Result, Results
from contest.sets import DataSet
from contest.systems import System


def test_systems_and_groups_are_chosen_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("tabular/titanic", "regression/concrete"):
        folder = tmp_path / "data" / place
        folder.mkdir(parents=True)
        for part in ("train", "test"):
            (folder / f"{part}.parquet").write_bytes(b".")
    (tmp_path / "sets.toml").write_text('[concrete]\ntarget = "strength"\n')
    asked: list[str] = []

    def measure(data: DataSet, system: System, seconds: float, results: Results) -> Result:
        asked.append(f"{data.name} {system.name} {data.target}")
        return Result(set=data.name, kind=data.kind, system=system.name, measured="", seconds=None, metrics={"a": 0.5})

    monkeypatch.setenv("ASSAY_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(worklist, "BENCH", tmp_path)
    monkeypatch.setattr(worklist, "hold_cores", lambda: None)
    monkeypatch.setattr(worklist, "measure", measure)
    monkeypatch.setattr(worklist, "write_page", lambda bench, sets: bench / "RESULTS.md")
    monkeypatch.setattr(System, "ready", property(lambda self: self.name != "ebm"))
    monkeypatch.setattr(System, "build", lambda self: None)
    assert variants.main([]) == 0
    assert asked == ["concrete assay strength", "concrete trees strength", "titanic additive label"]
    assert "titanic, additive: a 0.5000" in capsys.readouterr().err
    asked.clear()
    variants.main(["--only", "numbers", "--systems", "trees"])
    assert asked == ["concrete trees strength"]
    assert variants.main(["--systems", "tree"]) == 2
    assert "did you mean 'trees'" in capsys.readouterr().err
