"""The data at a glance: rows, classes, columns with their kinds, gaps and values."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from assay.report import _words as words
from assay.report._charts import ACCENT, chart, values
from assay.report._facts import Facts
from assay.report._section import Chart, Section

_MOST_BARS = 20
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
    says = (_classes_said(facts), _columns_said(facts))
    return Section("data", "The data at a glance", "Data", says, {"classes": _classes_chart(facts)}, shown)


def _rows(facts: Facts) -> int:
    return int(facts.about.get("rows", len(facts.evidence.y)))


def _figures(facts: Facts) -> list[tuple[str, str]]:
    rows, labelled = _rows(facts), int((facts.evidence.y >= 0).sum())
    return [
        (words.count(rows), "rows"),
        (words.count(labelled), "with a label"),
        (words.count(rows - labelled), "set aside, no label"),
        (words.count(len(facts.y)), "tested out of fold"),
    ]


def _class_counts(facts: Facts) -> list[tuple[str, int]]:
    """Names and labelled rows of the commonest classes, commonest first."""
    y = facts.evidence.y
    counted = [(name, int((y == number).sum())) for number, name in enumerate(facts.names)]
    counted.sort(key=lambda entry: -entry[1])
    return counted[:_MOST_BARS]


def _classes_said(facts: Facts) -> str:
    y = facts.evidence.y
    sizes = sorted(((int((y == number).sum()), label) for number, label in enumerate(facts.labels)), reverse=True)
    (most, common), (least, rare) = sizes[0], sizes[-1]
    common, rare = words.short(common), words.short(rare)
    total = sum(size for size, _ in sizes)
    if most < 1.5 * least:
        return f"The {len(sizes)} classes are of about the same size, ‘{common}’ the largest with {words.rows(most)}."
    return (
        f"‘{common}’ is the commonest of {len(sizes)} classes with {words.percent(most / total)} of the labelled rows, "
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
    cut = f", the {len(counted)} commonest of {len(facts.labels)} classes" if len(counted) < len(facts.labels) else ""
    caption = f"Labelled rows per class{cut}."
    # Room on the right for the number at the longest bar.
    widest = max(number for _, number in counted)
    drawing = alt.layer(bars.encode(x=alt.X("rows:Q").axis(None).scale(domain=[0, 1.2 * widest])), labels)
    return chart("class-counts", drawing, caption, height=max(60, 28 * len(counted)))


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
