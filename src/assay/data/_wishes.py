"""What a person says about the columns of a table; all else is found out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wishes:
    """What a person says about columns.

    Attributes:
        target: The column to predict.
        text, categorical, numeric, picture: Columns whose kind is given.
        drop: Columns that are not to be used.
        group, weight, time, sequence: The column with that role.
        picture_size: Pixels on the longer side that pictures are scaled to; None for their own size up to 64.
    """

    target: str
    text: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    group: str | None = None
    weight: str | None = None
    time: str | None = None
    sequence: str | None = None
    picture_size: int | None = None
