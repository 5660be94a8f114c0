"""The contract of a task: what is decided, how good a decision is, and how scores become decisions.

A task owns everything that depends on the form of the target, so that fitting, reports and commands need not know
which task they serve. `outputs` is what a model gives for n rows: for classes an (n, classes) array of
probabilities; a later task may use another last axis (labels, quantiles).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray
from assay.core.errors import PlanError, did_you_mean, listed
from assay.core.state import State


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
    """A decision rule: the ``threshold`` (0 to 1) of a binary task's positive class; None for the most probable."""

    threshold: float | None = None


class Task(ABC):
    """What is decided. Instances are immutable and know their labels."""

    name: ClassVar[str]
    metrics: ClassVar[Mapping[str, Metric]]
    default_metric: ClassVar[str]

    @classmethod
    @abstractmethod
    def suits(cls, target: pl.Series) -> bool:
        """Whether this is what a person would mean by this target; the tasks are asked in a fixed order."""

    @classmethod
    @abstractmethod
    def from_target(cls, target: pl.Series, *, positive: str | None = None) -> "Task":
        """The task for a target column (nulls are rows without a label).

        Raises:
            DataError: One class only, a class with one row, too many classes, ...
            PlanError: ``positive`` is not one of the classes.
        """

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """Labels in the order of the outputs' last axis."""

    @abstractmethod
    def encode(self, target: pl.Series) -> AnyArray:
        """Labels to the form that is learned: (n,) int64 class numbers, -1 where missing or not a known label."""

    @abstractmethod
    def decode(self, decided: AnyArray) -> pl.Series:
        """Decisions back to the user's own values and type."""

    @abstractmethod
    def strata(self, y: AnyArray) -> AnyArray | None:
        """(n,) int64 groups that each fold should hold in equal shares, or None."""

    @abstractmethod
    def lone_rows(self, y: AnyArray) -> BoolArray:
        """Rows (n,) that cannot be both learned from and tested on: the only one of their class."""

    @abstractmethod
    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        """Outputs (k,) of the model that never looks at a row: the majority baseline."""

    @abstractmethod
    def decide(self, outputs: FloatArray, rule: Rule) -> AnyArray:
        """Outputs (n, k) to decisions (n,)."""

    @abstractmethod
    def tune_rule(self, y: AnyArray, outputs: FloatArray, weight: FloatArray, metric: Metric) -> Rule:
        """The rule that is best for a metric on out-of-fold outputs; the plain rule where none is needed."""

    @abstractmethod
    def temperature(self, y: AnyArray, outputs: FloatArray, weight: FloatArray) -> float:
        """The temperature that gives the lowest log loss; 1.0 leaves the outputs as they are."""

    @abstractmethod
    def calibrated(self, outputs: FloatArray, temperature: float) -> FloatArray:
        """Outputs at a temperature."""

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

    @classmethod
    def metric(cls, name: str | None) -> Metric:
        """A metric by name, or the default one.

        Raises:
            PlanError: This task has no such metric.
        """
        chosen = name or cls.default_metric
        if chosen not in cls.metrics:
            raise PlanError(
                f"no metric {chosen!r} for a {cls.name} task",
                expected=f"one of: {listed(cls.metrics)}",
                fix=f"{did_you_mean(chosen, cls.metrics)}change --metric",
            )
        return cls.metrics[chosen]
