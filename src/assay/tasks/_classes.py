"""What binary and multiclass tasks share: classes found in the target, probabilities, the most probable class."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.core.errors import DataError, PlanError, RunError
from assay.core.state import State, take
from assay.tasks._base import Asked, Form, Rule, Task
from assay.tasks._metrics import confusion, log_loss, row_log_loss

MOST_CLASSES = 500
_FEW_FRACTIONS = 20
_VALUE_TYPES: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "text": pl.String,
}


class ClassTask(Task):
    """A task whose outputs are (n, k) probabilities of k classes.

    Args:
        labels: The classes as text, in the order of the outputs.
        values: Type of the user's own values: ``"integer"``, ``"number"``, ``"boolean"`` or ``"text"``.
    """

    form = Form.CLASSES
    default_metric = "log_loss"
    second_metric = "log_loss"

    def __init__(self, labels: tuple[str, ...], values: str) -> None:
        self._labels, self.values = labels, values

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes as text, in the order of the outputs."""
        return self._labels

    def encode(self, target: pl.Series, sequence: IntArray | None = None) -> AnyArray:
        """Class numbers (n,) int64, -1 for a missing or unknown label."""
        codes = as_text(target).replace_strict(
            list(self._labels), np.arange(len(self._labels)), default=-1, return_dtype=pl.Int64
        )
        return codes.fill_null(-1).to_numpy()

    def labelled(self, y: AnyArray) -> BoolArray:
        """Rows (n,) of a known class."""
        known: BoolArray = y >= 0
        return known

    def decode(self, decided: AnyArray) -> pl.Series:
        """Class numbers (n,) to the user's own values and type."""
        labels = pl.Series(self._labels, dtype=pl.String)
        if self.values == "boolean":
            return (labels == "true").gather(decided)
        return labels.cast(_VALUE_TYPES[self.values]).gather(decided)

    def strata(self, y: AnyArray) -> AnyArray:
        """The classes themselves."""
        return y

    def lone_rows(self, y: AnyArray) -> BoolArray:
        """Rows (n,) that are the only one of their class."""
        counts = np.bincount(y[y >= 0], minlength=len(self._labels))
        lone: BoolArray = (y >= 0) & (counts[y] == 1)
        return lone

    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """Class frequencies (k,), each class counted once more so that none is impossible."""
        counts = np.bincount(y, weights=weight, minlength=len(self._labels)) + 1.0
        prior: FloatArray = counts / counts.sum()
        return prior

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """The most probable class (n,)."""
        decided: AnyArray = outputs.argmax(axis=1)
        return decided

    def calibration(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
        """Temperature in 0.2 to 5 with the lowest log loss (Guo et al. 2017), by golden section on its logarithm."""
        from scipy.optimize import minimize_scalar

        def loss(log_temperature: float) -> float:
            outputs_then = self.calibrated(outputs, (float(np.exp(log_temperature)),))
            return log_loss(y, outputs_then, y, weight)

        found = minimize_scalar(loss, bounds=(np.log(0.2), np.log(5.0)), method="bounded", options={"xatol": 1e-3})
        return (float(np.exp(found.x)),)

    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        """``softmax(log(outputs) / temperature)``, (n, k)."""
        if not calibration:
            return outputs
        (temperature,) = calibration
        logits = np.log(np.clip(outputs, 1e-12, None)) / temperature
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        warmed: FloatArray = powers / powers.sum(axis=1, keepdims=True)
        return warmed

    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        """-ln(probability of the true class) for each row (n,)."""
        return row_log_loss(y, outputs)

    def shown(self, outputs: FloatArray) -> Mapping[str, AnyArray]:
        """A probability for each class."""
        return {f"probability of {label}": outputs[:, number] for number, label in enumerate(self._labels)}

    def details(self, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> Mapping[str, Any]:
        """``confusion``: counts of rows (k, k), row the true class, column the decided one."""
        counts = confusion(y, decided, np.ones(len(y)), len(self._labels))
        return {"confusion": counts.astype(np.int64).tolist()}

    def census(self, y: AnyArray) -> Mapping[str, int]:
        """Rows of each class."""
        counts = np.bincount(y[y >= 0], minlength=len(self._labels))
        return dict(zip(self._labels, counts.tolist(), strict=True))

    def state(self) -> State:
        """The task as JSON values."""
        return {"labels": list(self._labels), "values": self.values}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        labels, values = take(state, "labels", list), take(state, "values", str)
        if values not in _VALUE_TYPES or len(set(map(str, labels))) != len(labels) or len(labels) < 2:
            raise RunError(
                f"a task with the labels {labels!r} of type {values!r}",
                expected="two or more different labels of a known type",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(tuple(str(label) for label in labels), values)


def as_text(target: pl.Series) -> pl.Series:
    """Labels as text, the same for 1, 1.0, "1" and for True, "true"; empty texts and NaN are missing.

    Raises:
        DataError: The cells are lists or records.
    """
    if target.dtype.is_nested():
        raise DataError(
            f"lists or records in the target column {target.name!r}",
            expected="one class in each row",
            fix="say --task multilabel, or leave --task out",
        )
    if target.dtype.is_float():
        whole = target.fill_nan(None)
        if bool((whole.drop_nulls() % 1 == 0).all()):
            return whole.cast(pl.Int64).cast(pl.String)
        return whole.cast(pl.String)
    texts = target.cast(pl.String).str.strip_chars()
    return texts.replace("", None)


def refuse_numbers(asked: Asked, task: str, *, ordered: bool = False) -> None:
    """See that nothing is asked for that only a prediction of numbers has, or only classes with an order.

    Raises:
        PlanError: It is.
    """
    for option, value in (("loss", asked.loss), ("interval", asked.interval)):
        if value is not None:
            raise PlanError(
                f"--{option} {value} for a {task} task",
                expected=f"--{option} only where a number is predicted",
                fix=f"leave --{option} out, or say --task regression",
            )
    if asked.order and not ordered:
        raise PlanError(
            f"--order {','.join(asked.order)} for a {task} task",
            expected="an order only of classes that have one",
            fix="leave --order out, or say --task ordinal",
        )


def classes_of(target: pl.Series) -> tuple[tuple[str, ...], str]:
    """The classes in sorted order (numbers by size) as text, and the type of the user's values.

    Raises:
        DataError: No label at all, one class only, or too many classes.
    """
    texts = as_text(target).drop_nulls()
    counts = texts.value_counts(sort=True)
    _check_count(target, texts, counts)
    values = _values_type(target)
    names = counts[texts.name].to_list()
    return tuple(sorted(names, key=float) if values in ("integer", "number") else sorted(names)), values


def fits_no_classes(target: pl.Series) -> bool:
    """Whether a target is numbers that nobody would take for classes: more of them than classes can be, or fractions.

    Whole numbers of which there are few may be either; they are taken for classes.
    """
    if not target.dtype.is_numeric():
        return False
    numbers = target.drop_nulls().drop_nans() if target.dtype.is_float() else target.drop_nulls()
    found = numbers.n_unique()
    fractions = target.dtype.is_float() and bool((numbers % 1 != 0).any())
    return _too_many(found, len(numbers)) or (fractions and found > _FEW_FRACTIONS)


def _too_many(found: int, rows: int) -> bool:
    return found > MOST_CLASSES or (found > 50 and rows < 3 * found)


def _check_count(target: pl.Series, texts: pl.Series, counts: pl.DataFrame) -> None:
    name, found = target.name, counts.height
    if found == 0:
        raise DataError(
            f"no label at all in the target column {name!r} ({len(target):,} rows, all empty)",
            expected="a label in most rows",
            fix="fill the column, or name another one with --target",
        )
    if found == 1:
        raise DataError(
            f"one class only in the target column {name!r}: {texts[0]!r} in all {len(texts):,} labelled rows",
            expected="two classes or more",
            fix="add rows of another class, or name another column with --target",
        )
    if _too_many(found, len(texts)):
        kind = "numbers" if target.dtype.is_numeric() else "texts"
        raise DataError(
            f"{found:,} different {kind} in {len(texts):,} labelled rows of the target column {name!r}",
            expected=f"at most {MOST_CLASSES} classes, each with several rows",
            fix="name the column that holds the class with --target, or merge values into fewer classes",
        )


def _values_type(target: pl.Series) -> str:
    if target.dtype == pl.Boolean:
        return "boolean"
    if target.dtype.is_integer():
        return "integer"
    if target.dtype.is_float():
        return "integer" if bool((target.drop_nulls().drop_nans() % 1 == 0).all()) else "number"
    return "text"
