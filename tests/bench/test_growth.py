"""Sizes are worked off like networks, on sets that are made first."""

from pathlib import Path

import growth
import pytest
import worklist
from contest.results import Result, Results
from contest.sets import DataSet
from contest.systems import System
from sizes import entries


def test_a_set_is_made_when_its_turn_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "tabular" / "titanic"
    folder.mkdir(parents=True)
    for part in ("train", "test"):
        (folder / f"{part}.parquet").write_bytes(b".")
    (tmp_path / "sets.toml").write_text("")
    asked: list[tuple[str, str, float, bool]] = []

    def measure(data: DataSet, system: System, seconds: float, results: Results) -> Result:
        asked.append((data.name, system.name, seconds, data.train.is_file()))
        return Result(data.name, data.kind, system.name, "", seconds)

    monkeypatch.setenv("ASSAY_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(entries, "MADE", tmp_path / "made")
    monkeypatch.setattr(worklist, "BENCH", tmp_path)
    monkeypatch.setattr(worklist, "hold_cores", lambda: None)
    monkeypatch.setattr(worklist, "measure", measure)
    monkeypatch.setattr(worklist, "write_page", lambda bench, sets: bench / "RESULTS.md")
    assert growth.main(["--sets", "made_1000x30"]) == 0
    assert asked == [("made_1000x30", "lifted", 0.0, True), ("made_1000x30", "assay", 60.0, True)]
    assert [file.name for file in (tmp_path / "made").iterdir()] == ["made_1000x30"]
    assert growth.main(["--sets", "titanic"]) == 2
