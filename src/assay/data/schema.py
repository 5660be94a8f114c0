"""What each column is (its kind), what it is for (its role), and why we think so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from assay.core.errors import RunError
from assay.core.state import State, take

MOST_PIXELS = 4096


class Kind(StrEnum):
    """What the values of a column are."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    TEXT = "text"
    PICTURE = "picture"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    IDENTIFIER = "identifier"
    CONSTANT = "constant"


class Role(StrEnum):
    """What a column is for."""

    FEATURE = "feature"
    TARGET = "target"
    GROUP = "group"
    TIME = "time"
    WEIGHT = "weight"
    DOMAIN = "domain"
    SEQUENCE = "sequence"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Column:
    """One column: ``reason`` says in plain words why it has its kind and role.

    ``shape`` is that of every picture of a column of pictures, (height, width, channels), and empty for others.
    """

    name: str
    kind: Kind
    role: Role
    reason: str
    shape: tuple[int, ...] = ()

    def as_role(self, role: Role, reason: str) -> "Column":
        """The same column for another purpose."""
        return replace(self, role=role, reason=reason)


@dataclass(frozen=True)
class Schema:
    """The columns of a table in their order; names are unique."""

    columns: tuple[Column, ...]

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def features(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of the feature columns, of the given kinds or of all."""
        return tuple(
            column.name
            for column in self.columns
            if column.role is Role.FEATURE and (not kinds or column.kind in kinds)
        )

    def named(self, role: Role) -> str | None:
        """Name of the column with a role that at most one column has (target, group, time, ...)."""
        return next((column.name for column in self.columns if column.role is role), None)

    def state(self) -> State:
        """The schema as JSON values."""
        return {"columns": [_column_state(column) for column in self.columns]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Schema":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls(tuple(_column(entry) for entry in take(state, "columns", list)))

    def with_columns(self, columns: Iterable[Column]) -> "Schema":
        """The schema with some columns replaced by those of the same name."""
        new = {column.name: column for column in columns}
        return Schema(tuple(new.get(column.name, column) for column in self.columns))

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}


def _column_state(column: Column) -> State:
    plain = {"name": column.name, "kind": column.kind.value, "role": column.role.value, "reason": column.reason}
    return {**plain, "shape": list(column.shape)} if column.shape else plain


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        take(entry, "name", str),
        Kind(take(entry, "kind", str)),
        Role(take(entry, "role", str)),
        take(entry, "reason", str),
        _shape(entry),
    )


def _shape(entry: Mapping[str, Any]) -> tuple[int, ...]:
    sides = take(entry, "shape", list) if "shape" in entry else []
    if (sides or entry["kind"] == Kind.PICTURE) and not (
        len(sides) == 3 and all(isinstance(side, int) and 0 < side <= MOST_PIXELS for side in sides)
    ):
        raise RunError(
            f"pictures of the shape {sides} in a schema",
            expected="height, width and channels",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return tuple(sides)
