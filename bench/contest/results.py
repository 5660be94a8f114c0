"""Finished measurements on disk, one JSON file each, so that a stopped benchmark goes on where it was."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.files import write_json, written
from contest.sets import DataSet
from contest.systems import System


@dataclass(frozen=True)
class Result:
    """What one system showed on one set; ``failure`` says why there are no numbers.

    ``seconds`` is the budget that was given, None for a system that takes none. ``others`` is how many cores
    other processes used meanwhile, on average; None where that cannot be told. ``metrics`` are those of tasks that have
    no classes. ``ece``, ``ece_by_chance`` and ``rows_per_second`` are None in results from before they were measured.
    """

    set: str
    kind: str
    system: str
    measured: str
    seconds: float | None
    others: float | None = None
    failure: str = ""
    train_rows: int = 0
    test_rows: int = 0
    classes: int = 0
    accuracy: float = 0.0
    log_loss: float = 0.0
    roc_auc: float | None = None
    ece: float | None = None
    ece_by_chance: float | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    fit_seconds: float = 0.0
    latency_ms: float = 0.0
    rows_per_second: float | None = None
    peak_mb: float = 0.0
    disk_mb: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """All results under a folder: ``SET/SYSTEM.json``, and beside it ``SET/SYSTEM.npy`` with the loss of each row."""

    folder: Path

    def keep(self, result: Result, losses: FloatArray | None = None) -> None:
        """Write a result; the JSON comes last and says that it is complete."""
        if losses is not None:
            with written(self._file(result.set, result.system, "npy")) as beside, beside.open("wb") as stream:
                np.save(stream, losses, allow_pickle=False)
        write_json(self._file(result.set, result.system, "json"), asdict(result))

    def find(self, set_name: str, system: str) -> Result | None:
        """Return the result of a system on a set, if there is one."""
        file = self._file(set_name, system, "json")
        return Result(**json.loads(file.read_text())) if file.is_file() else None

    def losses(self, result: Result) -> FloatArray:
        """Loss of each test row, (n,)."""
        losses: FloatArray = np.load(self._file(result.set, result.system, "npy"), allow_pickle=False)
        return losses

    def all(self) -> list[Result]:
        """Every result, failures included."""
        return [Result(**json.loads(file.read_text())) for file in sorted(self.folder.glob("*/*.json"))]

    def finished(self, data: DataSet, system: System, seconds: float) -> bool:
        """Whether there are numbers already, measured under the same budget; failures are tried again."""
        found = self.find(data.name, system.name)
        return found is not None and not found.failure and found.seconds == budget(system, seconds)

    def forget(self, data: DataSet, system: System) -> None:
        """Drop a result, to measure it anew."""
        for ending in ("json", "npy"):
            self._file(data.name, system.name, ending).unlink(missing_ok=True)

    def _file(self, set_name: str, system: str, ending: str) -> Path:
        return self.folder / set_name / f"{system}.{ending}"


def budget(system: System, seconds: float) -> float | None:
    """The seconds that a system is given where the others have ``seconds``, None where it knows no budget."""
    return seconds * system.scale if system.budgeted else None
