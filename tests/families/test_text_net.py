"""What nets of texts share: the columns that they read, and vectors of words that they begin with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from assay.core.errors import DataError, PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Family
from assay.families._text_net import VECTORS, TextFamily
from assay.families.bag import Bag
from assay.families.lstm import Lstm
from assay.families.textcnn import Textcnn
from assay.families.transformer import Transformer
from tests.families.text_cases import TASK, learning, matrix, small


def schema(**columns: Kind) -> Schema:
    return Schema(tuple(Column(name, kind, Role.FEATURE, "") for name, kind in columns.items()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text("good 1 2 3 4\nplot -1 -2 -3 -4\nother 0 0 0 0\n<unknown> 9 9 9 9\n")
    return path


def vectors_of(fitted: Any) -> np.ndarray:
    (found,) = (value for name, value in fitted.predictor.state()["weights"].items() if name.endswith(VECTORS))
    return np.asarray(found)


def test_it_says_which_tables_it_cannot_serve() -> None:
    assert Bag().unfit_for(schema(a=Kind.NUMERIC), TASK, 500) == "there is no text column"
    assert Bag().unfit_for(schema(a=Kind.TEXT), TASK, 49) == "a net needs 50 rows or more"
    assert Bag().unfit_for(schema(a=Kind.TEXT), TASK, 50) is None
    assert "linear models" in str(Bag().left_out(schema(a=Kind.TEXT), TASK, 500))


def test_it_reads_words_and_what_stands_beside_them() -> None:
    wide = schema(a=Kind.TEXT, b=Kind.NUMERIC, c=Kind.CATEGORICAL, d=Kind.DATETIME)
    encoders = dict(Bag().recipe(wide, TASK, Bag.defaults).encoders)
    assert list(encoders) == ["tokens", "robust", "onehot", "calendar"]
    assert encoders["tokens"]["pairs"] == Bag.defaults["pairs"]
    assert [name for name, _ in Textcnn().recipe(schema(a=Kind.TEXT), TASK, Textcnn.defaults).encoders] == ["tokens"]


def test_other_columns_come_as_an_input_of_their_own() -> None:
    columns = np.random.default_rng(0).random((2, 3)).astype(np.float32)
    given = matrix([[3], [4, 5]], columns=columns)
    ids, other = Bag().inputs(given, {})
    assert ids.tolist() == [[3, 0], [4, 5]] and ids.dtype == torch.int64
    np.testing.assert_array_equal(other.numpy(), columns)
    assert len(Bag().inputs(matrix([[3]]), {})) == 1
    assert given.as_dense().shape == (2, 3)
    assert Bag().facts(Bag.defaults, given)["columns"] == 3


def test_a_table_without_texts_is_refused() -> None:
    with pytest.raises(PlanError, match=r"(?s)a table without texts.*--text"):
        Bag().inputs(replace(matrix([[3]]), tokens=None), {})


@pytest.mark.parametrize(("kind", "setting"), [(Bag, "width"), (Textcnn, "vector"), (Lstm, "vector")])
def test_a_net_is_as_wide_as_the_vectors_of_its_file(kind: type[TextFamily], setting: str, file: Path) -> None:
    assert kind().facts({**kind.defaults, "vectors": str(file)}, matrix([[3]]))[setting] == 4
    assert kind().facts(kind.defaults, matrix([[3]]))[setting] == kind.defaults[setting]


@pytest.mark.parametrize("kind", [Bag, Textcnn, Transformer])
def test_vectors_of_a_file_are_held_still_and_then_released(kind: type[Family], file: Path) -> None:
    given = learning()
    still = kind().fit(given, small(kind, vectors=str(file), vectors_frozen=5, epochs=2, **_heads(kind)))
    begun = vectors_of(still)
    np.testing.assert_array_equal(begun[3], [1, 2, 3, 4])
    np.testing.assert_array_equal(begun[6], [-1, -2, -3, -4])
    assert not begun[0].any() and (begun[1] != 9).all() and begun[[1, 2, 4, 5]].any(axis=1).all()
    assert still.notes["vectors"] == f"2 of 4 words found in {file} (50%)"
    settings = small(kind, vectors=str(file), vectors_frozen=1, epochs=3, best=3, **_heads(kind))
    assert (vectors_of(kind().fit(given, settings))[3:] != begun[3:]).any(axis=1).all()


def _heads(kind: type[Family]) -> dict[str, Any]:
    return {"heads": 2} if "heads" in kind.defaults else {}


def test_the_same_fit_comes_again_and_its_model_does_not_need_the_file(file: Path) -> None:
    given, settings = learning(), small(Bag, vectors=str(file), vectors_frozen=2)
    fitted = Bag().fit(given, settings)
    again = Bag().fit(given, {**settings, **fitted.fixed})
    np.testing.assert_array_equal(vectors_of(fitted), vectors_of(again))
    before = fitted.predictor.predict(given.valid)
    file.unlink()
    read = Bag.predictor.from_state(fitted.predictor.state())
    np.testing.assert_array_equal(read.predict(given.valid), before)


def test_a_file_that_has_none_of_the_words_leaves_first_vectors_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("zebra 1 2 3 4\n")
    fitted = Bag().fit(learning(), small(Bag, vectors=str(tmp_path / "v.txt"), vectors_frozen=9, epochs=1))
    assert fitted.notes["vectors"].startswith("0 of 4 words found")
    assert np.abs(vectors_of(fitted)).max() <= 1 / 4


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"vectors": "nowhere.txt"}, "vectors = 'nowhere.txt', which is not there"),
        ({"vectors_frozen": 2}, "vectors_frozen = 2 among the settings of bag(?s:.*)0 where vectors names no file"),
        ({"vectors_frozen": -1}, "vectors_frozen = -1"),
        ({"min_df": 0}, "min_df = 0(?s:.*)a whole number from 1"),
        ({"longest": 0}, "longest = 0"),
        ({"vectors": 3}, "vectors = 3"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_is_fitted(settings: dict[str, Any], found: str) -> None:
    with pytest.raises(PlanError, match=found):
        Bag().check(settings)


def test_a_file_is_looked_at_before_anything_is_fitted(file: Path) -> None:
    Bag().check({"vectors": str(file), "vectors_frozen": 2})
    with pytest.raises(PlanError, match="0 where freeze names what is frozen"):
        Bag().check({"vectors": str(file), "vectors_frozen": 2, "freeze": "head.*"})
    file.write_text("text,label\n")
    with pytest.raises(DataError, match="line 1 of "):
        Bag().check({"vectors": str(file)})


@pytest.mark.parametrize("kind", [Bag, Textcnn])
def test_texts_of_unknown_words_or_none_are_predicted(kind: type[Family]) -> None:
    predictor = kind().fit(learning(), small(kind, epochs=1)).predictor
    outputs = predictor.predict(matrix([[], [1], [1, 1, 1, 1, 1, 1, 1]]))
    assert np.isfinite(outputs).all() and np.allclose(outputs.sum(1), 1)


@pytest.mark.parametrize("kind", [Bag, Textcnn])
def test_where_no_word_is_frequent_enough_that_is_told(kind: type[Family]) -> None:
    given = learning(words=("", "<unknown>", "<next column>"))
    fitted = kind().fit(given, small(kind, epochs=1))
    assert (
        fitted.notes["words"]
        == f"none: no word stands in {kind.defaults['min_df']} rows (min_df), so all are read as one"
    )
    assert np.isfinite(fitted.predictor.predict(given.valid)).all()
