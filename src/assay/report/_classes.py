"""Precision, recall and F1 of each class: where the model is strong, and where it is not."""

import numpy as np

from assay.report import _words as words
from assay.report._facts import Facts
from assay.report._numbers import class_scores
from assay.report._section import Section

_WORST_FIRST_FROM = 20


def section(facts: Facts) -> Section:
    """The table; with many classes the weakest stand first."""
    scores = class_scores(facts.counts)
    many = len(facts.labels) > _WORST_FIRST_FROM
    order = np.argsort(scores.f1, kind="stable") if many else np.arange(len(facts.labels))
    rows = [
        {
            "name": facts.labels[number],
            "bars": [float(share) for share in (scores.precision[number], scores.recall[number], scores.f1[number])],
            "support": words.count(scores.support[number]),
        }
        for number in order
    ]
    return Section(
        "classes",
        "Class by class",
        "Classes",
        _said(facts),
        shown={"rows": rows, "many": many, "percent": words.percent},
    )


def _said(facts: Facts) -> tuple[str, ...]:
    scores = class_scores(facts.counts)
    tested = np.flatnonzero(scores.support > 0)
    weak = int(tested[scores.f1[tested].argmin()])
    strong = int(tested[scores.f1[tested].argmax()])
    name = words.short(facts.labels[weak])
    if scores.f1[weak] == 1.0:
        return ("Every class is found and decided without a mistake.",)
    found, right = words.percent(scores.recall[weak]), words.percent(scores.precision[weak])
    decided = facts.counts[:, weak].sum() > 0
    trusted = f"and {right} of the rows called so are right" if decided else "and nothing is ever called so"
    weakest = f"Weakest is ‘{name}’: {found} of its {words.rows(scores.support[weak])} are found, {trusted}."
    meaning = (
        "Precision is how much of what is called so is so, recall how much of what is so is found, F1 their balance."
    )
    return (
        weakest,
        f"Strongest is ‘{words.short(facts.labels[strong])}’, with an F1 of {words.percent(scores.f1[strong])}.",
        meaning,
    )
