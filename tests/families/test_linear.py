import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.data.schema import Kind
from assay.families.linear import Linear
from tests.families.linear_cases import learning, matrix, rows, schema, task

FAMILY = Linear()


def encoders(found_schema, **settings):
    recipe = FAMILY.recipe(found_schema, task(2), {**FAMILY.defaults, **settings})
    return [name for name, _ in recipe.encoders]


def test_recipe_holds_only_what_the_columns_need():
    assert encoders(schema(Kind.TEXT)) == ["words", "chars"]
    assert encoders(schema(Kind.BOOLEAN)) == ["robust"]
    every = schema(Kind.NUMERIC, Kind.CATEGORICAL, Kind.DATETIME, Kind.TEXT)
    assert encoders(every, numeric="quantile", text=["words"]) == ["quantile", "onehot", "calendar", "words"]


def test_it_needs_a_feature():
    assert FAMILY.unfit_for(schema(Kind.NUMERIC), task(2), 100) is None
    assert FAMILY.unfit_for(schema(), task(2), 100) == "there is no feature column"


def test_variants_suit_the_columns():
    assert FAMILY.variants(schema(Kind.CATEGORICAL), task(2), 100) == ({},)
    assert FAMILY.variants(schema(Kind.NUMERIC, Kind.TEXT), task(2), 100) == (
        {},
        {"numeric": "quantile"},
        {"text": ("words",)},
    )


@pytest.mark.parametrize("k", [2, 4])
def test_it_learns(k):
    X, y = rows(n=800, k=k)
    asked = learning(matrix(dense=X[:400]), y[:400], k, valid=matrix(dense=X[400:]), valid_y=y[400:])
    outputs = FAMILY.fit(asked, FAMILY.defaults).predictor.predict(asked.valid)
    assert (outputs.argmax(axis=1) == asked.valid_y).mean() > 1.2 * np.bincount(asked.valid_y).max() / 400


def test_splines_take_the_place_of_scaled_numbers():
    every = schema(Kind.NUMERIC, Kind.CATEGORICAL)
    recipe = FAMILY.recipe(every, task(2), {**FAMILY.defaults, "splines": "natural", "knots": 9})
    assert recipe.encoders[0] == ("splines", {"basis": "natural", "knots": 9, "degree": 3})
    assert [name for name, _ in recipe.encoders] == ["splines", "onehot"]


def test_splines_that_there_are_not_are_refused():
    with pytest.raises(PlanError, match=r"no basis 'naturl' for splines(.|\n)*natural"):
        FAMILY.check({"splines": "naturl"})
    with pytest.raises(PlanError, match="splines with 1 knots of degree 3"):
        FAMILY.check({"splines": "bins", "knots": 1})
    FAMILY.check({"knots": 1})
