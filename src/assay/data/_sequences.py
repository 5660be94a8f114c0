"""Sequences in any form as one row for each step, with the number of its sequence beside it."""

from dataclasses import replace

import numpy as np
import polars as pl

from assay.core.errors import DataError, listed
from assay.data._wishes import Wishes

SEQUENCE = "sequence"
TAGS = ("tag", "tags", "ner_tags", "pos_tags", "labels", "label")


def as_steps(table: pl.DataFrame, wishes: Wishes) -> tuple[pl.DataFrame, Wishes]:
    """The table with a row for each step, and the wishes with the columns of sequence and tags.

    Lists of one length in a row become its steps (``tokens`` and ``tags``). A table that is neither of lists nor says
    what its sequences are is one sequence.

    Raises:
        DataError: Lists of different lengths in a row, or no column of tags.
    """
    lists = [column.name for column in table if isinstance(column.dtype, pl.List)]
    if lists:
        table = _exploded(table, lists)
    name = wishes.sequence or SEQUENCE
    if name not in table.columns and name == SEQUENCE:
        table = table.with_columns(pl.Series(SEQUENCE, np.zeros(table.height, np.int64)))
    target = wishes.target or next((tag for tag in TAGS if tag in table.columns), "")
    if not target:
        raise DataError(
            f"no column of tags among {listed(table.columns)}",
            expected=f"one of {listed(TAGS)}, or another one that is named",
            fix="name it with --target",
        )
    words = tuple(_words(table, {name, target, *_spoken_for(wishes)}))
    return table, replace(wishes, target=target, sequence=name, text=(*wishes.text, *words))


def _exploded(table: pl.DataFrame, lists: list[str]) -> pl.DataFrame:
    lengths = table.select(pl.col(lists).list.len().fill_null(0))
    differs = np.flatnonzero((lengths.to_numpy() != lengths.to_numpy()[:, :1]).any(axis=1))
    if len(differs):
        row = int(differs[0])
        told = listed(f"{name}: {lengths[name][row]}" for name in lists)
        raise DataError(
            f"lists of different lengths in row {row + 1:,} ({told})",
            expected="as many tags as there are steps",
            fix="mend these rows, or leave a list out of the file",
        )
    numbered = table.with_row_index("row of steps").filter(pl.Series(lengths[:, 0] > 0))
    steps = numbered.explode(lists)
    numbers = steps["row of steps"].cast(pl.Int64).alias(SEQUENCE)
    return steps.drop("row of steps").with_columns(numbers)


def _words(table: pl.DataFrame, others: set[str]) -> list[str]:
    """Columns of words: texts, whatever they look like."""
    return [column.name for column in table if column.dtype == pl.String and column.name not in others]


def _spoken_for(wishes: Wishes) -> set[str]:
    named = {*wishes.text, *wishes.categorical, *wishes.numeric, *wishes.drop, *wishes.picture}
    return named | {name for name in (wishes.group, wishes.weight, wishes.time) if name}
