"""Vocabularies: their order, and how levels of other rows are told in their numbers."""

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.data.schema import Kind
from assay.features._base import every_row
from assay.features._levels import MISSING, UNSEEN, Vocabulary, fit_all
from tests.features.tables import table

COLOURS = table(Kind.CATEGORICAL, x=["red", "blue", "red", None, "green", "green", "amber"])


def test_the_most_frequent_level_comes_first_and_equals_go_by_name():
    known = Vocabulary.fit(COLOURS, "x", every_row(COLOURS))
    assert known.names == ("green", "red", "amber", "blue")
    assert known.counts.tolist() == [2, 2, 1, 1]


def test_only_the_rows_given_are_learned_from():
    known = Vocabulary.fit(COLOURS, "x", np.array([0, 1, 2, 3]))
    assert known.names == ("red", "blue")
    assert known.numbers_of(COLOURS, "x", every_row(COLOURS)).tolist() == [0, 1, 0, MISSING, UNSEEN, UNSEEN, UNSEEN]


@pytest.mark.parametrize("rows", [3, 100], ids=["few rows", "many rows"])
def test_another_table_is_told_in_the_same_numbers(rows):
    known = Vocabulary.fit(COLOURS, "x", every_row(COLOURS))
    other = table(Kind.CATEGORICAL, x=(["never", "red", None] * rows)[:rows])
    assert known.numbers_of(other, "x", every_row(other))[:3].tolist() == [UNSEEN, 1, MISSING]


def test_a_column_of_gaps_has_no_levels():
    gaps = table(Kind.CATEGORICAL, x=[None] * 3)
    (known,) = fit_all(gaps, ["x"], every_row(gaps))
    assert known.names == ()
    assert known.numbers_of(gaps, "x", every_row(gaps)).tolist() == [MISSING] * 3


def test_its_state_reads_back():
    known = Vocabulary.fit(COLOURS, "x", every_row(COLOURS))
    again = Vocabulary.from_state(known.state())
    assert (again.names, again.numbers) == (known.names, known.numbers)
    assert again.counts.tolist() == known.counts.tolist()


@pytest.mark.parametrize(
    ("names", "counts", "says"),
    [(["a"], np.ones(2), "1 levels with counts of shape"), ([1], np.ones(1), "1 levels"), ("ab", np.ones(2), "names")],
)
def test_a_damaged_state_is_refused(names, counts, says):
    with pytest.raises(RunError, match=says):
        Vocabulary.from_state({"names": names, "counts": counts})
