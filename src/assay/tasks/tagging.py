"""Steps of sequences, each with a tag, decided together: words of sentences, windows of signals."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.core.errors import DataError, PlanError, RunError, listed
from assay.core.state import State, take
from assay.data._conll import line_of
from assay.data._sequences import SEQUENCE, as_steps
from assay.data._wishes import Wishes
from assay.data.dataset import Dataset
from assay.data.schema import Role
from assay.tasks import _span_metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked, Form, Metric, Rule, Task
from assay.tasks._classes import as_text, classes_of, refuse_numbers
from assay.tasks._metrics import row_log_loss
from assay.tasks._spans import Scheme

_SHARES = (0.7, 0.5, 0.35, 0.25, 0.18, 0.12)


class Tagging(Task):
    """Outputs (n, k): the probability of each tag of each step, whatever the tags of the others are.

    Where the tags are those of spans (BIO, BIOES), only sequences that make sense are decided.

    Args:
        labels: The tags.
        notices: What the person should know of the target.
        broken_spans: ``repair`` makes a tag that goes on with a span that none began begin it; ``refuse`` refuses it.
    """

    name = "tagging"
    form = Form.TAGS
    second_metric = "log_loss"

    def __init__(self, labels: tuple[str, ...], notices: tuple[str, ...] = (), *, broken_spans: str = "repair") -> None:
        self._labels, self.notices, self.scheme = labels, notices, Scheme.of(labels)
        self.broken_spans = broken_spans
        given: tuple[Metric, ...] = (m.TOKEN_ACCURACY, m.SEQUENCE_ACCURACY, m.LOG_LOSS)
        if self.scheme is not None:
            given = (m.span_f1(self.scheme), *given)
        self.metrics: Mapping[str, Metric] = {metric.name: metric for metric in given}
        self.default_metric = given[0].name

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Never: a person says that rows are steps."""
        return False

    @classmethod
    def as_rows(cls, table: pl.DataFrame, wishes: Wishes) -> tuple[pl.DataFrame, Wishes]:
        """One row for each step, the number of its sequence beside it."""
        return as_steps(table, wishes)

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for a column of tags.

        Raises:
            DataError: One tag only, or too many.
            PlanError: A positive class, a loss or an interval is asked for.
        """
        refuse_numbers(asked, cls.name)
        if asked.positive is not None:
            raise PlanError(
                f"--positive {asked.positive!r} for a tagging task",
                expected="a positive class only where there are two classes",
                fix="leave --positive out",
            )
        return cls(classes_of(target)[0], broken_spans=asked.broken_spans)

    @property
    def labels(self) -> tuple[str, ...]:
        """The tags in sorted order."""
        return self._labels

    def encode(self, target: pl.Series, sequence: IntArray | None = None) -> AnyArray:
        """Numbers of tags (-1 where missing or unknown) and of sequences, (n, 2) int64.

        Raises:
            DataError: Nobody said which rows belong together, or those of a sequence are apart; or a tag goes on with
                a span that none began, and is to be refused.
        """
        return self._taken(target, sequence, lambda row: f"row {row + 1:,}")

    def encoded(self, data: Dataset) -> AnyArray:
        """As `encode`; of a tag that is refused the line is told, where it was read from a CoNLL file."""
        target = data.column(Role.TARGET)
        nothing = pl.Series([None] * len(data))
        return self._taken(nothing if target is None else target, data.sequence(), lambda row: _place(data, row))

    def _taken(self, target: pl.Series, sequence: IntArray | None, place: Callable[[int], str]) -> AnyArray:
        """What `encode` gives; ``place`` says for people where a row stands."""
        if sequence is None:
            raise DataError(
                "no column that says which rows are the steps of one sequence",
                expected=f"a CoNLL file, a column {SEQUENCE!r}, or lists of steps",
                fix="name the column with --sequence",
            )
        _check_together(sequence)
        tags = self._codes(target)
        mended, rows = self._mended(tags, sequence)
        if len(rows) and self.broken_spans == "refuse":
            raise DataError(
                f"the tag {self._labels[tags[rows[0]]]!r} in {place(int(rows[0]))} goes on with a span that none began "
                f"({len(rows):,} in all)",
                expected="a B before an I or E of its type",
                fix="mend these tags, or have them taken for beginnings with --broken-spans repair",
            )
        return np.stack([mended, sequence], axis=1)

    def observed(self, data: Dataset) -> tuple[str, ...]:
        """How many tags went on with a span that none began."""
        target, sequence = data.column(Role.TARGET), data.sequence()
        if target is None or sequence is None:
            return ()
        _, rows = self._mended(self._codes(target), sequence)
        if not len(rows):
            return ()
        tags, place = "1 tag goes" if len(rows) == 1 else f"{len(rows):,} tags go", _place(data, int(rows[0]))
        return (f"{tags} on with a span that none began, the first in {place}: taken for its beginning",)

    def _codes(self, target: pl.Series) -> IntArray:
        numbers = np.arange(len(self._labels))
        codes = as_text(target).replace_strict(list(self._labels), numbers, default=-1, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy()

    def _mended(self, tags: IntArray, sequence: IntArray) -> tuple[IntArray, IntArray]:
        """Tags in which every span begins with B, and the rows that were changed; unknown tags count as outside."""
        if self.scheme is None:
            return tags, np.zeros(0, np.int64)
        outside = np.flatnonzero(self.scheme.letter == 0)
        if not len(outside):
            return tags, np.zeros(0, np.int64)
        mended, rows = self.scheme.mended(np.where(tags >= 0, tags, outside[0]), sequence)
        return np.where(tags >= 0, mended, -1), rows

    def labelled(self, y: AnyArray) -> BoolArray:
        """Steps (n,) with a known tag."""
        known: BoolArray = y[:, 0] >= 0
        return known

    def decode(self, decided: AnyArray) -> pl.Series:
        """The tags."""
        return pl.Series(self._labels, dtype=pl.String).gather(decided)

    def strata(self, y: AnyArray) -> AnyArray:
        """The tags: folds of whole sequences are to hold each in equal shares."""
        return np.maximum(y[:, 0], 0)

    def sequence(self, y: AnyArray) -> IntArray:
        """The numbers of the sequences."""
        numbers: IntArray = y[:, 1]
        return numbers

    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """Shares of the tags (k,), each counted once more so that none is impossible."""
        known = y[:, 0] >= 0
        counts = np.bincount(y[known, 0], weights=weight[known], minlength=len(self._labels)) + 1.0
        prior: FloatArray = counts / counts.sum()
        return prior

    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """The most probable tag of each step (n,); of spans the sequence that makes sense and has most of them.

        The rule's threshold is the share of its probability that being outside of spans keeps.
        """
        if self.scheme is None or sequence is None:
            decided: AnyArray = outputs.argmax(axis=1)
            return decided
        scores = np.log(np.maximum(outputs, 1e-12))
        if rule.threshold is not None:
            scores[:, self.scheme.letter == 0] += np.log(rule.threshold)
        return self.scheme.best(scores, sequence)

    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """For spans, how much being outside has to be held back, as most steps are outside; else the plain rule.

        The plain rule stays where none is better.
        """
        if not metric.tunes_rule:
            return Rule()

        def score(rule: Rule) -> float:
            return metric.score(y, outputs, self.decide(outputs, rule, y[:, 1]), weight)

        rules = [Rule(), *(Rule((share,)) for share in _SHARES)]
        return max(rules, key=score)

    def calibration(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
        """None: marginals of a sequence model are as sure as it is."""
        return ()

    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        """The outputs as they are."""
        return outputs

    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        """-ln(probability of the true tag) of each step (n,)."""
        return row_log_loss(y[:, 0], outputs)

    def shown(self, outputs: FloatArray) -> Mapping[str, AnyArray]:
        """How probable the most probable tag is: many tags would make many columns."""
        return {"probability": outputs.max(axis=1, initial=0.0)}

    def details(self, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> Mapping[str, Any]:
        """``spans``: of each type how many there are, precision, recall and F1; ``tags`` where there are no spans."""
        if self.scheme is None:
            known = len(self._labels)
            counts = np.bincount(y[:, 0] * known + decided, minlength=known * known).reshape(known, known)
            found, said, true = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
            return {"tags": [_told(name, *part) for name, *part in zip(self._labels, found, said, true, strict=True)]}
        counted = m.span_counts(self.scheme, y, decided, np.ones(len(y)))
        return {"spans": [_told(name, *part) for name, *part in zip(self.scheme.kinds, *counted, strict=True)]}

    def census(self, y: AnyArray) -> Mapping[str, int]:
        """Steps with each tag."""
        counts = np.bincount(y[y[:, 0] >= 0, 0], minlength=len(self._labels))
        return dict(zip(self._labels, counts.tolist(), strict=True))

    def state(self) -> State:
        """The task as JSON values."""
        return {"labels": list(self._labels), "notices": list(self.notices), "broken_spans": self.broken_spans}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        labels = [str(label) for label in take(state, "labels", list)]
        if len(labels) < 2 or len(set(labels)) != len(labels):
            raise RunError(
                f"a task with the tags {listed(labels)}",
                expected="two or more different tags",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        notices = tuple(map(str, take(state, "notices", list)))
        return cls(tuple(labels), notices, broken_spans=take(state, "broken_spans", str))


def _told(name: str, found: float, said: float, true: float) -> dict[str, Any]:
    return {
        "name": name,
        "steps" if isinstance(true, np.integer) else "spans": int(true),
        "precision": float(found / said) if said else None,
        "recall": float(found / true) if true else None,
        "f1": float(2 * found / (said + true)) if said + true else None,
    }


def _place(data: Dataset, row: int) -> str:
    """Where a step stands, for people: its line in a CoNLL file, or its row."""
    names, sequence = data.column(Role.SEQUENCE), data.sequence()
    if names is None or sequence is None:
        return f"row {row + 1:,}"
    step = row - int(np.flatnonzero(sequence == sequence[row])[0])
    line = line_of(str(names[row]), step)
    return f"row {row + 1:,}" if line is None else f"line {line:,}"


def _check_together(sequence: IntArray) -> None:
    starts = np.flatnonzero(np.r_[True, sequence[1:] != sequence[:-1]]) if len(sequence) else np.zeros(0, np.int64)
    _, first = np.unique(sequence[starts], return_index=True)
    if len(first) < len(starts):
        again = np.setdiff1d(np.arange(len(starts)), first)[0]
        raise DataError(
            f"steps of one sequence that stand apart: one begins again in row {starts[again] + 1:,}",
            expected="the steps of a sequence one after the other, in their order",
            fix="sort the rows by sequence and step",
        )
