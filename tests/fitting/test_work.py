"""Rows and folds of a fit, and encodings shared between candidates."""

import numpy as np
import polars as pl
import pytest

from assay.core.errors import DataError
from assay.features._encoding import Recipe
from assay.fitting._work import Encodings
from tests.fitting.conftest import made_table, made_work


def _with_lone_class() -> pl.DataFrame:
    lone = made_table(rows=1).with_columns(kind=pl.lit("class 9"))
    return pl.concat([made_table(rows=60), lone])


def test_a_class_of_one_row_is_refused() -> None:
    with pytest.raises(DataError, match=r"a class with one row in the target column 'kind': 'class 9'[\s\S]*keep"):
        made_work(_with_lone_class())


def test_or_kept_to_learn_from_in_every_fold_and_never_scored() -> None:
    work = made_work(_with_lone_class(), folds=3, rare_classes="keep")
    assert all(60 in fold.train for fold in work.folds)
    assert 60 not in work.scored


def test_or_dropped() -> None:
    work = made_work(_with_lone_class(), folds=3, rare_classes="drop")
    assert not any(60 in fold.train for fold in work.folds)
    assert 60 not in work.scored


def test_matrices_that_found_no_room_are_made_again_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    work = made_work(made_table(), folds=3)
    recipe = Recipe((("robust", {}), ("onehot", {})))
    roomy = Encodings(work)
    first = [roomy.of(recipe, number)[0].dense for number in range(3)]
    monkeypatch.setattr("assay.fitting._work._CACHE_BYTES", 1)
    tight = Encodings(work)
    for number in (0, 1, 2, 0, 1, 2):
        assert np.array_equal(tight.of(recipe, number)[0].dense, first[number])
