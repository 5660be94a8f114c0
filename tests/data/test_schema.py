"""Columns with kinds and roles."""

import pytest

from assay.core.errors import RunError
from assay.data.schema import Column, Kind, Role, Schema

SCHEMA = Schema(
    (
        Column("x", Kind.NUMERIC, Role.FEATURE, "numbers"),
        Column("c", Kind.CATEGORICAL, Role.FEATURE, "few values"),
        Column("id", Kind.IDENTIFIER, Role.DROPPED, "all different"),
        Column("y", Kind.CATEGORICAL, Role.TARGET, "the target"),
    )
)


def test_round_trip() -> None:
    assert Schema.from_state(SCHEMA.state()) == SCHEMA


def test_features_by_kind_and_columns_by_role() -> None:
    assert SCHEMA.features() == ("x", "c")
    assert SCHEMA.features(Kind.NUMERIC) == ("x",)
    assert (SCHEMA.named(Role.TARGET), SCHEMA.named(Role.GROUP)) == ("y", None)
    assert SCHEMA["id"].kind is Kind.IDENTIFIER
    assert "x" in SCHEMA and "z" not in SCHEMA


def test_a_column_can_change_its_role() -> None:
    changed = SCHEMA.with_columns([SCHEMA["c"].as_role(Role.GROUP, "as asked")])
    assert changed.features() == ("x",)
    assert changed.named(Role.GROUP) == "c"


@pytest.mark.parametrize("key", ["name", "kind", "role", "reason"])
def test_a_damaged_state_is_refused(key: str) -> None:
    state = SCHEMA.state()
    del state["columns"][0][key]
    with pytest.raises(RunError, match=f"'{key}' is NoneType"):
        Schema.from_state(state)
