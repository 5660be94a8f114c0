"""The rows that the model is most wrong about: the first place to look for wrong labels and hard cases."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from assay.report import _words as words
from assay.report._facts import Facts
from assay.report._section import Section
from assay.tasks._base import Form

_DOUBTFUL = 0.05
_CARRIED = {Form.CLASSES: "label", Form.LABELS: "labels", Form.TAGS: "tag"}
_SHOWN = 20
_INLINE = 4
_OPENED = 2
_AT_ONCE = 10
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")


def section(facts: Facts) -> Section | None:
    """Cards, worst first; None where the run kept no rows."""
    worst = facts.about.get("most_wrong") or []
    if not worst:
        return None
    texts = {column.get("name") for column in facts.about.get("columns", ()) if column.get("kind") == "text"}
    cards = [_card(row, texts, place) for place, row in enumerate(worst[:_SHOWN])]
    gallery = all(card["pictures"] and not card["texts"] for card in cards)
    shown = {"cards": cards, "gallery": gallery, "at_once": _SHOWN if gallery else _AT_ONCE}
    advice = "Read the worst of them: each is a hard case, or its label is wrong. Rows are counted from 0."
    return Section("wrong", "Where it is most wrong", "Most wrong", (_said(facts), advice), shown=shown)


def _said(facts: Facts) -> str:
    if facts.task.form is Form.NUMBERS:
        errors = np.abs(facts.outputs[:, 0] - facts.y)
        nine, most = (words.compact(float(value)) for value in np.quantile(errors, [0.9, 1.0]))
        return f"Nine rows in ten are off by less than {nine}, the worst by {most}."
    given = np.exp(-facts.task.row_loss(facts.y, facts.outputs))
    doubtful = int((given < _DOUBTFUL).sum())
    number = f"{words.rows(doubtful)} of {words.count(len(given))} got" if doubtful else "No row got"
    return f"{number} less than a {_DOUBTFUL:.0%} probability for the {_CARRIED[facts.task.form]} that they carry."


def _card(row: Mapping[str, Any], texts: set[Any], place: int) -> Mapping[str, Any]:
    values = {str(name): str(value) for name, value in row.get("values", {}).items()}
    long = {name: value for name, value in values.items() if name in texts and value}
    rest = {name: value for name, value in values.items() if name not in long}
    return {
        "row": f"{row.get('row', 0):,}",
        "label": row.get("label", ""),
        "decided": row.get("decided", ""),
        "probability": words.percent(float(chance)) if (chance := row.get("probability")) is not None else "",
        "pictures": [(name, uri) for name, uri in row.get("pictures", {}).items() if _PICTURE.fullmatch(str(uri))],
        "texts": list(long.items()),
        "several": len(long) > 1 or bool(rest),
        "values": list(rest.items()),
        "opened": len(rest) <= _INLINE or place < _OPENED,
    }
