"""Several labels, of which a row has any number: each is decided by itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.core.errors import DataError, PlanError, RunError, listed
from assay.core.state import State, take
from assay.tasks import _label_metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked, Form, Metric, Rule, Task
from assay.tasks._classes import MOST_CLASSES, refuse_numbers
from assay.tasks._metrics import binary_roc_auc
from assay.tasks._platt import platt, plattened
from assay.tasks._thresholds import tuned_thresholds

DELIMITERS = (";", "|", ",")
_DECIDED = (m.MICRO_F1, m.MACRO_F1, m.SAMPLES_F1, m.HAMMING_LOSS, m.SUBSET_ACCURACY)
_RANKED = (m.ROC_AUC, m.AVERAGE_PRECISION, m.LRAP, m.RANKING_LOSS, m.COVERAGE_ERROR)
_ALL = (*_DECIDED, m.LOG_LOSS, *_RANKED)


class Multilabel(Task):
    """Outputs (n, k): the probability of each label by itself.

    A target is a column of lists, texts with a delimiter between labels, or a record of yes and no (which
    `assay.data.prepare` makes of several columns). An empty list is a row that has none of the labels; a gap is a row
    of which nothing is known, and in a record a label of which that is so.

    Args:
        labels: Names, in the order of the outputs.
        delimiter: Between labels of the person's own texts; empty where they are lists or columns.
        notices: What the person should know of the target.
    """

    name = "multilabel"
    form = Form.LABELS
    metrics: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
    default_metric = "micro_f1"
    second_metric = "log_loss"

    def __init__(self, labels: tuple[str, ...], delimiter: str = "", notices: tuple[str, ...] = ()) -> None:
        self._labels, self.delimiter, self.notices = labels, delimiter, notices

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Lists and records; texts with delimiters only where a person says so."""
        return isinstance(target.dtype, pl.List | pl.Struct)

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for lists, delimited texts or records.

        Raises:
            DataError: No labels, one only, or too many.
            PlanError: A positive class, a loss or an interval is asked for.
        """
        refuse_numbers(asked, cls.name)
        if asked.positive is not None:
            raise PlanError(
                f"--positive {asked.positive!r} for a multilabel task",
                expected="a positive class only where there are two classes",
                fix="leave --positive out",
            )
        delimiter = "" if isinstance(target.dtype, pl.List | pl.Struct) else _delimiter(target)
        labels = _names(target, delimiter)
        _check_count(target, labels)
        task = cls(labels, delimiter)
        return cls(labels, delimiter, _of_no_use(labels, task.encode(target)))

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the labels."""
        return self._labels

    def encode(self, target: pl.Series, sequence: IntArray | None = None) -> AnyArray:
        """1 and 0 (n, k) float64, NaN for what is not known."""
        if isinstance(target.dtype, pl.Struct):
            return _of_records(target, self._labels)
        lists = _as_lists(target, self.delimiter)
        y = np.zeros((len(target), len(self._labels)))
        numbers = {label: number for number, label in enumerate(self._labels)}
        exploded = pl.DataFrame({"row": np.arange(len(lists)), "label": lists}).explode("label").drop_nulls()
        codes = exploded["label"].replace_strict(numbers, default=-1, return_dtype=pl.Int64).to_numpy()
        there = codes >= 0
        y[exploded["row"].to_numpy()[there], codes[there]] = 1.0
        y[lists.is_null().to_numpy()] = np.nan
        return y

    def unknown(self, target: pl.Series) -> tuple[str, ...]:
        """Labels of a target that the task does not know."""
        if isinstance(target.dtype, pl.Struct):
            return ()
        names = _as_lists(target, self.delimiter).explode().drop_nulls().unique().sort().to_list()
        return tuple(name for name in names if name not in self._labels)

    def labelled(self, y: AnyArray) -> BoolArray:
        """Rows (n,) of which any label is known."""
        known: BoolArray = np.any(np.isfinite(y), axis=1)
        return known

    def decode(self, decided: AnyArray) -> pl.Series:
        """Lists of labels; texts with the person's own delimiter where the target was such."""
        lists = [[name for name, there in zip(self._labels, row, strict=True) if there] for row in decided == 1]
        found = pl.Series(lists, dtype=pl.List(pl.String))
        return found.list.join(self.delimiter) if self.delimiter else found

    def strata(self, y: AnyArray) -> AnyArray:
        """The labels themselves (n, k): folds are to hold each of them in equal shares."""
        return np.nan_to_num(y).astype(np.int64)

    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """Share of each label (k,), one row with and one without it counted more, so that none is impossible."""
        known = weight[:, None] * np.isfinite(y)
        prior: FloatArray = ((known * (y == 1)).sum(axis=0) + 1.0) / (known.sum(axis=0) + 2.0)
        return prior

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """1 (n, k) where a label reaches its threshold, one half if the rule has none."""
        thresholds = np.array(rule.thresholds) if rule.thresholds else 0.5
        return (outputs >= thresholds).astype(np.int64)

    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """Thresholds for a metric that wants them: of each label for macro F1, one for all of them for the others."""
        if not metric.tunes_rule:
            return Rule()
        each = metric.name == m.MACRO_F1.name
        return Rule(tuned_thresholds(y, outputs, weight, each=each))

    def calibration(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
        """Slope and offset of each label's log odds (2 k,), first all slopes: see `assay.tasks._platt`."""
        return platt(y, outputs, weight)

    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        """Outputs (n, k) with their log odds stretched and moved."""
        return plattened(outputs, calibration) if calibration else outputs

    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        """Mean log loss of a row's known labels (n,)."""
        return m.row_log_loss(y, outputs)

    def shown(self, outputs: FloatArray) -> Mapping[str, AnyArray]:
        """A probability for each label."""
        return {f"probability of {label}": outputs[:, number] for number, label in enumerate(self._labels)}

    def details(self, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> Mapping[str, Any]:
        """``labels``: rows, precision, recall, F1 and area under the ROC curve of each."""
        hit, said, true = m.counts(y, decided, weight)
        areas = m.label_scores(binary_roc_auc, y, outputs, weight)
        return {
            "labels": [
                {
                    "label": label,
                    "rows": int((y[:, number] == 1).sum()),
                    "precision": _share(hit[number], said[number]),
                    "recall": _share(hit[number], true[number]),
                    "f1": _share(2 * hit[number], said[number] + true[number]),
                    "roc_auc": float(areas[number]) if np.isfinite(areas[number]) else None,
                }
                for number, label in enumerate(self._labels)
            ]
        }

    def census(self, y: AnyArray) -> Mapping[str, int]:
        """Rows that have each label."""
        return dict(zip(self._labels, (y == 1).sum(axis=0).tolist(), strict=True))

    def state(self) -> State:
        """The task as JSON values."""
        return {"labels": list(self._labels), "delimiter": self.delimiter, "notices": list(self.notices)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        labels = [str(label) for label in take(state, "labels", list)]
        if len(labels) < 2 or len(set(labels)) != len(labels):
            raise RunError(
                f"a task with the labels {labels!r}",
                expected="two or more different labels",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(tuple(labels), take(state, "delimiter", str), tuple(map(str, take(state, "notices", list))))


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _delimiter(target: pl.Series) -> str:
    """The one of `DELIMITERS` that most texts hold, the first if none does."""
    texts = target.cast(pl.String).drop_nulls()
    return max(DELIMITERS, key=lambda sign: int(texts.str.contains(sign, literal=True).sum()))


def _as_lists(target: pl.Series, delimiter: str) -> pl.Series:
    """Labels of each row as texts without blanks at their ends, each once; null where nothing is known of a row."""
    lists = target.cast(pl.List(pl.String)) if isinstance(target.dtype, pl.List) else _split(target, delimiter)
    cleaned = pl.element().str.strip_chars()
    return lists.list.eval(cleaned.filter(cleaned != "").unique())


def _split(target: pl.Series, delimiter: str) -> pl.Series:
    texts = target.cast(pl.String)
    if not delimiter:
        return pl.Series([None if text is None else [text] for text in texts], dtype=pl.List(pl.String))
    return texts.str.split(delimiter)


def _names(target: pl.Series, delimiter: str) -> tuple[str, ...]:
    if isinstance(target.dtype, pl.Struct):
        return tuple(field.name for field in target.dtype.fields)
    return tuple(_as_lists(target, delimiter).explode().drop_nulls().unique().sort().to_list())


def _of_records(target: pl.Series, labels: tuple[str, ...]) -> AnyArray:
    """A column of each label, NaN where it has a gap or is not there at all."""
    there = {field.name for field in target.dtype.fields}  # type: ignore[attr-defined]
    columns = [
        target.struct.field(label).cast(pl.Float64).to_numpy() if label in there else np.full(len(target), np.nan)
        for label in labels
    ]
    return np.stack(columns, axis=1)


def _check_count(target: pl.Series, labels: tuple[str, ...]) -> None:
    if len(labels) < 2:
        found = f"one label only, {labels[0]!r}," if labels else "no label at all"
        raise DataError(
            f"{found} in the target column {target.name!r}",
            expected="two labels or more, of which a row may have several",
            fix="name another column with --target; one label that is there or not is a binary task",
        )
    if len(labels) > MOST_CLASSES:
        raise DataError(
            f"{len(labels):,} different labels in the target column {target.name!r}, such as {listed(labels, 3)}",
            expected=f"at most {MOST_CLASSES}",
            fix="merge labels, drop rare ones, or check the delimiter",
        )


def _of_no_use(labels: tuple[str, ...], y: AnyArray) -> tuple[str, ...]:
    """Sentences on labels that every row has, or none: there is nothing to learn about them."""
    known = np.isfinite(y).any(axis=0)
    never, always = ~(y == 1).any(axis=0), ~(y == 0).any(axis=0) & known
    told = []
    for which, what in ((never, "no row has"), (always & ~never, "every row has")):
        names = [label for label, there in zip(labels, which, strict=True) if there]
        if names:
            told.append(f"{what} the label {listed(map(repr, names), 5)}: there is nothing to learn about it")
    return tuple(told)
