"""The contract of a task: what is decided, how good a decision is, and how scores become decisions.

A task owns everything that depends on the form of the target, so that fitting and commands need not know which task
they serve. Families ask it for its `Form` and for the number of its labels, not for its name. `outputs` is what a model
gives for n rows, (n, k): what stands in the k columns is the form's to say.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from assay.core.errors import PlanError, did_you_mean, listed
from assay.core.state import State
from assay.data._wholes import as_wholes
from assay.data._wishes import Wishes
from assay.data.dataset import Dataset
from assay.data.schema import Role


class Form(StrEnum):
    """What a model gives for a row, and what it learns from.

    ``CLASSES``: probabilities of k classes that exclude each other; y (n,) int64, -1 for none.
    ``LABELS``: probabilities of k labels, each by itself; y (n, k) float64 of 0 and 1, NaN where it is not known.
    ``NUMBERS``: k numbers in the target's unit, the prediction first; y (n,) float64, NaN for none.
    ``TAGS``: probabilities of k tags for a step of a sequence; y (n, 2) int64, the tag (-1 for none), and the number
    of the sequence. Steps of a sequence stand together and in order.
    """

    CLASSES = "classes"
    LABELS = "labels"
    NUMBERS = "numbers"
    TAGS = "tags"


@dataclass(frozen=True)
class Asked:
    """What a person says about the target, beside its column; a task refuses what has no meaning for it.

    Attributes:
        positive: The positive one of two classes.
        loss: What a prediction of numbers is to make small.
        interval: Share of the truths that an interval around such a prediction should hold.
        order: Classes from low to high.
        broken_spans: What to do with a tag that goes on with a span that none began: ``repair`` or ``refuse``.
    """

    positive: str | None = None
    loss: str | None = None
    interval: float | None = None
    order: tuple[str, ...] = ()
    broken_spans: str = "repair"


NOTHING_ASKED = Asked()


class Score(Protocol):
    """How good outputs are: ``y`` from `Task.encode`, ``outputs``, row weights, and decisions from `Task.decide`."""

    def __call__(self, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
        """The weighted score over all rows."""


@dataclass(frozen=True)
class Metric:
    """A named score.

    Attributes:
        name: scikit-learn's name for it.
        score: The function; not a number where the score is not defined (one class present).
        greater_is_better: Which way is up.
        uses_decisions: It depends on decisions, not on the outputs alone.
        tunes_rule: Its best decision rule is not the most probable class, so the rule is tuned for it.
    """

    name: str
    score: Score
    greater_is_better: bool
    uses_decisions: bool
    tunes_rule: bool = False

    def loss(self, score: float) -> float:
        """The score turned so that smaller is better."""
        return -score if self.greater_is_better else score


@dataclass(frozen=True)
class Rule:
    """A decision rule: ``thresholds`` (0 to 1) of the outputs that are decided by one; none for the plain rule."""

    thresholds: tuple[float, ...] = ()

    @property
    def threshold(self) -> float | None:
        """The threshold of a rule that has a single one."""
        return self.thresholds[0] if len(self.thresholds) == 1 else None


class Task(ABC):
    """What is decided. Instances are immutable and know their labels.

    Attributes:
        name: As in a plan; also the name of its file.
        form: What models give for it.
        ordered: Whether its classes have an order, that of `labels`.
        metrics: Every metric that it has, by name.
        default_metric: The one that a fit is best at unless a person says otherwise.
        second_metric: Breaks ties between candidates, and judges calibration: a proper scoring rule.
        always_calibrated: Calibration is kept even where the second metric does not see that it helps.
        notices: What the person should know of the target.
    """

    name: ClassVar[str]
    form: ClassVar[Form]
    ordered: ClassVar[bool] = False
    metrics: Mapping[str, Metric]
    default_metric: str
    second_metric: str
    always_calibrated: bool = False
    notices: tuple[str, ...] = ()

    @classmethod
    @abstractmethod
    def suits(cls, target: pl.Series) -> bool:
        """Whether this is what a person would mean by this target; the tasks are asked in a fixed order."""

    @classmethod
    def as_rows(cls, table: pl.DataFrame, wishes: Wishes) -> tuple[pl.DataFrame, Wishes]:
        """The table with a row for each thing that is decided (here a whole sequence), and what is wished of it."""
        return as_wholes(table, wishes)

    @classmethod
    @abstractmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> "Task":
        """The task for a target column (nulls are rows without a label).

        Raises:
            DataError: One class only, a class with one row, too many classes, ...
            PlanError: What is asked has no meaning for such a target.
        """

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """What stands in the columns of the outputs, in their order: classes, labels, tags, or names of numbers."""

    @abstractmethod
    def encode(self, target: pl.Series, sequence: IntArray | None = None) -> AnyArray:
        """The target in the form that is learned (see `Form`); ``sequence`` (n,) where rows are steps of sequences."""

    def encoded(self, data: Dataset) -> AnyArray:
        """The target column of a dataset in the form that is learned; every row without a label if it has none."""
        target = data.column(Role.TARGET)
        return self.encode(pl.Series([None] * len(data)) if target is None else target, data.sequence())

    def observed(self, data: Dataset) -> tuple[str, ...]:
        """What the person should know of the target of some rows."""
        return ()

    def unknown(self, target: pl.Series) -> tuple[str, ...]:
        """Labels beside known ones in a row of a target, which the task leaves out."""
        return ()

    @abstractmethod
    def labelled(self, y: AnyArray) -> BoolArray:
        """Rows (n,) that have a label that is known."""

    @abstractmethod
    def decode(self, decided: AnyArray) -> pl.Series:
        """Decisions back to the user's own values and type."""

    @abstractmethod
    def strata(self, y: AnyArray) -> AnyArray | None:
        """(n,) int64 groups that each fold should hold in equal shares, or None."""

    def sequence(self, y: AnyArray) -> IntArray | None:
        """The number (n,) of the sequence that each row is a step of; None where each row is decided by itself."""
        return None

    def as_decided(self, y: AnyArray) -> AnyArray:
        """The truth in the form of decisions: (n,), for labels (n, k) with what is not known as absent."""
        if self.form is Form.LABELS:
            y = (y == 1).astype(np.int64)
        elif self.form is Form.TAGS:
            y = y[:, 0]
        return y

    def lone_rows(self, y: AnyArray) -> BoolArray:
        """Rows (n,) that cannot be both learned from and tested on: the only one of their class."""
        lone: BoolArray = np.zeros(len(y), np.bool_)
        return lone

    @abstractmethod
    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """Outputs (k,) of the model that never looks at a row: the majority baseline."""

    @abstractmethod
    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        """Outputs (n, k) to decisions (n,), for labels (n, k); ``sequence`` (n,) as of `sequence`."""

    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """The rule that is best for a metric on out-of-fold outputs; the plain rule where none is needed."""
        return Rule()

    @abstractmethod
    def calibration(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> tuple[float, ...]:
        """What makes outputs honest, found on out-of-fold outputs: for classes a temperature."""

    @abstractmethod
    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        """Outputs (n, k) after calibration; an empty one leaves them as they are."""

    def remarks(self, outputs: FloatArray) -> tuple[str, ...]:
        """What the person should know of out-of-fold outputs before calibration."""
        return ()

    @abstractmethod
    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        """How wrong the outputs of each row are (n,), to find those that are most wrong."""

    @abstractmethod
    def shown(self, outputs: FloatArray) -> Mapping[str, AnyArray]:
        """Outputs as named columns beside a prediction."""

    def details(self, y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> Mapping[str, Any]:
        """What an evaluation tells beside its metrics, as JSON values."""
        return {}

    @abstractmethod
    def census(self, y: AnyArray) -> Mapping[str, int]:
        """Rows of each class or label, by name; empty for numbers."""

    @abstractmethod
    def state(self) -> State:
        """The task as JSON values."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Task":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """

    def metric(self, name: str | None) -> Metric:
        """A metric by name, or the default one.

        Raises:
            PlanError: This task has no such metric.
        """
        chosen = name or self.default_metric
        if chosen not in self.metrics:
            raise PlanError(
                f"no metric {chosen!r} for a {self.name} task",
                expected=f"one of: {listed(self.metrics)}",
                fix=f"{did_you_mean(chosen, self.metrics)}change --metric",
            )
        return self.metrics[chosen]
