"""The confusion matrix: what is taken for what."""

from collections.abc import Mapping
from typing import Any

from assay.core.arrays import FloatArray, IntArray
from assay.report import _words as words
from assay.report._charts import ACCENT, INK, ON_ACCENT, chart, values
from assay.report._facts import Facts
from assay.report._numbers import confused_pairs, most_confused
from assay.report._section import Chart, Section

_MOST_CLASSES = 20
_MOST_WITH_NUMBERS = 8
_SHORT = 3


def section(facts: Facts) -> Section:
    """A heat map, the commonest mistakes, and what they amount to."""
    classes = most_confused(facts.counts, _MOST_CLASSES)
    shown = {
        "pairs": [_pair(facts, *entry) for entry in confused_pairs(facts.counts)],
        "cut": len(facts.labels) > len(classes),
        "n_shown": len(classes),
        "n_classes": len(facts.labels),
    }
    return Section(
        "confusion", "What is taken for what", "Confusion", _said(facts), {"matrix": _chart(facts, classes)}, shown
    )


def _said(facts: Facts) -> tuple[str, ...]:
    counts = facts.counts
    total, right = float(counts.sum()), float(counts.trace())
    said = (
        f"{words.count(total - right)} of {words.rows(total)} are decided wrong ({words.percent(1 - right / total)})."
    )
    pairs = confused_pairs(counts, 1)
    if not pairs:
        return ("Not one of the tested rows is decided wrong.",)
    true, decided, number, share = pairs[0]
    name, other = words.short(facts.labels[true]), words.short(facts.labels[decided])
    return (
        said,
        f"The commonest mistake: {words.count(number)} of the ‘{name}’ rows ({words.percent(share)} of them) "
        f"are taken for ‘{other}’.",
    )


def _pair(facts: Facts, true: int, decided: int, number: float, share: float) -> Mapping[str, Any]:
    return {
        "true": facts.labels[true],
        "decided": facts.labels[decided],
        "count": words.count(number),
        "share": words.percent(share),
    }


def _cells(facts: Facts, classes: IntArray) -> list[dict[str, Any]]:
    counts: FloatArray = facts.counts
    whole = counts.sum(axis=1)
    return [
        {
            "true": facts.names[true],
            "decided": facts.names[decided],
            "rows": counts[true, decided],
            "share": counts[true, decided] / whole[true] if whole[true] else 0.0,
            "count": words.count(counts[true, decided]),
            "percent": words.percent(counts[true, decided] / whole[true]) if whole[true] else words.DASH,
        }
        for true in classes
        for decided in classes
    ]


def _chart(facts: Facts, classes: IntArray) -> Chart:
    import altair as alt

    few = len(classes) <= _MOST_WITH_NUMBERS
    named = few or max(map(len, facts.names)) <= _SHORT
    axis: dict[str, Any] = {"ticks": False, "domain": False, "labelLimit": 110 if few else 160, "labelPadding": 6}
    base = alt.Chart(values(_cells(facts, classes))).encode(
        x=alt.X("decided:N", sort=None, title="decided").axis(
            **axis, orient="top", labels=named, labelAngle=0 if len(classes) <= 3 else -50
        ),
        y=alt.Y("true:N", sort=None, title="truth").axis(**axis),
        tooltip=[
            alt.Tooltip("true:N", title="truth"),
            alt.Tooltip("decided:N", title="decided"),
            alt.Tooltip("count:N", title="rows"),
            alt.Tooltip("percent:N", title="of the truth"),
        ],
    )
    opacity = alt.Opacity("share:Q").scale(domain=[0, 1], range=[0.05, 1]).legend(None)
    layers = [
        base.mark_rect(color=ACCENT, cornerRadius=3, stroke="var(--surface)", strokeWidth=2).encode(opacity=opacity)
    ]
    if few:
        colour = alt.condition("datum.share > 0.55", alt.value(ON_ACCENT), alt.value(INK))
        layers += [
            base.mark_text(dy=-7, fontWeight="bold", fontSize=13).encode(text="count:N", color=colour),
            base.mark_text(dy=9, fontSize=11).encode(text="percent:N", color=colour),
        ]
    order = "" if named else ", in the same order"
    caption = (
        f"Rows are the truth, columns the decision{order}; the stronger the colour, the larger the share of the row."
    )
    return chart("matrix", alt.layer(*layers), caption, height=len(classes) * (54 if few else 24) + 10)
