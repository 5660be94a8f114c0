"""What the page says of the machine."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from contest import machine


def test_the_machine_is_described_without_its_name() -> None:
    said = machine.describe()
    assert "cores" in said
    assert "GiB of memory" in said
    assert platform.node() not in said or not platform.node()


def test_a_median_of_runs_and_none_where_it_fails() -> None:
    taken = iter([9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    assert machine._median(lambda: next(taken)) == 4.0

    def fails() -> float:
        subprocess.run([sys.executable, "-c", "raise SystemExit(1)"], check=True)
        return 0.0

    assert machine._median(fails) is None


def test_the_commit_is_told_or_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert machine.commit() == "unknown"
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    clean = machine.commit()
    assert len(clean) >= 7
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "new.py").write_text("")
    assert machine.commit() == f"{clean}+"
