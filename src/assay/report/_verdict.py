"""The head of the page: what was asked, and what came of it, against what takes no effort."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from assay.core.arrays import FloatArray
from assay.fitting.interval import bootstrap_interval
from assay.report import _words as words
from assay.report._facts import MAJORITY, SIMPLE, Facts
from assay.report._section import Section
from assay.tasks._base import Form, Metric

_NOUN = {Form.CLASSES: "class", Form.LABELS: "label", Form.TAGS: "tag"}


@dataclass(frozen=True)
class _Large:
    """The number that is shown large: a metric, the words around it, and how its value is said."""

    metric: str
    before: str
    after: str
    said: Callable[[float], str]


_LARGE = {
    Form.CLASSES: _Large("accuracy", "Right", "of the time", words.percent),
    Form.LABELS: _Large("micro_f1", "Micro F1", "over all labels", words.score),
    Form.NUMBERS: _Large("rmse", "Off by", "(root of the mean squared error)", words.compact),
    Form.TAGS: _Large("token_accuracy", "Right", "of the steps", words.percent),
}


def section(facts: Facts) -> Section:
    """The verdict, the measures against the baselines, and what was asked."""
    large = _LARGE[facts.task.form]
    shown = {
        "source": "/".join(PurePath(str(facts.about.get("source", ""))).parts[-2:]),
        "baseline": facts.baseline,
        "target": facts.plan.wishes.target,
        "before": large.before,
        "large": large.said(_large_score(facts)),
        "after": large.after,
        "large_interval": _large_interval(facts),
        "against": _against(facts) if facts.task.form is Form.CLASSES else _simply_against(facts),
        "measures": _measures(facts),
        "rival": facts.simple.capitalize() if facts.best_trial(SIMPLE) else "",
        "asked": _asked(facts),
    }
    return Section("verdict", "The verdict", "Verdict", (_judgement(facts), _basis(facts)), shown=shown)


def _large_metric(facts: Facts) -> Metric:
    return facts.task.metric(_LARGE[facts.task.form].metric)


def _large_score(facts: Facts) -> float:
    return facts.score_of(_large_metric(facts), facts.outputs, facts.decided)


def _large_interval(facts: Facts) -> str:
    metric, said = _large_metric(facts), _LARGE[facts.task.form].said
    if metric.name == facts.metric.name:
        low, high = facts.evidence.interval
    else:
        given, sequence = (facts.y, facts.outputs, facts.decided, facts.weight), facts.task.sequence(facts.y)
        low, high = bootstrap_interval(metric, *given, seed=facts.plan.seed, sequence=sequence)
    return f"{said(low)} to {said(high)}"


def _simply_against(facts: Facts) -> str:
    """What the majority baseline gives."""
    outputs = facts.majority_outputs()
    given = facts.score_of(_large_metric(facts), outputs, facts.crossfitted(outputs))
    title = words.metric_title(_large_metric(facts).name)
    return f"The baseline ({facts.baseline}) has the {title} {_LARGE[facts.task.form].said(given)}."


def _against(facts: Facts) -> str:
    """How often the lazy ways are right."""
    always = facts.support[facts.majority] / facts.support.sum()
    sentence = f"Always saying ‘{words.short(facts.labels[facts.majority])}’ would be right {words.percent(always)}"
    rival = facts.best_trial(SIMPLE)
    if rival is None:
        return sentence + " of the time."
    outputs = facts.trial_outputs(rival)
    simple = facts.score_of(facts.task.metric("accuracy"), outputs, facts.crossfitted(outputs))
    return f"{sentence} of the time, {facts.simple} on its own {words.percent(simple)}."


def _judgement(facts: Facts) -> str:
    """Whether the model has earned its place, by the metric that was asked for and its interval."""
    title, metric = words.metric_title(facts.metric.name), facts.metric
    always = _majority_loss(facts)
    worst = max(map(metric.loss, facts.evidence.interval))
    stands = f"Its {title} is {words.score(facts.evidence.score)} (95% interval {_interval(facts)})"
    if not worst < always:
        return f"{stands}: not shown to be better than the majority baseline."
    rival = facts.best_trial(SIMPLE)
    if rival is None:
        return f"{stands}: better than the majority baseline beyond the luck of the rows."
    outputs = facts.trial_outputs(rival)
    theirs = facts.score_of(metric, outputs, facts.crossfitted(outputs))
    cut = ", cut short by the clock" if facts.was_cut_short(rival) else ""
    simple = f"{facts.simple} alone ({words.score(theirs)}{cut})"
    if worst < metric.loss(theirs):
        return f"{stands}: better than the majority baseline and than {simple}, beyond the luck of the rows."
    if metric.loss(facts.evidence.score) < metric.loss(theirs):
        return f"{stands}: clearly better than the majority baseline, slightly better than {simple}."
    return (
        f"{stands}: clearly better than the majority baseline, but no better than {simple}, which may be all you need."
    )


def _majority_loss(facts: Facts) -> float:
    """The lower of what the commonest class alone gives and what the baseline gives at its best threshold."""
    outputs = facts.majority_outputs()
    decisions = (facts.plainly(outputs), facts.crossfitted(outputs))
    return min(facts.metric.loss(facts.score_of(facts.metric, outputs, decided)) for decided in decisions)


def _interval(facts: Facts) -> str:
    low, high = facts.evidence.interval
    return f"{words.score(low)} to {words.score(high)}"


def _basis(facts: Facts) -> str:
    scored = (
        f"Every score, table and picture on this page is about {words.rows(len(facts.y))} that the model being scored "
        "had not learned from (out of fold), and weights, calibration and thresholds were chosen on other folds than "
        "the one they are scored on (cross-fitted)."
    )
    return scored + (" Rows count by their weight." if facts.is_weighted else "")


def _measures(facts: Facts) -> list[Mapping[str, Any]]:
    """Every metric of the task, the one asked for first: the ensemble, logistic regression, the majority baseline."""
    rival = facts.best_trial(SIMPLE)
    simple = facts.trial_outputs(rival) if rival else None
    names = sorted(facts.task.metrics, key=lambda name: name != facts.metric.name)
    return [_measure(facts, name, simple) for name in names]


def _measure(facts: Facts, name: str, simple: FloatArray | None) -> Mapping[str, Any]:
    metric, (title, meaning) = facts.task.metrics[name], words.METRICS.get(name, (name, ""))
    asked, majority = name == facts.metric.name, facts.majority_outputs()
    return {
        "title": title,
        "meaning": meaning,
        "asked": asked,
        "ours": words.score(facts.evidence.scores.get(name)),
        "interval": _interval(facts) if asked else "",
        "simple": "" if simple is None else words.score(facts.score_of(metric, simple, facts.crossfitted(simple))),
        "majority": words.score(facts.score_of(metric, majority, facts.plainly(majority))),
    }


def _asked(facts: Facts) -> list[tuple[str, str]]:
    plan, about = facts.plan, facts.about
    budget = words.seconds(plan.seconds) if plan.seconds else "no limit"
    positive = [("Positive class", facts.labels[1])] if facts.is_binary else []
    kinds = "" if facts.task.form is Form.NUMBERS else f", {words.plural(len(facts.labels), _NOUN[facts.task.form])}"
    tried = [trial for trial in facts.evidence.trials if trial.family != MAJORITY]
    return [
        ("Source", str(about.get("source", ""))),
        ("Target", plan.wishes.target),
        ("Task", f"{plan.task}{kinds}"),
        *positive,
        ("Metric", words.metric_title(plan.metric)),
        ("Time", f"{words.seconds(facts.evidence.seconds)} used, budget {budget}"),
        ("Tested on", f"{words.rows(len(facts.y))}, {plan.scheme}, {words.plural(plan.folds, 'fold')}"),
        ("Tried", words.plural(len(tried), "candidate")),
        ("Seed", str(plan.seed)),
    ]
