"""Error-correcting output codes."""

import numpy as np
import pytest

from assay.core.errors import PlanError
from assay.families import _codes as codes
from assay.families.ecoc import OutputCodes
from assay.testing._examples import case
from assay.testing.families import learning


@pytest.mark.parametrize(
    ("k", "kind", "expected"),
    [
        (4, "auto", codes.exhaustive(4)),
        (9, "auto", codes.dense(9, 5)),
        (9, "exhaustive", codes.exhaustive(9)),
        (9, "sparse", codes.sparse(9, 5)),
        (9, "bch", codes.bch(9, 5)),
    ],
)
def test_the_code_is_the_one_that_is_asked_for(k: int, kind: str, expected: np.ndarray) -> None:
    settings = {**OutputCodes.defaults, "code": kind}
    made = OutputCodes().code(k, settings, 5)
    assert np.array_equal(made, expected)
    assert made.shape[1] == OutputCodes().count(k, settings)


def test_a_code_that_does_not_exist() -> None:
    with pytest.raises(PlanError, match=r"code = 'dence' among the settings of ecoc[\s\S]*did you mean 'dense'"):
        OutputCodes().check({"code": "dence"})


def test_an_exhaustive_code_of_many_classes_is_refused() -> None:
    task = case("four classes").task
    many = type(task)(tuple(f"class {number:02}" for number in range(20)), "text")
    assert "20 classes would be 524,287 models" in str(OutputCodes().refusal_of(many, {"code": "exhaustive"}))
    assert OutputCodes().refusal_of(many) is None


@pytest.mark.parametrize("code", ["exhaustive", "dense", "sparse", "bch"])
def test_every_code_learns(code: str) -> None:
    given = learning(OutputCodes, case("four classes"))
    fit = OutputCodes().fit(given, {**OutputCodes.defaults, "code": code})
    assert (fit.predictor.predict(given.valid).argmax(axis=1) == given.valid_y).mean() > 0.6
