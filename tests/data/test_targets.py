"""Several columns as one target."""

import polars as pl
import pytest

from assay.core.errors import DataError
from assay.data._targets import with_one_target
from assay.data.prepare import Wishes, conform, prepare
from assay.data.schema import Role

TABLE = pl.DataFrame(
    {"x": [1.5, 2.5, 3.5], "label_a": [1, 0, None], "label_b": ["yes", "No", " true "], "label_c": [0.0, None, 1.0]}
)


def test_yes_and_no_in_any_form_become_one_record() -> None:
    table = with_one_target(TABLE, "label_*")
    assert table.columns == ["x", "label_*"]
    assert table["label_*"].to_list() == [
        {"label_a": True, "label_b": True, "label_c": False},
        {"label_a": False, "label_b": False, "label_c": None},
        {"label_a": None, "label_b": True, "label_c": True},
    ]


def test_a_column_of_that_very_name_is_the_target() -> None:
    table = pl.DataFrame({"why?": [1, 2], "whys": [3, 4]})
    assert with_one_target(table, "why?") is table
    assert with_one_target(table, "label") is table


def test_what_is_neither_yes_nor_no_is_told() -> None:
    with pytest.raises(DataError, match=r"'2' in the target column 'label_a', row 2[\s\S]*0 or 1"):
        with_one_target(pl.DataFrame({"label_a": [1, 2], "label_b": [0, 1]}), "label_*")


def test_columns_of_labels_are_never_features() -> None:
    data = prepare(TABLE, Wishes(target="label_*"))
    assert data.schema.features() == ("x",)
    assert data.schema.named(Role.TARGET) == "label_*"
    later, _ = conform(TABLE.head(1), data.schema, labelled=True)
    target = later.column(Role.TARGET)
    assert target is not None
    assert target.to_list() == [{"label_a": True, "label_b": True, "label_c": False}]
    unlabelled, notices = conform(TABLE.select("x"), data.schema, labelled=False)
    assert (unlabelled.table.columns, notices) == (["x"], ())


def test_no_such_columns() -> None:
    with pytest.raises(DataError, match=r"no column 'tag_\*' for the target"):
        prepare(TABLE, Wishes(target="tag_*"))
