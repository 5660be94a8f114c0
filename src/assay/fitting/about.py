"""What a run keeps of its data: columns with kinds and reasons, gaps, classes, and the rows it is most wrong about."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from assay.data._decode import png
from assay.data._pictures import holds_pictures
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role
from assay.fitting._work import Work
from assay.fitting.evidence import Evidence
from assay.tasks._base import Form, Task

DESCRIBED = ("source", "rows", "labelled", "tested", "fingerprint", "target", "task", "classes", "columns", "notices")
_WRONG_ROWS = 30
_LONGEST = 600
_LONGEST_SIDE = 96
_WRONG_SEQUENCES, _LONGEST_SEQUENCE = 20, 80


def describe(work: Work, source: str) -> dict[str, Any]:
    """The data at a glance, as JSON values for ``data.json``."""
    data, y = work.data, work.y
    return {
        "source": source,
        "rows": len(data),
        "labelled": int(work.task.labelled(y).sum()),
        "tested": len(work.scored),
        "fingerprint": work.plan.fingerprint,
        "target": work.plan.wishes.target,
        "task": work.task.name,
        "classes": dict(work.task.census(y)),
        "columns": [_column(data, column) for column in data.schema.columns],
        "notices": list(_notices(work)),
    }


def most_wrong(work: Work, evidence: Evidence) -> list[dict[str, Any]]:
    """The rows whose out-of-fold outputs were furthest from the truth, as JSON values.

    ``probability`` is that of the truth: of a row's labels the geometric mean; numbers have none.
    Pictures are small PNG files as data URIs; beside them stand what identifies a row, so that its file can be found.
    """
    rows = work.scored
    losses = work.task.row_loss(work.y[rows], evidence.outputs[rows].astype(np.float64))
    order = np.argsort(-losses, kind="stable")[:_WRONG_ROWS]
    worst, chances = rows[order], np.exp(-losses[order]).tolist()
    schema, task = work.data.schema, work.task
    pictures = schema.features(Kind.PICTURE)
    names = [column.name for column in schema.columns if _is_told(column, bool(pictures))]
    told = list(work.data.table[worst].select(names).iter_rows(named=True)) or [{}] * len(worst)
    return [
        {
            "row": int(row),
            "label": _said(task, task.as_decided(work.y)[row]),
            "decided": _said(task, evidence.decided[row]),
            "probability": None if task.form is Form.NUMBERS else chance,
            "values": _shown(values),
            **({"pictures": {name: _uri(work.data, name, int(row)) for name in pictures}} if pictures else {}),
        }
        for row, chance, values in zip(worst, chances, told, strict=True)
    ]


def worst_sequences(work: Work, evidence: Evidence) -> list[list[dict[str, str]]]:
    """The sequences whose steps were furthest from the truth out of fold, step by step; none for other tasks.

    Of each step ``text`` (the first column of words), ``label`` and ``decided``.
    """
    rows, task = work.scored, work.task
    sequence = task.sequence(work.y[rows])
    words = work.data.schema.features(Kind.TEXT, Kind.CATEGORICAL)
    if sequence is None or not words:
        return []
    losses = task.row_loss(work.y[rows], evidence.outputs[rows].astype(np.float64))
    wrong = task.as_decided(work.y[rows]) != evidence.decided[rows]
    total = np.bincount(sequence, weights=losses * wrong)
    texts = work.data.texts(words[0])
    told = []
    for number in np.argsort(-total, kind="stable")[:_WRONG_SEQUENCES]:
        steps = rows[sequence == number][:_LONGEST_SEQUENCE]
        told.append(
            [
                {
                    "text": texts[row][:_LONGEST_SIDE],
                    "label": _said(task, task.as_decided(work.y)[row]),
                    "decided": _said(task, evidence.decided[row]),
                }
                for row in steps.tolist()
            ]
        )
    return told


def _said(task: Task, decided: Any) -> str:
    """A truth or a decision: the name of a class, the names of labels, or a number."""
    if np.ndim(decided):
        return ", ".join(name for name, there in zip(task.labels, decided, strict=True) if there == 1) or "none"
    return f"{decided:,.6g}" if isinstance(decided, np.floating) else task.labels[decided]


def _column(data: Dataset, column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": column.name,
        "kind": column.kind.value,
        "role": column.role.value,
        "reason": column.reason,
    }
    if column.name in data.table.columns:
        values = data.table[column.name]
        about["missing"] = values.null_count()
        if not holds_pictures(values):  # to tell them apart takes seconds, and says little
            about |= {"distinct": values.n_unique(), **_summary(values)}
    return about


def _is_told(column: Column, with_pictures: bool) -> bool:
    if column.role is Role.FEATURE:
        return column.kind is not Kind.PICTURE
    return with_pictures and column.kind is Kind.IDENTIFIER


def _uri(data: Dataset, name: str, row: int) -> str:
    return "data:image/png;base64," + b64encode(png(data.pictures(name)[row], _LONGEST_SIDE)).decode()


def _summary(values: pl.Series) -> dict[str, Any]:
    present = values.drop_nulls()
    if values.dtype.is_numeric() and len(present):
        five = [float(present.quantile(q, "linear") or 0.0) for q in (0.0, 0.25, 0.5, 0.75, 1.0)]
        return {"quantiles": five}
    if values.dtype == pl.String and len(present):
        top = present.value_counts(sort=True).head(3)
        return {"top": [[str(name)[:60], int(count)] for name, count in top.iter_rows()]}
    return {}


def _notices(work: Work) -> list[str]:
    data, y = work.data, work.y
    notices = [*work.task.notices, *work.task.observed(data)]
    labelled = int(work.task.labelled(y).sum())
    unlabelled = len(y) - labelled
    if unlabelled:
        notices.append(f"{unlabelled:,} rows without a label were set aside")
    untested = labelled - len(work.scored)
    if untested and len(work.folds) == 1:
        notices.append(f"{len(work.scored):,} rows are tested on, in a single split; the others are learned from")
    elif untested:
        notices.append(f"{untested:,} labelled rows are in no test fold ({work.plan.scheme} folds, rare classes)")
    for column in data.schema.columns:
        if column.role is Role.DROPPED:
            notices.append(f"column {column.name!r} is not used: {column.reason}")
    return notices


def _shown(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value)[:_LONGEST] for name, value in values.items()}
