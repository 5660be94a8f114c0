"""Several labels: how each is found, and which of them go together."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.core.arrays import FloatArray, IntArray
from assay.report import _words as words
from assay.report._charts import ACCENT, ON_ACCENT, chart, values
from assay.report._facts import Facts
from assay.report._section import Chart, Section

_MOST = 20


def section(facts: Facts) -> Section:
    """A table of labels by how often they are there, and how often two of them are there together."""
    details = facts.task.details(facts.y, facts.outputs, facts.decided, facts.weight)["labels"]
    rows = [_row(facts, number, found) for number, found in enumerate(details)]
    rows.sort(key=lambda row: -int(row["support"]))
    shown = {"rows": rows, "tuned": bool(facts.rule.thresholds)}
    charts = {"together": _chart(facts)}
    return Section("labels", "How each label is found", "Labels", _said(facts, details), charts, shown)


def _row(facts: Facts, number: int, found: Mapping[str, Any]) -> dict[str, Any]:
    thresholds = facts.rule.thresholds
    return {
        "name": found["label"],
        "support": found["rows"],
        "rows": words.count(found["rows"]),
        "precision": _percent(found["precision"]),
        "recall": _percent(found["recall"]),
        "f1": _percent(found["f1"]),
        "f1_share": found["f1"] or 0.0,
        "area": words.score(found["roc_auc"]),
        "threshold": words.score(thresholds[number]) if thresholds else "0.500",
    }


def _percent(share: float | None) -> str:
    return words.DASH if share is None else words.percent(share)


def _said(facts: Facts, details: list[Mapping[str, Any]]) -> tuple[str, ...]:
    per_row = float(np.average((facts.y == 1).sum(axis=1), weights=facts.weight))
    none = int(((facts.y == 1).sum(axis=1) == 0).sum())
    said = [f"A row has {per_row:.2f} labels on average; {words.rows(none)} {'has' if none == 1 else 'have'} none."]
    there = [found for found in details if found["f1"] is not None]
    if there:
        weak, strong = (pick(there, key=lambda found: found["f1"]) for pick in (min, max))
        said.append(
            f"Best found is ‘{words.short(strong['label'])}’ with an F1 of {words.percent(strong['f1'])}, worst "
            f"‘{words.short(weak['label'])}’ with {words.percent(weak['f1'])} ({words.rows(weak['rows'])})."
        )
    pair = _closest(facts)
    if pair is not None:
        first, second, share = pair
        said.append(
            f"Of the rows with ‘{words.short(first)}’, {words.percent(share)} also have ‘{words.short(second)}’: no "
            "other two go together as often."
        )
    return tuple(said)


def together(facts: Facts, chosen: IntArray) -> FloatArray:
    """Of the rows with label i the share that also has label j, (m, m) for m chosen labels; NaN where none has i."""
    there = (facts.y[:, chosen] == 1).astype(np.float64)
    counts = there.T @ there
    alone = counts.diagonal()[:, None]
    shares: FloatArray = np.where(alone > 0, counts / np.maximum(alone, 1), np.nan)
    return shares


def _closest(facts: Facts) -> tuple[str, str, float] | None:
    shares = together(facts, np.arange(len(facts.labels)))
    np.fill_diagonal(shares, np.nan)
    if not np.isfinite(shares).any() or np.nanmax(shares) == 0:
        return None
    first, second = np.unravel_index(int(np.nanargmax(shares)), shares.shape)
    return facts.labels[first], facts.labels[second], float(shares[first, second])


def _chart(facts: Facts) -> Chart:
    import altair as alt

    support = (facts.y == 1).sum(axis=0)
    chosen = np.argsort(-support, kind="stable")[:_MOST]
    shares, names = together(facts, chosen), [facts.names[number] for number in chosen]
    data = [
        {"label": names[i], "with": names[j], "share": float(shares[i, j]), "said": f"{shares[i, j]:.0%}"}
        for i in range(len(names))
        for j in range(len(names))
        if i != j and np.isfinite(shares[i, j])
    ]
    base = alt.Chart(values(data)).encode(
        x=alt.X("with:N", sort=names, title="also have").axis(
            labelAngle=-40, domain=False, ticks=False, labelLimit=120
        ),
        y=alt.Y("label:N", sort=names, title="of the rows with").axis(domain=False, ticks=False, labelLimit=140),
        tooltip=["label:N", "with:N", alt.Tooltip("share:Q", format=".1%")],
    )
    cells = base.mark_rect(color=ACCENT, cornerRadius=2).encode(
        opacity=alt.Opacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.03, 1])
    )
    light = alt.condition("datum.share > 0.55", alt.value(ON_ACCENT), alt.value("var(--ink)"))
    layers = [cells, base.mark_text(fontSize=11).encode(text="said:N", color=light)] if len(names) <= 12 else [cells]
    cut = f" The {len(names)} commonest of {len(facts.labels)} labels." if len(names) < len(facts.labels) else ""
    caption = f"Of the rows with one label, the share that also have another.{cut}"
    return chart("labels-together", alt.layer(*layers), caption, height=max(120, 26 * len(names)))
