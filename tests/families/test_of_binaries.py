"""What all families made of binary models share: problems, parts, time, threads, and states that are not trusted."""

import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError
from assay.families import _of_binaries as of
from assay.families._base import Learning
from assay.families.boosted import Boosted
from assay.families.linear import Linear
from assay.families.ovo import OneVsOne
from assay.families.ovr import OneVsRest
from assay.families.prior import PriorPredictor
from assay.families.relevance import Relevance
from assay.testing._examples import case, example
from assay.testing.families import learning

QUICK = {"rate": 0.2, "patience": 5, "leaves": 4, "min_rows": 2}


def given(kind: type[of.OfBinaries] = OneVsRest, k: int = 4, rows: int = 160) -> Learning:
    return learning(kind, example(k, rows=rows, columns=("number", "category")))


def settings(kind: type[of.OfBinaries] = OneVsRest, **changed: Any) -> dict[str, Any]:
    return {**kind.defaults, **changed}


def problem(y: list[float]) -> of.Problem:
    return of.Problem("this against that", np.array(y), np.array([0.0, 1.0]))


def test_rows_without_a_side_are_left_out_with_their_weights() -> None:
    full = given()
    sides = np.where(np.arange(len(full.y)) % 3 == 0, np.nan, full.y % 2)
    one = of.Problem("odd against even", sides, (full.valid_y % 2).astype(float))
    weighted = replace(full, weight=np.arange(len(full.y)) + 1.0)
    two = of.two_sided(weighted, one)
    kept = np.isfinite(sides)
    assert two.task.labels == ("rest", "label")
    assert two.y.tolist() == sides[kept].tolist()
    assert two.weight.tolist() == weighted.weight[kept].tolist()
    assert np.array_equal(two.train.dense, full.train.dense[kept])
    assert two.train is not full.train
    assert two.valid is full.valid


def test_without_a_validation_row_the_training_rows_take_their_place() -> None:
    full = given()
    nobody = of.Problem("a", (full.y == 1).astype(float), np.full(len(full.valid_y), np.nan))
    two = of.two_sided(full, nobody)
    assert np.array_equal(two.valid_y, two.y)


@pytest.mark.parametrize("weightless", [False, True])
def test_a_problem_of_one_side_has_its_prior(weightless: bool) -> None:
    full = given()
    y = (full.y == 1).astype(float)
    weight = np.where(y == 1, 0.0, 1.0) if weightless else full.weight
    one = of.Problem("a", y if weightless else np.zeros(len(y)), np.zeros(len(full.valid_y)))
    fit = of.fit_one(replace(full, weight=weight), one, Linear(), Linear.defaults)
    assert isinstance(fit.predictor, PriorPredictor)
    assert fit.predictor.predict(full.valid)[0, 1] == pytest.approx(1 / (weight.sum() + 2))


@pytest.mark.parametrize(("base", "inner"), [("linear", {}), ("boosted", QUICK), ("perceptron", {"epochs": 10})])
def test_any_number_of_threads_gives_the_same_model(base: str, inner: dict[str, Any]) -> None:
    asked, full = settings(OneVsOne, base=base, settings=inner), given(OneVsOne)
    one, four = (OneVsOne().fit(replace(full, threads=threads), asked) for threads in (1, 4))
    assert np.array_equal(one.predictor.predict(full.valid), four.predictor.predict(full.valid))
    assert one.fixed == four.fixed


def test_problems_of_a_base_that_is_safe_in_threads_run_side_by_side() -> None:
    all_at_once = threading.Barrier(8, timeout=20)

    def work(number: int, own: Learning) -> tuple[int, int]:
        all_at_once.wait()
        return number, own.threads

    found = of.side_by_side(work, 8, replace(given(), threads=8), Linear())
    assert found == [(number, 1) for number in range(8)]


def test_problems_of_another_base_take_turns_with_all_threads() -> None:
    mlp = of.family_named("mlp")()
    assert not mlp.threadsafe
    busy: list[int] = []

    def work(number: int, own: Learning) -> int:
        busy.append(number)
        assert len(busy) == 1
        busy.remove(number)
        return own.threads

    assert of.side_by_side(work, 3, replace(given(), threads=8), mlp) == [8, 8, 8]


def test_time_is_shared_among_the_problems_that_are_left() -> None:
    full = replace(given(), deadline=Deadline.after(100.0))
    shares = of.side_by_side(lambda _, own: own.deadline.remaining / full.deadline.remaining, 4, full, Linear())
    assert shares == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1], abs=0.02)


def test_fits_that_the_clock_cuts_end_soon_and_can_be_made_again() -> None:
    Boosted().load()
    full, asked = given(k=3, rows=1_200), settings(base="boosted")
    started = time.monotonic()
    fit = OneVsRest().fit(replace(full, deadline=Deadline.after(0.3)), asked)
    assert time.monotonic() - started < 2.0
    again = OneVsRest().fit(full, {**asked, **fit.fixed})
    assert np.array_equal(fit.predictor.predict(full.valid), again.predictor.predict(full.valid))


def test_more_models_than_the_time_allows_are_given_up_early() -> None:
    begun: list[int] = []

    def work(number: int, own: Learning) -> None:
        begun.append(number)
        time.sleep(0.02)

    with pytest.raises(NotEnoughTime, match=r"100 models take about \d+\.\d s"):
        of.side_by_side(work, 100, replace(given(), deadline=Deadline.after(0.5)), Linear())
    assert len(begun) < 10


def test_each_base_reads_what_it_would_for_two_classes() -> None:
    made = case("four classes")
    recipe = OneVsRest().recipe(made.data.schema, made.task, settings(base="boosted"))
    assert recipe.key == Boosted().recipe(made.data.schema, made.task, Boosted.defaults).key


def test_variants_name_the_bases_that_can_serve() -> None:
    text = example(4, columns=("text",))
    assert [found["base"] for found in OneVsRest().variants(text.data.schema, text.task, 500)] == ["linear", "boosted"]
    assert [found["base"] for found in OneVsRest().variants(text.data.schema, text.task, 15)] == ["linear"]
    first = Boosted().variants(text.data.schema, text.task, 500)[0]
    assert OneVsRest().variants(text.data.schema, text.task, 500)[1]["settings"] == first


def test_columns_that_no_base_reads() -> None:
    pictures = example(4, columns=("picture",))
    reason = OneVsRest().refusal(pictures.data.schema, pictures.task, 500)
    assert reason == "none of the families that it is made of (linear, boosted) can serve such data"


def test_fits_of_one_base_are_kin_and_as_hungry_as_it() -> None:
    assert OneVsRest().kin(settings(base="boosted")) != OneVsRest().kin(settings(base="linear"))
    assert OneVsRest().hunger(settings(base="boosted")) == Boosted.appetite


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base": "bosted"}, r"no family named 'bosted'[\s\S]*did you mean 'boosted'"),
        ({"base": "ovo"}, r"base = 'ovo' among the settings of ovr[\s\S]*learns two classes itself"),
        ({"base": "prior"}, r"base = 'prior' among the settings of ovr"),
        ({"settings": {"leafs": 3}}, r"a setting 'leafs' for linear, the base of ovr[\s\S]*settings of linear: "),
        ({"base": "boosted", "settings": {"leaves": "many"}}, r"leaves = 'many' among the settings of boosted"),
        ({"parts": [{"path": 3}]}, r"path = 3 among the settings of linear"),
    ],
)
def test_settings_that_it_cannot_have(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        OneVsRest().check(changed)


def test_settings_that_it_can_have() -> None:
    OneVsRest().check({"base": "boosted", "settings": {"leaves": 9}, "parts": [{"rate": 0.1, "rounds": 3}]})


@pytest.mark.parametrize("base", ["ovr", "chains", "prior", "nothing", "../linear"])
def test_a_state_that_names_a_base_which_is_none(base: str) -> None:
    state = OneVsRest().fit(given(), settings()).predictor.state()
    with pytest.raises(RunError, match=r"parts of the family .*[\s\S]*learns two classes itself"):
        OneVsRest.predictor.from_state({**state, "base": base})


def test_parts_that_are_no_states() -> None:
    state = Relevance().fit(learning(Relevance, case("three labels")), Relevance.defaults).predictor.state()
    with pytest.raises(RunError, match="a part that is no state"):
        of.Parts.from_state({**state, "parts": ["linear"]})
    with pytest.raises(RunError, match="'is_prior' is int"):
        of.Parts.from_state({**state, "parts": [{**state["parts"][0], "is_prior": 1}]})
