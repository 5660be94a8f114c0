"""One measurement through real processes, with contestants of a few lines."""

import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from contest.measure import measure
from contest.results import Results
from contest.sets import DataSet
from contest.systems import BENCH, System

GUESSER = """
import sys
sys.path.insert(0, {peers!r})
from pathlib import Path
from _harness import Job, main
import numpy as np

class Guesser:
    packages = ("numpy", "no-such-package")
    def read(self, path, hidden):
        import polars as pl
        return pl.read_parquet(path).drop(hidden)
    def fit(self, job):
        frame = self.read(job.train, job.drop)
        Path(job.model).write_text("|".join(sorted(set(frame["label"].cast(str)))))
    def load(self, job):
        self.classes = Path(job.model).read_text().split("|")
    def predict(self, frame):
        if "label" in frame.columns or "leak" in frame.columns:
            raise SystemExit("saw what is hidden")
        return self.classes, np.full((len(frame), len(self.classes)), 1 / len(self.classes))

main(Guesser())
"""


@dataclass(frozen=True)
class Stranger(System):
    """A contestant from a script anywhere, run by this Python."""

    file: Path = Path()

    @property
    def script(self) -> Path:
        return self.file

    @property
    def python(self) -> Path:
        return Path(sys.executable)


def stranger(tmp_path: Path, code: str, patience: float = 900.0) -> Stranger:
    file = tmp_path / "script.py"
    file.write_text(code)
    return Stranger("stranger", "Stranger", "", budgeted=False, file=file, patience=patience)


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    folder = tmp_path / "toy"
    folder.mkdir()
    table = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "leak": [0, 1, 0, 1], "label": [0, 1, 0, 1]})
    table.write_parquet(folder / "train.parquet")
    table.head(3).write_parquet(folder / "test.parquet")
    return DataSet("toy", "tabular", folder, drop=("leak",), rows=50)


def test_measures_saves_and_scores(tmp_path: Path, data: DataSet) -> None:
    results = Results(tmp_path / "work")
    result = measure(data, stranger(tmp_path, GUESSER.format(peers=str(BENCH / "peers"))), 1, results)
    assert result.failure == ""
    assert (result.train_rows, result.test_rows, result.classes, result.seconds) == (4, 3, 2, None)
    assert result.log_loss == pytest.approx(0.6931, abs=1e-4)
    assert result.disk_mb == pytest.approx(3e-6)
    assert result.fit_seconds > 0
    assert result.peak_mb > 5
    assert result.rows_per_second is not None and result.rows_per_second > 50
    assert result.ece == pytest.approx(0.5)
    assert set(result.versions) == {"python", "numpy"}
    assert results.losses(result).shape == (3,)


def test_a_failure_is_a_result_with_the_last_line_said(tmp_path: Path, data: DataSet) -> None:
    results = Results(tmp_path / "work")
    result = measure(data, stranger(tmp_path, "raise SystemExit('out of ideas')"), 1, results)
    assert result.failure == "exit code 1: out of ideas"
    assert results.find("toy", "stranger") == result


def test_a_contestant_that_hangs_is_stopped_when_its_patience_is_over(tmp_path: Path, data: DataSet) -> None:
    hanging = stranger(tmp_path, "import time; time.sleep(60)", patience=0.3)
    result = measure(data, hanging, 1, Results(tmp_path / "work"))
    assert result.failure == "stopped after 0 s"
