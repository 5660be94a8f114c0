"""What every section reads: the run's parts, cut to the rows that were tested out of fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.state import damaged
from assay.fitting.evidence import Evidence, Trial
from assay.fitting.model import Model
from assay.fitting.plan import Plan
from assay.fitting.run import RunFolder
from assay.report import _words as words
from assay.tasks._base import Form, Metric, Rule, Task
from assay.tasks._metrics import confusion

MAJORITY, SIMPLE = "prior", "linear"


@dataclass(frozen=True)
class Facts:
    """A run as the report sees it.

    Attributes:
        plan, about, evidence, model, task, rule, metric: As in the run.
        tested: (n,) bool, which rows of the data stand in a fold and were tested.
        y, outputs, decided, weight, fold: Of the m tested rows: encoded target, cross-fitted outputs (m, k), decisions,
            weights, numbers of folds.
    """

    plan: Plan
    about: Mapping[str, Any]
    evidence: Evidence
    model: Model
    task: Task
    rule: Rule
    metric: Metric
    tested: AnyArray
    y: AnyArray
    outputs: FloatArray
    decided: AnyArray
    weight: FloatArray
    fold: AnyArray

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands in the columns of the outputs: classes, labels, tags."""
        return self.task.labels

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The classes, cut to fit charts, still different from each other."""
        cut = [words.both_ends(label) for label in self.labels]
        return tuple(name if cut.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(cut))

    @property
    def is_binary(self) -> bool:
        """Whether there are two classes, the second being the positive one."""
        return self.task.form is Form.CLASSES and len(self.labels) == 2

    @property
    def is_weighted(self) -> bool:
        """Whether rows count differently."""
        return bool((self.weight != 1.0).any())

    @cached_property
    def truth(self) -> AnyArray:
        """The truth of the tested rows in the form of decisions."""
        return self.task.as_decided(self.y)

    @cached_property
    def counts(self) -> FloatArray:
        """Weighted confusion counts (k, k) of classes or tags, row the true one."""
        return confusion(self.truth, self.decided, self.weight, len(self.labels))

    @cached_property
    def support(self) -> FloatArray:
        """Weight of each class (k,)."""
        support: FloatArray = self.counts.sum(axis=1)
        return support

    @property
    def majority(self) -> int:
        """The commonest class."""
        return int(self.support.argmax())

    @property
    def simple(self) -> str:
        """What the family `SIMPLE` is for such a task, in words."""
        return "a linear model" if self.task.form is Form.NUMBERS else "logistic regression"

    @property
    def baseline(self) -> str:
        """What the majority baseline does, in a few words."""
        if self.task.form is Form.LABELS:
            return "by the share of each label"
        if self.task.form is Form.NUMBERS:
            return f"always {words.compact(float(self.majority_outputs()[0, 0]))}"
        return f"always ‘{words.short(self.labels[self.majority])}’"

    def score_of(self, metric: Metric, outputs: FloatArray, decided: AnyArray) -> float:
        """A metric on the tested rows."""
        return metric.score(self.y, outputs, decided, self.weight)

    def plainly(self, outputs: FloatArray) -> AnyArray:
        """Decisions (m,) by the plain rule."""
        return self.task.decide(outputs, Rule(), self.task.sequence(self.y))

    def crossfitted(self, outputs: FloatArray) -> AnyArray:
        """Decisions (m,) by a rule that was tuned on the other folds, as the model's own are: for a fair comparison."""
        decided = self.plainly(outputs)
        if not self.metric.tunes_rule:
            return decided
        for number in np.unique(self.fold):
            here, others = self.fold == number, self.fold != number
            rule = self.task.tune_rule(self.y[others], outputs[others], self.weight[others], self.metric)
            decided[here] = self.task.decide(outputs[here], rule, self.task.sequence(self.y[here]))
        return decided

    def trial_outputs(self, trial: Trial) -> FloatArray:
        """A fitted trial's out-of-fold outputs (m, k) on the tested rows."""
        if trial.out_of_fold is None:
            raise ValueError(f"{trial.name} was not fitted")
        return trial.out_of_fold[self.tested].astype(np.float64)

    def best_trial(self, family: str) -> Trial | None:
        """The fitted trial of a family with the best score."""
        there = [trial for trial in self.evidence.trials if trial.family == family and trial.score is not None]
        return min(there, key=lambda trial: self.metric.loss(trial.score or 0.0), default=None)

    def was_cut_short(self, trial: Trial) -> bool:
        """Whether the clock ended one of its fits."""
        return any(entry.get("stopped") == "clock" for entry in trial.notes)

    def majority_outputs(self) -> FloatArray:
        """Outputs (m, k) of the majority baseline: its trial's, or the class frequencies if it was not tried."""
        trial = self.best_trial(MAJORITY)
        if trial is not None:
            return self.trial_outputs(trial)
        return np.tile(self.task.prior(self.y, self.weight), (len(self.y), 1))


def gather(run: RunFolder) -> Facts:
    """The facts of a finished run.

    Raises:
        RunError: A part of the run is missing or damaged.
    """
    plan, evidence, model = run.plan, run.evidence, run.model
    tested = evidence.fold >= 0
    whole = (len(evidence.y), len(model.task.labels))
    if evidence.outputs.shape != whole or {len(evidence.decided), len(evidence.weight), len(tested)} != {whole[0]}:
        raise damaged(run.path, "evidence and model do not fit each other")
    return Facts(
        plan=plan,
        about=run.about,
        evidence=evidence,
        model=model,
        task=model.task,
        rule=model.rule,
        metric=model.task.metric(plan.metric),
        tested=tested,
        y=evidence.y[tested],
        outputs=evidence.outputs[tested].astype(np.float64),
        decided=evidence.decided[tested],
        weight=evidence.weight[tested].astype(np.float64),
        fold=evidence.fold[tested],
    )
