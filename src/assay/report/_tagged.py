"""Tagged sequences: how each type or tag is found, sequences with mistakes marked, and which tag follows which."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.report import _words as words
from assay.report._charts import ACCENT, chart, values
from assay.report._facts import Facts
from assay.report._section import Chart, Section

_MOST_TAGS = 18
_AT_ONCE = 8


def section(facts: Facts) -> Section:
    """A table of types, the worst sequences step by step, and how often tags follow each other."""
    details = facts.task.details(facts.y, facts.outputs, facts.decided, facts.weight)
    what, found = next(iter(details.items()))
    counted = "spans" if what == "spans" else "steps"
    rows = sorted((_row(entry, counted) for entry in found), key=lambda row: -int(row["count"]))
    shown = {
        "rows": rows,
        "what": "Type" if what == "spans" else "Tag",
        "counted": counted,
        "sequences": [[_step(step) for step in steps] for steps in facts.about.get("sequences", [])],
        "at_once": _AT_ONCE,
    }
    charts = {"follows": _chart(facts)}
    return Section("tagged", "What is tagged as what", "Tags", _said(facts, rows, what), charts, shown)


def _row(entry: Mapping[str, Any], counted: str) -> dict[str, Any]:
    return {
        "name": entry["name"],
        "count": entry[counted],
        "said": words.count(entry[counted]),
        **{
            key: words.DASH if entry[key] is None else words.percent(entry[key])
            for key in ("precision", "recall", "f1")
        },
        "f1_share": entry["f1"] or 0.0,
    }


def _percent(share: float | None) -> str:
    return words.DASH if share is None else words.percent(share)


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    label, decided = str(step.get("label", "")), str(step.get("decided", ""))
    return {"text": str(step.get("text", "")), "label": label, "decided": decided, "wrong": label != decided}


def _said(facts: Facts, rows: list[dict[str, Any]], what: str) -> tuple[str, ...]:
    tested, right = len(np.unique(facts.y[:, 1])), facts.score_of(_sequences(facts), facts.outputs, facts.decided)
    said = [f"{words.count(tested)} sequences were tested; {words.percent(right)} of them are right in every step."]
    there = [row for row in rows if row["count"]]
    if len(there) > 1:
        weak, strong = min(there, key=lambda row: row["f1_share"]), max(there, key=lambda row: row["f1_share"])
        noun = "type" if what == "spans" else "tag"
        said.append(
            f"The {noun} that is found best is ‘{words.short(strong['name'])}’ with an F1 of {strong['f1']}, worst "
            f"‘{words.short(weak['name'])}’ with {weak['f1']} ({weak['said']} there)."
        )
    return tuple(said)


def _sequences(facts: Facts) -> Any:
    return facts.task.metric("sequence_accuracy")


def _chart(facts: Facts) -> Chart:
    """Of the steps with one tag, the share that is followed by each other."""
    import altair as alt

    tags, sequence = facts.truth, facts.y[:, 1]
    k = len(facts.labels)
    together = sequence[1:] == sequence[:-1]
    counts = np.bincount(tags[:-1][together] * k + tags[1:][together], minlength=k * k).reshape(k, k)
    chosen = np.argsort(-np.bincount(tags, minlength=k), kind="stable")[:_MOST_TAGS]
    names = [facts.names[number] for number in chosen]
    shares = counts[chosen] / np.maximum(counts[chosen].sum(axis=1, keepdims=True), 1)
    data = [
        {"tag": names[i], "next": names[j], "share": float(shares[i, number])}
        for i in range(len(chosen))
        for j, number in enumerate(chosen)
        if shares[i, number] > 0
    ]
    base = alt.Chart(values(data or [{"tag": names[0], "next": names[0], "share": 0.0}])).encode(
        x=alt.X("next:N", sort=names, title="is followed by").axis(labelAngle=-40, domain=False, ticks=False),
        y=alt.Y("tag:N", sort=names, title="tag").axis(domain=False, ticks=False, labelLimit=140),
        tooltip=["tag:N", "next:N", alt.Tooltip("share:Q", format=".1%")],
    )
    cells = base.mark_rect(color=ACCENT, cornerRadius=2).encode(
        opacity=alt.Opacity("share:Q", legend=None).scale(domain=[0, 1], range=[0.05, 1])
    )
    cut = f", the {len(names)} commonest of {k}" if len(names) < k else ""
    caption = f"Which tag follows which, as a share of the steps with the first{cut}."
    return chart("tags-follow", cells, caption, height=max(140, 24 * len(names)))
