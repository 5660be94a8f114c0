"""Several classes by binary models: what is refused, what is fixed, and predictors that are read back."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assay.core.errors import PlanError, RunError
from assay.families import _codes as codes
from assay.families._coded import CodedPredictor, decomposition
from assay.families.ecoc import OutputCodes
from assay.families.ovo import OneVsOne
from assay.families.ovr import OneVsRest
from assay.tasks.multiclass import Multiclass
from assay.testing._examples import case, example
from assay.testing.families import learning

KINDS = (OneVsRest, OneVsOne, OutputCodes)


def classes(k: int) -> Multiclass:
    return Multiclass(tuple(f"class {number}" for number in range(k)), "text")


@pytest.mark.parametrize("kind", KINDS)
def test_two_classes_are_not_decomposed(kind: type[Any]) -> None:
    two = example()
    assert kind().refusal(two.data.schema, two.task, 500) == "there are two classes, so there is nothing to decompose"
    with pytest.raises(
        PlanError, match=r"--decompose \w+ for this target: there are two classes[\s\S]*leave --decompose"
    ):
        decomposition(kind.name, two.task)


def test_more_classes_than_ovo_takes_are_refused_with_the_number_of_models() -> None:
    schema = example(4).data.schema
    reason = OneVsOne().refusal(schema, classes(151), 20_000)
    assert reason == "151 classes would be 11,325 models, and 1,000 are the most"
    with pytest.raises(PlanError, match=r"151 classes would be 11,325 models[\s\S]*or use ovr"):
        decomposition("ovo", classes(151))
    with pytest.raises(PlanError, match=r"ovo cannot serve this data: 151 classes would be 11,325 models"):
        OneVsOne().recipe(schema, classes(151), OneVsOne.defaults)
    assert OneVsOne().refusal(schema, classes(45), 20_000) is None
    assert OneVsRest().refusal(schema, classes(151), 20_000) is None


def test_other_targets_than_classes_are_not_decomposed() -> None:
    for name in ("three labels", "numbers"):
        with pytest.raises(PlanError, match="only classes that exclude each other are decomposed"):
            decomposition("ovr", case(name).task)


def test_a_decomposition_that_does_not_exist() -> None:
    with pytest.raises(PlanError, match=r"no decomposition named 'ovx'[\s\S]*one of: ecoc, ovo, ovr"):
        decomposition("ovx", classes(3))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_left_out_unless_it_is_asked_for(kind: type[Any]) -> None:
    four = example(4)
    assert f"--decompose {kind.name}" in kind().left_out(four.data.schema, four.task, 500)


@pytest.mark.parametrize(
    ("kind", "decoding"), [(kind, decoding) for kind in KINDS for decoding in kind.decodings], ids=lambda it: str(it)
)
def test_every_decoding_learns_and_is_fixed(kind: type[Any], decoding: str) -> None:
    given = learning(kind, case("four classes"))
    asked = {**kind.defaults, "decoding": decoding}
    fit = kind().fit(given, asked)
    outputs = fit.predictor.predict(given.valid)
    assert (outputs.argmax(axis=1) == given.valid_y).mean() > 0.6
    blind = replace(given, valid_y=given.valid_y[::-1].copy())
    again = kind().fit(blind, {**asked, **fit.fixed})
    assert np.array_equal(again.predictor.predict(given.valid), outputs)
    assert ("scale" in fit.fixed) == (decoding in ("votes", "hamming", "loss"))


def test_problems_are_named_for_people() -> None:
    from assay.families._coded import _problems

    given = learning(OneVsOne, case("four classes"))
    assert _problems(given, codes.one_vs_one(4))[0].name == "class 1 against class 0"
    assert _problems(given, codes.one_vs_rest(4))[2].name == "class 2 against 3 classes"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"decoding": "vote"}, r"decoding = 'vote' among the settings of ovo[\s\S]*did you mean 'votes'"),
        ({"decoding": "normalised"}, r"decoding = 'normalised' among the settings of ovo"),
        ({"scale": -1.0}, r"scale = -1.0 among the settings of ovo"),
    ],
)
def test_settings_that_it_cannot_have(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        OneVsOne().check(changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"code": codes.one_vs_one(5)},
        {"code": np.ones((4, 6), np.int8)},
        {"code": 2 * codes.one_vs_one(4)},
        {"rows": np.ones(5)},
        {"decoding": "guess"},
        {"scale": 0.0},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_state_whose_pieces_do_not_fit(changed: dict[str, Any]) -> None:
    state = OneVsOne().fit(learning(OneVsOne, case("four classes")), OneVsOne.defaults).predictor.state()
    with pytest.raises(RunError, match=r"a code \(|decoding = "):
        CodedPredictor.from_state({**state, **changed})
