"""Sequences in any form as rows of steps; the rest is tested with the task of tagging."""

import polars as pl
import pytest

from assay.core.errors import DataError
from assay.data._sequences import as_steps
from assay.data._wishes import Wishes


def test_a_table_that_says_nothing_is_one_sequence() -> None:
    table, wishes = as_steps(pl.DataFrame({"word": ["a", "b"], "tag": ["O", "O"]}), Wishes(target="tag"))
    assert table["sequence"].to_list() == [0, 0]
    assert (wishes.sequence, wishes.text) == ("sequence", ("word",))


def test_what_a_person_says_of_columns_stands() -> None:
    given = pl.DataFrame(
        {"id": [1, 1], "word": ["a", "b"], "place": ["x", "y"], "tag": ["O", "O"], "batch": ["m", "n"]}
    )
    wishes = Wishes(target="tag", sequence="id", categorical=("place",), group="batch")
    table, found = as_steps(given, wishes)
    assert table.equals(given)
    assert (found.text, found.categorical, found.sequence) == (("word",), ("place",), "id")


def test_lists_of_one_length_become_steps_and_empty_ones_vanish() -> None:
    given = pl.DataFrame({"doc": [7, 8, 9], "words": [["a", "b"], [], ["c"]], "size": [[1.0, 2.0], [], [3.0]]})
    table, _ = as_steps(given.with_columns(tags=pl.Series([["O", "O"], [], ["O"]])), Wishes(target=""))
    assert table["sequence"].to_list() == [0, 0, 2]
    assert table["doc"].to_list() == [7, 7, 9]
    assert table["size"].to_list() == [1.0, 2.0, 3.0]


def test_lists_of_other_lengths_are_shown() -> None:
    given = pl.DataFrame({"tokens": [["a"], ["b", "c"]], "tags": [["O"], ["O"]]})
    with pytest.raises(DataError, match=r"different lengths in row 2 \(tokens: 2, tags: 1\)"):
        as_steps(given, Wishes(target=""))
