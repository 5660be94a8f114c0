"""A bake-off: the models of several runs side by side, on the same rows and folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.errors import PlanError, listed
from assay.fitting.evidence import Trial
from assay.fitting.interval import drawn_scores, quantiles
from assay.fitting.run import RunFolder
from assay.tasks._base import Metric

TOGETHER = "all together"


@dataclass(frozen=True)
class Contender:
    """A model of a run, scored out of fold.

    Attributes:
        run: Name of the run's folder.
        name, family: Of the candidate; `TOGETHER` and an empty text for the run's ensemble.
        score, interval: The metric, and its 95% bootstrap interval.
        behind: 95% interval of how much worse it is than the best, by a paired bootstrap; None for the best itself.
        seconds: Of the fit on all folds; of the whole run for an ensemble.
        parameters: Floating numbers in the model of one fold.
        size: Bytes of the models of all folds.
    """

    run: str
    name: str
    family: str
    score: float
    interval: tuple[float, float]
    behind: tuple[float, float] | None
    seconds: float
    parameters: int
    size: int

    @property
    def is_tied(self) -> bool:
        """Whether it may be as good as the best one, which is tied with itself."""
        return self.behind is None or self.behind[0] <= 0


@dataclass(frozen=True)
class Bakeoff:
    """Contenders by score, the best first, and what they were scored by."""

    metric: str
    rows: int
    folds: int
    contenders: tuple[Contender, ...]


def bake_off(runs: Sequence[RunFolder]) -> Bakeoff:
    """Score every fitted candidate and every ensemble of some runs on the rows that all of them were tested on.

    Raises:
        PlanError: The runs differ in data, folds or metric, so that their scores cannot be set side by side.
    """
    first, *others = runs
    for other in others:
        _check_alike(first, other)
    metric = first.model.task.metric(first.plan.metric)
    names = _names(runs)
    scored = [entry for name, run in zip(names, runs, strict=True) for entry in _entries(run, name, metric)]
    scored.sort(key=lambda entry: metric.loss(entry[0].score))
    best = scored[0][1]
    contenders = [scored[0][0]]
    for contender, drawn in scored[1:]:
        losses = np.array([metric.loss(one) - metric.loss(two) for one, two in zip(drawn, best, strict=True)])
        contenders.append(_with(contender, behind=quantiles(losses)))
    evidence = first.evidence
    return Bakeoff(metric.name, int((evidence.fold >= 0).sum()), int(evidence.fold.max()) + 1, tuple(contenders))


def _entries(run: RunFolder, name: str, metric: Metric) -> list[tuple[Contender, FloatArray]]:
    evidence = run.evidence
    rows = np.flatnonzero(evidence.fold >= 0)
    y, weight, task = evidence.y[rows], evidence.weight[rows], run.model.task
    sequence = task.sequence(y)

    def scored(outputs: FloatArray, decided: Any, told: dict[str, Any]) -> tuple[Contender, FloatArray]:
        drawn = drawn_scores(metric, y, outputs, decided, weight, seed=run.plan.seed, sequence=sequence)
        score = metric.score(y, outputs, decided, weight)
        return Contender(run=name, score=score, interval=quantiles(drawn), behind=None, **told), drawn

    found = []
    for trial in evidence.trials:
        if trial.out_of_fold is not None:
            outputs = trial.out_of_fold[rows].astype(np.float64)
            decided = task.decide(outputs, task.tune_rule(y, outputs, weight, metric), sequence)
            found.append(scored(outputs, decided, _told(trial)))
    together = {"name": TOGETHER, "family": "", "seconds": evidence.seconds, "parameters": 0}
    together["size"] = sum(trial.size for trial in evidence.trials if trial.weight > 0)
    together["parameters"] = sum(trial.parameters for trial in evidence.trials if trial.weight > 0)
    return [*found, scored(evidence.outputs[rows].astype(np.float64), evidence.decided[rows], together)]


def _told(trial: Trial) -> dict[str, Any]:
    return {key: getattr(trial, key) for key in ("name", "family", "seconds", "parameters", "size")}


def _with(contender: Contender, **changed: Any) -> Contender:
    return Contender(**{**vars(contender), **changed})


def _names(runs: Sequence[RunFolder]) -> list[str]:
    """Names of the folders; whole paths where two folders have one name."""
    names = [run.path.resolve().name for run in runs]
    return names if len(set(names)) == len(names) else [str(run.path) for run in runs]


def _check_alike(one: RunFolder, two: RunFolder) -> None:
    mine, other = one.evidence, two.evidence
    differ = {
        "data": one.about["fingerprint"] != two.about["fingerprint"] or one.about["target"] != two.about["target"],
        "classes": one.model.task.labels != two.model.task.labels,
        "metric": one.plan.metric != two.plan.metric,
        "folds": mine.fold.shape != other.fold.shape or not np.array_equal(mine.fold, other.fold),
    }
    wrong = [what for what, differs in differ.items() if differs]
    if wrong:
        raise PlanError(
            f"other {listed(wrong)} in {two.path} than in {one.path}",
            expected="runs on the same rows, target, folds and metric",
            fix="fit them from the same data with the same --folds, --seed and --metric",
        )
