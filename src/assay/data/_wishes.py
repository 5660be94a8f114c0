"""What a person says about the columns of a table; all else is found out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wishes:
    """What a person says about columns.

    Attributes:
        target: The column to predict.
        text, categorical, numeric: Columns whose kind is given.
        drop: Columns that are not to be used.
        group, weight, time: The column with that role.
    """

    target: str
    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    group: str | None = None
    weight: str | None = None
    time: str | None = None
