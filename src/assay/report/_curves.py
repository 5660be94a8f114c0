"""ROC and precision-recall curves: how well the probabilities rank rows, whatever the threshold."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from assay.core.arrays import IntArray
from assay.report import _words as words
from assay.report._charts import INK, MUTED, PALETTE, chart, coloured, share_axis, values
from assay.report._facts import Facts
from assay.report._numbers import Curve, mean_curve, precision_recall_curve, roc_curve, thinned
from assay.report._section import Chart, Section
from assay.tasks._metrics import binary_average_precision, binary_roc_auc

_MOST_CLASSES = 8
_MACRO = "mean of all"
_Make = Callable[..., Curve]
_Area = Callable[..., float]


def section(facts: Facts) -> Section:
    """Both curves side by side, and the areas under them."""
    charts = {
        "roc": _chart(facts, "roc", roc_curve, binary_roc_auc),
        "pr": _chart(facts, "pr", precision_recall_curve, binary_average_precision),
    }
    return Section("curves", "How well it ranks", "Curves", _said(facts), charts)


def _drawn(facts: Facts) -> IntArray:
    """The positive class of two, or the commonest classes that were tested."""
    if facts.is_binary:
        return np.array([1])
    order = np.argsort(-facts.support, kind="stable")
    return order[facts.support[order] > 0][:_MOST_CLASSES]


def _said(facts: Facts) -> tuple[str, ...]:
    scores = facts.evidence.scores
    auc, area = scores.get("roc_auc", float("nan")), scores.get("average_precision", float("nan"))
    if facts.is_binary:
        name, other = words.short(facts.labels[1]), words.short(facts.labels[0])
        share = facts.support[1] / facts.support.sum()
        return (
            f"Of a ‘{name}’ row and a ‘{other}’ row drawn at random, the model gives the ‘{name}’ one the higher "
            f"probability {words.percent(auc)} of the time (ROC AUC {words.score(auc)}).",
            f"The average precision is {words.score(area)}; ranking at random would give {words.score(float(share))}.",
        )
    most = "" if len(_drawn(facts)) == len(facts.labels) else f" The {len(_drawn(facts))} commonest classes are drawn."
    return (
        "Each class against all others: a row of the class gets a higher probability for it than a row of another "
        f"{words.percent(auc)} of the time, averaged over the classes (ROC AUC {words.score(auc)}).",
        f"The average precision, averaged likewise, is {words.score(area)}.{most}",
    )


def _chart(facts: Facts, key: str, make: _Make, area: _Area) -> Chart:
    drawn = [(facts.names[c], thinned(make(facts.y == c, facts.outputs[:, c], facts.weight))) for c in _drawn(facts)]
    areas = {facts.names[c]: area(facts.y == c, facts.outputs[:, c], facts.weight) for c in _drawn(facts)}
    if not facts.is_binary:
        tested = np.flatnonzero(facts.support > 0)
        every = [make(facts.y == c, facts.outputs[:, c], facts.weight) for c in tested]
        each = [area(facts.y == c, facts.outputs[:, c], facts.weight) for c in tested]
        drawn.append((_MACRO, mean_curve(every)))
        areas[_MACRO] = float(np.mean([value for value in each if np.isfinite(value)]))
    names = [f"{name} ({words.score(areas[name])})" for name, _ in drawn]
    legend = dict(zip(names, [*PALETTE[: len(names) - 1], INK] if not facts.is_binary else PALETTE, strict=False))
    points = [
        {"class": name, "x": x, "y": y, "step": step}
        for name, (_, curve) in zip(names, drawn, strict=True)
        for step, (x, y) in enumerate(zip(curve.x, curve.y, strict=True))
    ]
    return chart(key, _drawing(key, points, legend), _caption(key), height=320, legend=legend)


def _caption(key: str) -> str:
    if key == "roc":
        return "ROC curve: the share of the class found against the share of others flagged with it; area in brackets."
    return "Precision-recall curve: how many of the flagged are right against how many are found; area in brackets."


def _drawing(key: str, points: list[dict[str, Any]], legend: Mapping[str, str]) -> Any:
    import altair as alt

    titles = (
        ("others flagged (false positive rate)", "found (recall)")
        if key == "roc"
        else ("found (recall)", "right (precision)")
    )
    lines = (
        alt.Chart(values(points))
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=alt.X("x:Q", title=titles[0]).axis(**share_axis()).scale(domain=[0, 1]),
            y=alt.Y("y:Q", title=titles[1]).axis(**share_axis()).scale(domain=[0, 1]),
            order="step:Q",
            color=coloured("class", legend),
            tooltip=[
                "class:N",
                alt.Tooltip("x:Q", title=titles[0], format=".1%"),
                alt.Tooltip("y:Q", title=titles[1], format=".1%"),
            ],
        )
    )
    if key != "roc":
        return lines
    guess = alt.Chart(values([{"x": 0, "y": 0}, {"x": 1, "y": 1}])).mark_line(
        strokeDash=[4, 4], color=MUTED, strokeWidth=1
    )
    return alt.layer(guess.encode(x="x:Q", y="y:Q"), lines)
