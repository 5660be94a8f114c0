"""The threshold slider of a binary task: what each threshold finds, misses and costs."""

from typing import Any

from assay.report import _words as words
from assay.report._charts import INK, PALETTE, chart, coloured, share_axis, values
from assay.report._facts import Facts
from assay.report._numbers import Thresholds, threshold_table
from assay.report._section import Chart, Section


def section(facts: Facts) -> Section | None:
    """A table of thresholds that the page's script reads; None unless there are two classes."""
    if not facts.is_binary:
        return None
    used = 0.5 if facts.rule.threshold is None else facts.rule.threshold
    table = threshold_table(facts.y == 1, facts.outputs[:, 1], facts.weight, keep=(0.5, used))
    start = int(table.at.searchsorted(used))
    shown = {
        "start": start,
        "used": f"{used:.3f}",
        "tuned": facts.rule.threshold is not None,
        "place": float(table.at[start] and start / (len(table.at) - 1)),
        "metric": words.metric_title(facts.metric.name),
        "positive": facts.labels[1],
        "negative": facts.labels[0],
        "table": _columns(table),
    }
    return Section(
        "threshold",
        "Where to draw the line",
        "Threshold",
        _said(facts, table, start),
        {"lines": _chart(facts, table, used)},
        shown,
    )


def _columns(table: Thresholds) -> dict[str, list[float]]:
    columns = {"at": table.at, "tp": table.tp, "fp": table.fp, "fn": table.fn, "tn": table.tn}
    return {name: [round(float(value), 6) for value in column] for name, column in columns.items()}


def _said(facts: Facts, table: Thresholds, start: int) -> tuple[str, ...]:
    name = words.short(facts.labels[1])
    tp, fp, fn, tn = (float(column[start]) for column in (table.tp, table.fp, table.fn, table.tn))
    chosen = (
        f"tuned for {words.metric_title(facts.metric.name)}" if facts.rule.threshold is not None else "the plain rule"
    )
    right = f"{words.percent(tp / (tp + fp))} of these are right" if tp + fp else "none"
    return (
        f"The model says ‘{name}’ from a probability of {table.at[start]:.3f} on ({chosen}). That flags "
        f"{words.percent((tp + fp) / (tp + fp + fn + tn))} of the rows; {right}, and "
        f"{words.percent(tp / (tp + fn))} of all ‘{name}’ rows are found.",
        "Move the line to see what another threshold would do, and say what each kind of mistake costs you to find "
        "the cheapest. A threshold picked here on these rows looks a little better than it will be on new ones.",
    )


def _chart(facts: Facts, table: Thresholds, used: float) -> Chart:
    import altair as alt

    positives = float(facts.support[1])
    lines: list[dict[str, Any]] = []
    for at, tp, fp in zip(table.at, table.tp, table.fp, strict=True):
        precision = tp / (tp + fp) if tp + fp else None
        lines += [
            {"at": at, "share": precision, "what": "precision"},
            {"at": at, "share": tp / positives, "what": "recall"},
        ]
        lines.append({"at": at, "share": 2 * tp / (tp + fp + positives), "what": "F1"})
    legend = dict(zip(("precision", "recall", "F1"), PALETTE, strict=False))
    cut = alt.param(name="cut", value=used)
    drawn = (
        alt.Chart(values(lines))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("at:Q", title="threshold").axis(values=[0, 0.25, 0.5, 0.75, 1]).scale(domain=[0, 1]),
            y=alt.Y("share:Q", title=None).axis(**share_axis()).scale(domain=[0, 1]),
            color=coloured("what", legend),
            tooltip=[
                "what:N",
                alt.Tooltip("at:Q", title="threshold", format=".3f"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    upright = alt.datum(alt.expr("cut"), type="quantitative")
    rule = alt.Chart(values([{}])).mark_rule(color=INK, strokeWidth=2).encode(x=upright)
    caption = "Precision, recall and F1 at every threshold; the upright line is where the slider stands."
    return chart("threshold-lines", alt.layer(drawn, rule).add_params(cut), caption, height=260, legend=legend)
