"""What was observed while fitting: out-of-fold outputs, train-side outputs, seconds, and what each fit noted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.artifact import load_artifact, save_artifact
from assay.core.errors import RunError
from assay.core.state import State, take, take_array
from assay.fitting._short import short

_MODEL_BITS, _TRIAL_BITS = 8, 5


@dataclass(frozen=True)
class Trial:
    """What one candidate did.

    Attributes:
        name, family, settings: As in the plan.
        status: ``fitted``, or why not.
        seconds: Wall-clock time of all folds.
        score: The plan's metric on out-of-fold outputs (its own best rule), None if not fitted.
        weight: In the ensemble.
        out_of_fold: (n, k) float32, NaN for rows that are in no validation part; None if not fitted.
        train_side: (n, k) float32, mean over the fits that learned from the row, NaN where none was asked.
        notes: Of each fold.
        training: Of each fold, what was seen of a net's training (see `families/_nets.py`); empty for other models.
        parameters: Floating numbers that the model of a fold holds.
        size: Bytes of the models of all folds.
    """

    name: str
    family: str
    settings: Mapping[str, Any]
    status: str
    seconds: float
    score: float | None = None
    weight: float = 0.0
    out_of_fold: Float32Array | None = None
    train_side: Float32Array | None = None
    notes: tuple[Mapping[str, Any], ...] = ()
    training: tuple[Mapping[str, Any], ...] = ()
    parameters: int = 0
    size: int = 0


@dataclass(frozen=True)
class Evidence:
    """Everything observed in a fit.

    Attributes:
        y, weight: Encoded target of n rows (see `tasks._base.Form`), and row weights (n,).
        fold: (n,) int64 number of the fold that validates the row, -1 for none.
        trials: One per candidate of the plan, in its order.
        outputs: (n, k) float32 of the whole ensemble, cross-fitted: for the rows of a fold its weights,
            calibration and rule were chosen on the other folds. NaN for rows in no fold.
        decided: Decisions of n rows in the same manner; -1, or NaN for numbers, for rows in no fold.
        score, interval: The metric of these, and its 95% bootstrap interval.
        scores: All metrics of the task on these.
        seconds: Of the whole fit.
        notices: Sentences for the person, e.g. rows set aside.
    """

    y: AnyArray
    weight: FloatArray
    fold: AnyArray
    trials: tuple[Trial, ...]
    outputs: Float32Array
    decided: AnyArray
    score: float
    interval: tuple[float, float]
    scores: Mapping[str, float]
    seconds: float
    notices: tuple[str, ...] = field(default=())

    def save(self, folder: Path) -> None:
        """Write the evidence into a folder, all or nothing; outputs are rounded (see `assay.fitting._short`)."""
        save_artifact(folder, self.state(), small=True)

    @classmethod
    def load(cls, folder: Path) -> "Evidence":
        """Read what ``save`` wrote.

        Raises:
            RunError: Missing, damaged or of a newer format.
        """
        return cls.from_state(load_artifact(folder))

    def state(self) -> State:
        """Everything as arrays and JSON values."""
        return {
            "y": self.y,
            "weight": self.weight,
            "fold": self.fold,
            "trials": [_trial_state(trial) for trial in self.trials],
            "outputs": _packed(short(self.outputs, bits=_MODEL_BITS)),
            "decided": self.decided,
            "score": self.score,
            "interval": list(self.interval),
            "scores": dict(self.scores),
            "seconds": self.seconds,
            "notices": list(self.notices),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Evidence":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        low, high = take(state, "interval", list)
        y = take_array(state, "y")
        return cls(
            y=y,
            weight=take_array(state, "weight", ndim=1),
            fold=take_array(state, "fold", ndim=1),
            trials=tuple(_trial(entry, len(y)) for entry in take(state, "trials", list)),
            outputs=_unpacked(take(state, "outputs", dict), len(y)),
            decided=take_array(state, "decided"),
            score=take(state, "score", float),
            interval=(float(low), float(high)),
            scores=take(state, "scores", dict),
            seconds=take(state, "seconds", float),
            notices=tuple(take(state, "notices", list)),
        )


def _trial_state(trial: Trial) -> State:
    return {
        "name": trial.name,
        "family": trial.family,
        "settings": dict(trial.settings),
        "status": trial.status,
        "seconds": trial.seconds,
        "score": trial.score,
        "weight": trial.weight,
        "out_of_fold": None if trial.out_of_fold is None else _packed(short(trial.out_of_fold, bits=_TRIAL_BITS)),
        "train_side": None if trial.train_side is None else _packed(short(trial.train_side, bits=_TRIAL_BITS)),
        "notes": [dict(notes) for notes in trial.notes],
        "training": [dict(seen) for seen in trial.training],
        "parameters": trial.parameters,
        "size": trial.size,
    }


def _trial(entry: Mapping[str, Any], rows: int) -> Trial:
    score = entry.get("score")
    return Trial(
        name=take(entry, "name", str),
        family=take(entry, "family", str),
        settings=take(entry, "settings", dict),
        status=take(entry, "status", str),
        seconds=take(entry, "seconds", float),
        score=None if score is None else take(entry, "score", float),
        weight=take(entry, "weight", float),
        out_of_fold=_maybe(entry, "out_of_fold", rows),
        train_side=_maybe(entry, "train_side", rows),
        notes=tuple(take(entry, "notes", list)),
        training=tuple(take(entry, "training", list)),
        parameters=take(entry, "parameters", int) if "parameters" in entry else 0,
        size=take(entry, "size", int) if "size" in entry else 0,
    )


def _maybe(entry: Mapping[str, Any], key: str, rows: int) -> Float32Array | None:
    return None if entry.get(key) is None else _unpacked(take(entry, key, dict), rows)


def _packed(values: Float32Array) -> State:
    """Rows that have a value, and which they are: those of one split, or of a sample, are few beside many tags."""
    rows = np.flatnonzero(~np.isnan(values).all(axis=1))
    return {"rows": rows, "values": values[rows]}


def _unpacked(state: Mapping[str, Any], n: int) -> Float32Array:
    """All n rows, NaN where there is no value.

    Raises:
        RunError: The state is damaged.
    """
    rows, values = take_array(state, "rows", ndim=1, dtype=np.int64), take_array(state, "values", ndim=2)
    if len(rows) != len(values) or (len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < n):
        raise RunError(
            f"outputs of {len(rows):,} rows among {n:,}, and {len(values):,} rows of values",
            expected="values for rows of the table",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    whole = np.full((n, values.shape[1]), np.nan, np.float32)
    whole[rows] = values
    return whole
