"""The data at a glance: rows, classes, columns with their kinds, gaps and values."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.report import _words as words
from assay.report._charts import ACCENT, chart, values
from assay.report._facts import Facts
from assay.report._section import Chart, Section
from assay.tasks._base import Form

_MOST_BARS = 20
_NOUN = {Form.CLASSES: "class", Form.LABELS: "label", Form.TAGS: "tag"}
_MOST_COLUMNS = 500


def section(facts: Facts) -> Section:
    """Rows, class counts, columns, what was left out and why."""
    columns = facts.about.get("columns", [])
    shown = {
        "figures": _figures(facts),
        "columns": [_column(column, _rows(facts)) for column in columns[:_MOST_COLUMNS]],
        "more": max(0, len(columns) - _MOST_COLUMNS),
        "notices": [str(notice) for notice in (*facts.about.get("notices", ()), *facts.evidence.notices)],
    }
    numbers = facts.task.form is Form.NUMBERS
    target = _numbers_said(facts) if numbers else _classes_said(facts)
    drawn = _numbers_chart(facts) if numbers else _classes_chart(facts)
    return Section("data", "The data at a glance", "Data", (target, _columns_said(facts)), {"target": drawn}, shown)


def _rows(facts: Facts) -> int:
    return int(facts.about.get("rows", len(facts.evidence.y)))


def _figures(facts: Facts) -> list[tuple[str, str]]:
    rows, labelled = _rows(facts), int(facts.task.labelled(facts.evidence.y).sum())
    return [
        (words.count(rows), "rows"),
        (words.count(labelled), "with a label"),
        (words.count(rows - labelled), "set aside, no label"),
        (words.count(len(facts.y)), "tested out of fold"),
    ]


def _class_counts(facts: Facts) -> list[tuple[str, int]]:
    """Names and labelled rows of the commonest classes or labels, commonest first."""
    counted = list(zip(facts.names, facts.task.census(facts.evidence.y).values(), strict=True))
    counted.sort(key=lambda entry: -entry[1])
    return counted[:_MOST_BARS]


def _classes_said(facts: Facts) -> str:
    sizes = sorted(((rows, label) for label, rows in facts.task.census(facts.evidence.y).items()), reverse=True)
    (most, common), (least, rare) = sizes[0], sizes[-1]
    common, rare, noun = words.short(common), words.short(rare), words.plural(len(sizes), _NOUN[facts.task.form])
    total = int(facts.task.labelled(facts.evidence.y).sum())
    if most < 1.5 * least:
        return f"The {noun} are of about the same size, ‘{common}’ the largest with {words.rows(most)}."
    return (
        f"‘{common}’ is the commonest of {noun} with {words.percent(most / total)} of the labelled rows, "
        f"‘{rare}’ the rarest with {words.percent(least / total)} ({words.rows(least)})."
    )


def _columns_said(facts: Facts) -> str:
    columns = facts.about.get("columns", [])
    used = [column for column in columns if column.get("role") == "feature"]
    kinds = [f"{number} {kind}" for kind, number in Counter(column.get("kind") for column in used).most_common()]
    gaps = sum(1 for column in used if column.get("missing"))
    said = (
        f"{words.plural(len(used), 'column')} used to decide: {words.joined(kinds)}." if used else "No column is used."
    )
    if not gaps:
        return f"{said} None has gaps."
    return f"{said} {gaps} {'has' if gaps == 1 else 'have'} gaps."


def _classes_chart(facts: Facts) -> Chart:
    import altair as alt

    counted = _class_counts(facts)
    data = [{"class": name, "rows": number, "label": words.count(number)} for name, number in counted]
    base = alt.Chart(values(data)).encode(
        y=alt.Y("class:N", sort=None, title=None).axis(domain=False, ticks=False, labelLimit=160, labelPadding=8),
        x=alt.X("rows:Q").axis(None),
        tooltip=[alt.Tooltip("class:N"), alt.Tooltip("rows:Q", format=",")],
    )
    bars = base.mark_bar(color=ACCENT, cornerRadiusEnd=3, height={"band": 0.72})
    labels = base.mark_text(align="left", dx=6).encode(text="label:N")
    noun, kinds = _NOUN[facts.task.form], len(facts.labels)
    cut = f", the {len(counted)} commonest of {words.plural(kinds, noun)}" if len(counted) < kinds else ""
    caption = f"Labelled rows per {noun}{cut}."
    # Room on the right for the number at the longest bar.
    widest = max(number for _, number in counted)
    drawing = alt.layer(bars.encode(x=alt.X("rows:Q").axis(None).scale(domain=[0, 1.2 * widest])), labels)
    return chart("class-counts", drawing, caption, height=max(60, 28 * len(counted)))


def _numbers_said(facts: Facts) -> str:
    y = facts.evidence.y[facts.task.labelled(facts.evidence.y)]
    low, middle, high = (words.compact(float(value)) for value in np.quantile(y, [0, 0.5, 1]))
    return f"The target goes from {low} to {high}; half of the rows lie below {middle}."


def _numbers_chart(facts: Facts) -> Chart:
    import altair as alt

    y = facts.evidence.y[facts.task.labelled(facts.evidence.y)]
    counts, edges = np.histogram(y, bins=min(40, max(5, len(np.unique(y)))))
    data = [
        {"from": float(low), "to": float(high), "rows": int(number)}
        for low, high, number in zip(edges, edges[1:], counts, strict=False)
    ]
    bars = (
        alt.Chart(values(data))
        .mark_bar(color=ACCENT)
        .encode(
            x=alt.X("from:Q", bin="binned", title=words.short(facts.plan.wishes.target)).axis(grid=False),
            x2="to:Q",
            y=alt.Y("rows:Q", title="rows"),
            tooltip=[alt.Tooltip("from:Q", format=",.4~g"), alt.Tooltip("to:Q", format=",.4~g"), "rows:Q"],
        )
    )
    return chart("target-values", bars, "Labelled rows by their target.", height=220)


def _column(column: Mapping[str, Any], rows: int) -> Mapping[str, Any]:
    missing = column.get("missing")
    return {
        "name": column.get("name", ""),
        "kind": column.get("kind", ""),
        "role": column.get("role", ""),
        "reason": column.get("reason", ""),
        "gaps": words.DASH if missing is None else words.percent(missing / rows) if rows else words.DASH,
        "distinct": words.DASH if column.get("distinct") is None else words.count(column["distinct"]),
        "summary": _summary(column),
    }


def _summary(column: Mapping[str, Any]) -> str:
    """Five quantiles of numbers, the commonest values of anything else."""
    if "quantiles" in column:
        low, first, middle, third, high = (words.compact(value) for value in column["quantiles"])
        return f"{low} to {high}, half of them {first} to {third}, median {middle}"
    if column.get("kind") == "text":
        return ""
    return ", ".join(f"{words.short(str(name), 24)} ({words.count(number)})" for name, number in column.get("top", ()))
