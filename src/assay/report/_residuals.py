"""How far predicted numbers are from the truth: by size of the prediction, and how often intervals hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assay.report import _words as words
from assay.report._charts import ACCENT, MUTED, chart, values
from assay.report._facts import Facts
from assay.report._section import Chart, Section

_DOTS, _BINS = 800, 10
_NEAR = 0.02


@dataclass(frozen=True)
class Group:
    """Rows of like predictions: its bounds, mean error, mean absolute error, and share inside the interval."""

    low: float
    high: float
    rows: int
    error: float
    off: float
    inside: float | None


def section(facts: Facts) -> Section:
    """The truth against the prediction, and a table by size of the prediction."""
    groups = grouped(facts)
    shown = {
        "groups": [
            {
                "range": f"{words.compact(group.low)} to {words.compact(group.high)}",
                "error": words.compact(group.error),
                "off": words.compact(group.off),
                "inside": "" if group.inside is None else words.percent(group.inside),
                "rows": words.count(group.rows),
            }
            for group in groups
        ],
        "interval": "" if (share := _share(facts)) is None else words.percent(share),
    }
    charts = {"plot": _chart(facts)}
    return Section("residuals", "How far off is it?", "Errors", _said(facts, groups), charts, shown)


def grouped(facts: Facts) -> tuple[Group, ...]:
    """Tenths of the tested rows by their prediction, fewer where many predictions are alike."""
    prediction = facts.outputs[:, 0]
    edges = np.unique(np.quantile(prediction, np.linspace(0, 1, _BINS + 1)))
    places = np.searchsorted(edges[1:-1], prediction, side="right")
    return tuple(_group(facts, places == number) for number in np.unique(places))


def _group(facts: Facts, there: np.ndarray) -> Group:
    prediction, y, weight = facts.outputs[there, 0], facts.y[there], facts.weight[there]
    inside = None
    if _share(facts) is not None:
        held = (facts.outputs[there, 1] <= y) & (y <= facts.outputs[there, 2])
        inside = float(np.average(held, weights=weight))
    return Group(
        low=float(prediction.min()),
        high=float(prediction.max()),
        rows=int(there.sum()),
        error=float(np.average(prediction - y, weights=weight)),
        off=float(np.average(np.abs(prediction - y), weights=weight)),
        inside=inside,
    )


def _share(facts: Facts) -> float | None:
    """The share that intervals are to hold; None where there are none."""
    return facts.plan.interval


def _said(facts: Facts, groups: Sequence[Group]) -> tuple[str, ...]:
    worst = max(groups, key=lambda group: group.off)
    mean = float(np.average(facts.outputs[:, 0] - facts.y, weights=facts.weight))
    side = "too high" if mean > 0 else "too low"
    said = [
        f"Predictions are {side} by {words.compact(abs(mean))} on average.",
        f"They are furthest off between {words.compact(worst.low)} and {words.compact(worst.high)}, by "
        f"{words.compact(worst.off)} on average ({words.rows(worst.rows)}).",
    ]
    wanted = _share(facts)
    if wanted is not None:
        found = facts.score_of(facts.task.metric("interval_coverage"), facts.outputs, facts.decided)
        kept = "as promised" if abs(found - wanted) < _NEAR else f"not the {words.percent(wanted)} that was asked for"
        narrowest = min(groups, key=lambda group: group.inside or 0.0)
        said.append(
            f"The intervals hold {words.percent(found)} of the truths, {kept}; fewest, "
            f"{words.percent(narrowest.inside or 0.0)}, between {words.compact(narrowest.low)} and "
            f"{words.compact(narrowest.high)}."
        )
    return tuple(said)


def _chart(facts: Facts) -> Chart:
    import altair as alt

    data, target = _dots(facts), words.short(facts.plan.wishes.target)
    ends = [float(value) for value in (min(facts.y.min(), facts.outputs[:, 0].min()), max(facts.y.max(), 0.0))]
    ideal = (
        alt.Chart(values([{"prediction": end, "truth": end} for end in ends]))
        .mark_line(strokeDash=[4, 4], color=MUTED, strokeWidth=1)
        .encode(x="prediction:Q", y="truth:Q")
    )
    base = alt.Chart(values(data)).encode(
        x=alt.X("prediction:Q", title="prediction").axis(grid=False).scale(zero=False),
        tooltip=[alt.Tooltip("prediction:Q", format=",.4~g"), alt.Tooltip("truth:Q", format=",.4~g")],
    )
    height = alt.Y("truth:Q", title=target).scale(zero=False)
    dots = base.mark_circle(color=ACCENT, size=24, opacity=0.45).encode(y=height)
    spans = base.mark_rule(color=MUTED, strokeWidth=1, opacity=0.25).encode(y=alt.Y("low:Q", title=target), y2="high:Q")
    layers = [ideal, dots] if _share(facts) is None else [spans, ideal, dots]
    some = f"{words.count(len(data))} of the tested rows" if len(data) < len(facts.y) else "The tested rows"
    bars = "" if _share(facts) is None else "; the upright lines are their intervals"
    caption = f"{some}: the truth against the prediction{bars}. On the dashed line the two are equal."
    return chart("predicted", alt.layer(*layers), caption, height=360)


def _dots(facts: Facts) -> list[Mapping[str, float]]:
    """Rows evenly from first to last, so that the page stays small."""
    rows = np.arange(len(facts.y)) if len(facts.y) <= _DOTS else np.arange(_DOTS) * len(facts.y) // _DOTS
    keys = ("prediction", "low", "high")[: facts.outputs.shape[1]]
    return [
        {"truth": float(facts.y[row]), **dict(zip(keys, map(float, facts.outputs[row]), strict=True))} for row in rows
    ]
