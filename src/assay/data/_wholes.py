"""Whole sequences as rows: what the steps of a signal or of a text say together, where one label is for all of them."""

from dataclasses import replace

import numpy as np
import polars as pl

from assay.core.arrays import FloatArray
from assay.core.errors import DataError
from assay.data._wishes import Wishes

_BANDS = 3
_SUMMARIES = ("mean", "spread", "least", "most", "first", "last", "slope")


def as_wholes(table: pl.DataFrame, wishes: Wishes) -> tuple[pl.DataFrame, Wishes]:
    """A row for each sequence, in the order of their first steps; the table itself where a sequence is a row already.

    Numbers become mean, standard deviation, least, most, first, last, slope per step, and the shares of their power
    in the lower, middle and upper third of the frequencies; texts are joined; of anything else the first counts.

    Raises:
        DataError: The steps of a sequence have different targets.
    """
    name = wishes.sequence
    if name is None or name not in table.columns or table[name].n_unique() == table.height:
        return table, wishes
    if wishes.target in table.columns:
        _check_one_target(table, name, wishes.target)
    roles = {name, wishes.target, *(role for role in (wishes.group, wishes.weight, wishes.time) if role)}
    groups = table.partition_by(name, maintain_order=True)
    columns: dict[str, list[object]] = {}
    for column in table:
        if column.name in roles or column.name in wishes.drop:
            columns[column.name] = [group[column.name][0] for group in groups]
        elif column.dtype.is_numeric() and column.name not in wishes.categorical:
            found = [_summaries(group[column.name].cast(pl.Float64).to_numpy()) for group in groups]
            for place, what in enumerate((*_SUMMARIES, *(f"power in band {band + 1}" for band in range(_BANDS)))):
                columns[f"{column.name}: {what}"] = [each[place] for each in found]
        elif column.dtype == pl.String:
            columns[column.name] = [" ".join(group[column.name].drop_nulls().to_list()) for group in groups]
        else:
            columns[column.name] = [group[column.name][0] for group in groups]
    told = pl.DataFrame({key: pl.Series(values, strict=False) for key, values in columns.items()})
    numeric = tuple(each for each in wishes.numeric if each in told.columns)
    return told, replace(wishes, numeric=numeric)


def _check_one_target(table: pl.DataFrame, name: str, target: str) -> None:
    counts = table.group_by(name, maintain_order=True).agg(pl.col(target).n_unique())
    several = counts.filter(pl.col(target) > 1)
    if several.height:
        raise DataError(
            f"different labels in the steps of one sequence: {name} {several[name][0]!r} ({several.height:,} of them)",
            expected="one label for a whole sequence",
            fix="say --task tagging if each step has a label of its own",
        )


def _summaries(values: FloatArray) -> list[float | None]:
    """`_SUMMARIES` and the shares of power in the bands; gaps are passed over."""
    known = values[np.isfinite(values)]
    if not len(known):
        return [None] * (len(_SUMMARIES) + _BANDS)
    slope = float(np.polyfit(np.arange(len(known)), known, 1)[0]) if len(known) > 1 else 0.0
    plain = [known.mean(), known.std(), known.min(), known.max(), known[0], known[-1], slope]
    return [*map(float, plain), *_bands(known)]


def _bands(values: FloatArray) -> list[float]:
    """Shares of the power, without the mean, in thirds of the frequencies; zeros for a constant."""
    power = np.abs(np.fft.rfft(values - values.mean()))[1:] ** 2
    total = power.sum()
    if not total > 0:
        return [0.0] * _BANDS
    return [float(part.sum() / total) for part in np.array_split(power, _BANDS)]
