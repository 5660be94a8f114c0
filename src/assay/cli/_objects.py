"""What `--json` prints, as plain values."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from assay.api._run import Evaluation, Run
from assay.cli import _networks as networks
from assay.fitting.evidence import Trial
from assay.report._facts import MAJORITY, Facts, gather
from assay.tasks._base import Form

if TYPE_CHECKING:
    from assay.fitting.comparison import Comparison
    from assay.training.compare import Curve

Object = Mapping[str, Any]


def fit_object(run: Run) -> Object:
    """What a fit gave: the score with its interval and baselines, members by weight, and every candidate."""
    facts = gather(run)
    evidence = facts.evidence
    return {
        "run": str(run.path),
        "task": facts.task.name,
        "metric": facts.metric.name,
        "score": evidence.score,
        "interval": list(evidence.interval),
        "seconds": evidence.seconds,
        "members": [_member(trial) for trial in _members(facts)],
        "scores": dict(evidence.scores),
        "majority": _majority(facts),
        "rows": facts.about["rows"],
        "classes": facts.about["classes"],
        "candidates": [{**_member(trial), "status": trial.status} for trial in evidence.trials],
        "notices": facts.about["notices"],
    }


def evaluation_object(run: Run, found: Evaluation) -> Object:
    """What a model is worth on other rows."""
    return {
        "run": str(run.path),
        "rows": found.rows,
        "metric": found.metric,
        "metrics": dict(found.metrics),
        "interval": list(found.interval),
        "classes": list(found.classes),
        **found.details,
        "notices": list(found.notices),
    }


def prediction_object(table: pl.DataFrame, run: Run, out: Path | None, notices: tuple[str, ...]) -> Object:
    """How many rows were given which class, and the predictions themselves unless they are in a file."""
    task = run.model.task
    named = task.shown(np.zeros((0, len(task.labels))))
    added = table[:, -1 - len(named) :]
    told: dict[str, Any] = {"run": str(run.path), "rows": table.height, "notices": list(notices)}
    if task.form is not Form.NUMBERS:
        told["classes"] = _counted(added.to_series(0))
    if out is not None:
        return {**told, "out": str(out)}
    of_labels = len(named) == len(task.labels) and task.form is not Form.NUMBERS
    rows = []
    for decided, *outputs in added.iter_rows():
        beside = dict(zip(task.labels if of_labels else named, outputs, strict=True))
        rows.append({"prediction": decided, **({"probabilities": beside} if of_labels else beside)})
    return {**told, "out": None, "predictions": rows}


def inspection_object(run: Run) -> Object:
    """Everything that a run knows of itself."""
    facts, plan = gather(run), run.plan
    best = best_single(facts)
    return {
        **fit_object(run),
        "asked": {
            "source": run.about["source"],
            "target": plan.wishes.target,
            "time": plan.seconds,
            "folds": plan.folds,
            "scheme": plan.scheme,
            "seed": plan.seed,
            "threads": plan.threads,
            "positive": facts.labels[-1] if facts.is_binary else None,
        },
        "families": {"tried": dict(plan.chosen), "not_tried": dict(plan.left_out)},
        "labelled": run.about["labelled"],
        "columns": run.about["columns"],
        "best_single": None if best is None else _member(best),
        "thresholds": list(facts.rule.thresholds),
        "calibration": list(run.model.calibration),
        "bytes": sizes(run.path),
        "networks": [networks.object_of(trial) for trial in facts.evidence.trials if trial.training],
    }


def comparison_object(found: "Comparison", page: Path | None) -> Object:
    """What came of a comparison of optimizers, best first."""
    return {
        "data": found.source,
        "target": found.target,
        "rows": found.rows,
        "valid_rows": found.valid_rows,
        "net": found.net,
        "curves": [_curve(curve) for curve in found.curves],
        "out": None if page is None else str(page),
        "notices": list(found.notices),
    }


def best_single(facts: Facts) -> Trial | None:
    """The fitted candidate with the best score, baselines aside."""
    there = [trial for trial in facts.evidence.trials if trial.score is not None and trial.family != MAJORITY]
    return min(there, key=lambda trial: facts.metric.loss(trial.score or 0.0), default=None)


def majority_share(facts: Facts) -> float:
    """The accuracy of always saying the commonest class."""
    return float(facts.support.max() / facts.support.sum())


def sizes(folder: Path) -> dict[str, int]:
    """Bytes on disk of each part of a run, and of all."""
    parts = {part.name: _bytes(part) for part in sorted(folder.iterdir())}
    return {**parts, "total": sum(parts.values())}


def _curve(curve: "Curve") -> dict[str, Any]:
    best = curve.best
    return {
        "optimizer": curve.optimizer,
        "rate": curve.rate,
        "steps": [look.step for look in curve.looks],
        "seconds": [look.seconds for look in curve.looks],
        "train_loss": [look.train_loss for look in curve.looks],
        "valid_loss": [look.valid_loss for look in curve.looks],
        "best": None if best is None else {"step": best.step, "seconds": best.seconds, "valid_loss": best.valid_loss},
        "reason": curve.reason or None,
        "events": list(curve.events),
    }


def _bytes(part: Path) -> int:
    files = part.rglob("*") if part.is_dir() else (part,)
    return sum(file.stat().st_size for file in files if file.is_file())


def _counted(decided: pl.Series) -> dict[str, int]:
    """Rows that were given each class, the commonest first; a row of several labels counts for each."""
    each = decided.explode() if decided.dtype == pl.List else decided
    return dict(each.drop_nulls().cast(pl.String).value_counts(sort=True).iter_rows())


def _members(facts: Facts) -> list[Trial]:
    return sorted((trial for trial in facts.evidence.trials if trial.weight > 0), key=lambda trial: -trial.weight)


def _member(trial: Trial) -> dict[str, Any]:
    return {
        "name": trial.name,
        "family": trial.family,
        "weight": trial.weight,
        "score": trial.score,
        "seconds": trial.seconds,
    }


def _majority(facts: Facts) -> dict[str, Any]:
    told: dict[str, Any] = {"score": majority_score(facts)}
    if facts.task.form is Form.CLASSES:
        told |= {"class": facts.labels[facts.majority], "accuracy": majority_share(facts)}
    return told


def majority_score(facts: Facts) -> float:
    """The metric of the majority baseline, decided as the model's own rows are."""
    outputs = facts.majority_outputs()
    return facts.score_of(facts.metric, outputs, facts.crossfitted(outputs))
