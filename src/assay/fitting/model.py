"""The model: encoders, members with weights, calibrator and decision rule. It predicts, and knows nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.artifact import load_artifact, save_artifact
from assay.core.errors import RunError, UserError
from assay.core.members import member
from assay.core.state import State, damaged, take
from assay.data.dataset import Dataset
from assay.data.schema import Schema
from assay.families._base import Family, Predictor
from assay.features._encoding import Encoding
from assay.tasks._base import Rule, Task
from assay.tasks._choose import task_class

FAMILIES = "assay.families"
_BATCH = 20_000


@dataclass(frozen=True)
class Member:
    """One candidate in the ensemble: a predictor per fold, each with the number of the encoding that it reads."""

    name: str
    family: str
    weight: float
    parts: tuple[tuple[int, Predictor], ...]


@dataclass(frozen=True)
class Model:
    """Predicts outputs and decisions for a `Dataset` that conforms to ``schema``."""

    schema: Schema
    task: Task
    encodings: tuple[Encoding, ...]
    members: tuple[Member, ...]
    calibration: tuple[float, ...] = ()
    rule: Rule = field(default_factory=Rule)

    def outputs(self, data: Dataset) -> FloatArray:
        """Calibrated outputs (n, k) float64 for n rows."""
        n = len(data)
        if n <= _BATCH:
            return self._batch(data)
        cuts = _cuts(n, data.sequence())
        return np.vstack([self._batch(data.rows(np.arange(start, end))) for start, end in pairwise(cuts)])

    def decide(self, outputs: FloatArray, data: Dataset | None = None) -> AnyArray:
        """Decisions for outputs of n rows by the tuned rule; ``data`` tell which rows are steps of one sequence."""
        return self.task.decide(outputs, self.rule, None if data is None else data.sequence())

    def _batch(self, data: Dataset) -> FloatArray:
        matrices = [encoding.transform(data) for encoding in self.encodings]
        total = np.zeros((len(data), len(self.task.labels)))
        for entry in self.members:
            share = entry.weight / len(entry.parts)
            for number, predictor in entry.parts:
                total += share * predictor.predict(matrices[number])
        return self.task.calibrated(total, self.calibration)

    def save(self, folder: Path) -> None:
        """Write the model as a folder of plain files with a manifest, all or nothing.

        Raises:
            OutputError: The place cannot be written to.
        """
        save_artifact(folder, self.state(), small=True)

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Read a model after checking every file of it.

        Raises:
            RunError: Not a model, or truncated, tampered with, of a newer format, or with a file out of place.
        """
        state = load_artifact(folder)
        try:
            return cls.from_state(state)
        except UserError:
            raise
        except Exception as error:  # a forged state can fail anywhere; whatever it is, the files are to blame
            raise damaged(folder, f"{type(error).__name__}: {error}") from error

    def state(self) -> State:
        """Everything that `from_state` needs."""
        return {
            "schema": self.schema.state(),
            "task": {"name": self.task.name, "state": self.task.state()},
            "encodings": [encoding.state() for encoding in self.encodings],
            "members": [_member_state(entry) for entry in self.members],
            "calibration": list(self.calibration),
            "thresholds": list(self.rule.thresholds),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Model":
        """Read what ``state`` gave; classes come from Assay's own list, never from the file.

        Raises:
            RunError: The state is damaged.
        """
        task = take(state, "task", dict)
        encodings = tuple(Encoding.from_state(entry) for entry in take(state, "encodings", list))
        return cls(
            schema=Schema.from_state(take(state, "schema", dict)),
            task=task_class(take(task, "name", str)).from_state(take(task, "state", dict)),
            encodings=encodings,
            members=tuple(map(partial(_member, len(encodings)), take(state, "members", list))),
            calibration=_numbers(state, "calibration"),
            rule=Rule(_numbers(state, "thresholds")),
        )


def _cuts(n: int, sequence: IntArray | None) -> list[int]:
    """Where rows are parted into batches: never inside a sequence."""
    cuts = list(range(0, n, _BATCH))
    if sequence is not None:
        begins = np.r_[np.flatnonzero(np.r_[True, sequence[1:] != sequence[:-1]]), n]
        cuts = np.unique(begins[np.searchsorted(begins, cuts)]).tolist()
    return [cut for cut in cuts if cut < n] + [n]


def _numbers(state: Mapping[str, Any], key: str) -> tuple[float, ...]:
    return tuple(take({key: number}, key, float) for number in take(state, key, list))


def _member_state(entry: Member) -> State:
    parts = [{"encoding": number, "state": predictor.state()} for number, predictor in entry.parts]
    return {"name": entry.name, "family": entry.family, "weight": entry.weight, "parts": parts}


def _member(n_encodings: int, entry: Mapping[str, Any]) -> Member:
    family = member(FAMILIES, Family, take(entry, "family", str))  # type: ignore[type-abstract]
    parts = tuple(
        (take(part, "encoding", int), family.predictor.from_state(take(part, "state", dict)))
        for part in take(entry, "parts", list)
    )
    if not parts or not all(0 <= number < n_encodings for number, _ in parts):
        raise RunError(
            f"a member {entry.get('name')!r} that refers to encoders that are not there",
            expected=f"numbers below {n_encodings}",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return Member(take(entry, "name", str), take(entry, "family", str), take(entry, "weight", float), parts)
