"""Recipes: which encoder gets which columns, what the parts of the matrix hold, and the way through a state."""

import numpy as np
import pytest

from assay.core.errors import PlanError, RunError
from assay.data.schema import Kind
from assay.features._base import Target, every_row
from assay.features._encoding import Encoding, Recipe
from assay.features.raw import Raw
from assay.features.target_mean import TargetMean
from assay.testing.encoders import example, example_target
from tests.features.tables import table

MIXED = Recipe((("raw", {}), ("words", {"min_count": 1}), ("ordinal", {}), ("length", {}), ("onehot", {})))


def test_each_encoder_takes_the_columns_of_its_kinds():
    data = example()
    encoding, matrix = Encoding.fit(MIXED, data, every_row(data), example_target())
    raw = ("numeric", "empty numeric", "boolean", "empty boolean", "datetime", "empty datetime")
    assert encoding.names("dense")[:6] == raw
    assert encoding.names("codes") == ("categorical", "empty categorical")
    assert set(encoding.sources("sparse")) >= {"text", "categorical"}
    assert matrix.dense.shape == (60, len(encoding.names("dense"))) == (60, len(encoding.sources("dense")))
    assert matrix.codes.shape == (60, 2)
    assert matrix.sparse is not None
    assert matrix.sparse.shape == (60, len(encoding.names("sparse")))
    assert matrix.sizes == (6, 1)


def test_columns_may_be_named():
    data = table(Kind.NUMERIC, a=[1, 2], b=[3, 4])
    encoding, matrix = Encoding.fit(
        Recipe((("raw", {"columns": ["b"]}),)), data, every_row(data), Target(np.array([0, 1]), 2)
    )
    assert encoding.names("dense") == ("b",)
    assert matrix.dense.tolist() == [[3], [4]]


def test_an_encoder_without_columns_is_left_out():
    data = table(Kind.NUMERIC, a=[1, 2])
    encoding, matrix = Encoding.fit(MIXED, data, every_row(data), Target(np.array([0, 1]), 2))
    assert [type(encoder) for encoder in encoding.encoders] == [Raw]
    assert (matrix.codes.shape, matrix.sparse, matrix.sizes) == ((2, 0), None, ())


def test_nothing_to_encode_gives_rows_without_features():
    data = table(Kind.NUMERIC, a=[1, 2, 3])
    encoding, matrix = Encoding.fit(Recipe(()), data, np.array([0, 2]), Target(np.array([0, 1, 0]), 2))
    assert (len(matrix), matrix.dense.shape) == (2, (2, 0))
    assert len(encoding.transform(data)) == 3


def test_training_rows_get_what_fit_transform_gives():
    data, y = example(), example_target()
    _, matrix = Encoding.fit(Recipe((("target_mean", {}),)), data, every_row(data), y)
    expected = TargetMean().fit_transform(data, ("categorical", "empty categorical"), every_row(data), y)
    assert matrix.dense.tolist() == expected.tolist()


def test_rows_can_be_chosen():
    data = example()
    encoding, _ = Encoding.fit(MIXED, data, every_row(data), example_target())
    whole, some = encoding.transform(data), encoding.transform(data, np.array([5, 3]))
    np.testing.assert_equal(some.dense, whole.dense[[5, 3]])
    assert some.codes.tolist() == whole.codes[[5, 3]].tolist()
    assert some.sparse.toarray().tolist() == whole.sparse.toarray()[[5, 3]].tolist()


def test_a_state_gives_the_same_matrix():
    data = example()
    encoding, _ = Encoding.fit(MIXED, data, every_row(data), example_target())
    one, two = encoding.transform(data), Encoding.from_state(encoding.state()).transform(data)
    np.testing.assert_equal(two.dense, one.dense)
    assert (two.sparse != one.sparse).nnz == 0
    assert (two.codes.tolist(), two.sizes) == (one.codes.tolist(), one.sizes)


@pytest.mark.parametrize("entry", [{"name": "os.system", "state": {}}, {"name": "../raw", "state": {}}])
def test_a_state_names_encoders_only(entry):
    with pytest.raises(PlanError, match=f"no encoder named '{entry['name']}'"):
        Encoding.from_state({"encoders": [entry]})


@pytest.mark.parametrize("state", [{}, {"encoders": [{"name": "raw"}]}, {"encoders": [{"state": {}}]}])
def test_a_damaged_state_is_refused(state):
    with pytest.raises(RunError, match="a model state in which"):
        Encoding.from_state(state)


def test_equal_recipes_have_equal_keys():
    one = Recipe((("words", {"min_count": 1, "binary": True}),))
    assert one.key == Recipe((("words", {"binary": True, "min_count": 1}),)).key
    assert one.key != Recipe((("words", {"binary": True}),)).key
