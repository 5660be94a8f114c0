"""One-vs-rest."""

import numpy as np

from assay.families._base import Learning
from assay.families._of_binaries import TWO_SIDES
from assay.families.linear import Linear
from assay.families.ovr import OneVsRest
from assay.testing._examples import case
from assay.testing.families import learning


def test_each_class_has_the_model_that_it_would_have_alone() -> None:
    given: Learning = learning(OneVsRest, case("four classes"))
    asked = {**OneVsRest.defaults, "decoding": "normalised"}
    found = OneVsRest().fit(given, asked).predictor.predict(given.valid)
    alone = []
    for label in range(4):
        two = {"task": TWO_SIDES, "y": (given.y == label).astype(int), "valid_y": (given.valid_y == label).astype(int)}
        alone.append(
            Linear().fit(Learning(**{**vars(given), **two}), Linear.defaults).predictor.predict(given.valid)[:, 1]
        )
    together = np.stack(alone, axis=1)
    np.testing.assert_allclose(found, together / together.sum(axis=1, keepdims=True), atol=1e-5)


def test_it_fits_a_model_for_each_class() -> None:
    given = learning(OneVsRest, case("four classes"))
    fit = OneVsRest().fit(given, OneVsRest.defaults)
    assert fit.notes == {"models": 4, "base": "linear"}
    assert len(fit.fixed["parts"]) == OneVsRest().count(4, OneVsRest.defaults) == 4


def test_by_loss_it_is_the_softmax_of_scaled_log_odds() -> None:
    given = learning(OneVsRest, case("four classes"))
    fit = OneVsRest().fit(given, OneVsRest.defaults)
    answers = fit.predictor.parts.outputs(given.valid)
    odds = fit.fixed["scale"] * np.log(answers / (1 - answers))
    expected = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fit.predictor.predict(given.valid), expected, atol=1e-5)
