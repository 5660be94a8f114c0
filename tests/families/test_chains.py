"""Classifier chains."""

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assay.core.arrays import FloatArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError
from assay.families import _of_binaries as of
from assay.families._base import Learning
from assay.families.boosted import Boosted
from assay.families.chains import Chains, ChainsPredictor, _orders, _out_of_fold
from assay.families.relevance import Relevance
from assay.features._base import Matrix
from assay.tasks.multilabel import Multilabel
from assay.testing._examples import case, labels
from assay.testing.families import learning


def settings(**changed: Any) -> dict[str, Any]:
    return {**Chains.defaults, **changed}


def made(y: FloatArray, x: FloatArray) -> Learning:
    """Numbers x (n, d) and labels y (n, k), the last quarter for validation."""
    n, cut = len(y), len(y) * 3 // 4
    parts = [
        Matrix(x[rows].astype(np.float32), np.zeros((n, 0), np.int32)[rows], None)
        for rows in (np.s_[:cut], np.s_[cut:])
    ]
    task = Multilabel(tuple(f"label {number}" for number in range(y.shape[1])))
    return Learning(task, parts[0], y[:cut], np.ones(cut), parts[1], y[cut:], np.ones(n - cut), seed=3)


def odd_one_out(n: int = 600) -> Learning:
    """Two labels that the numbers tell, and a third that is there when exactly one of them is."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(n, 2))
    first, second = x[:, 0] > 0, x[:, 1] > 0
    return made(np.stack([first | second, first & second, first ^ second], axis=1).astype(float), x)


@pytest.mark.parametrize("earlier", ["true", "out-of-fold"])
def test_a_label_that_earlier_ones_tell_is_learned_from_them(earlier: str) -> None:
    given = odd_one_out()
    asked = settings(order="given", earlier=earlier)
    chained = Chains().fit(given, asked).predictor.predict(given.valid)
    alone = Relevance().fit(given, Relevance.defaults).predictor.predict(given.valid)
    wrong = [float(((outputs[:, 2] > 0.5) != given.valid_y[:, 2]).mean()) for outputs in (chained, alone)]
    assert wrong[0] < 0.25
    assert wrong[1] > 0.4


def test_orders() -> None:
    given = learning(Chains, case("three labels"))
    y = np.stack([np.arange(len(given.y)) % 5 == 0, np.arange(len(given.y)) % 2 == 0, given.y[:, 0] * 0 == 1], axis=1)
    given = replace(given, y=y.astype(float))
    assert _orders(given, settings(order="frequency")).tolist() == [[1, 0, 2]]
    assert _orders(given, settings(order="given", chains=3))[0].tolist() == [0, 1, 2]
    many = _orders(given, settings(order="random", chains=40))
    assert {tuple(order) for order in many.tolist()} > {(0, 1, 2), (2, 1, 0)}
    assert np.array_equal(many, _orders(given, settings(order="random", chains=40)))


def test_an_ensemble_is_the_mean_of_its_chains() -> None:
    given = learning(Chains, case("three labels"))
    predictor = Chains().fit(given, settings(chains=2)).predictor
    assert isinstance(predictor, ChainsPredictor)
    singles = [
        ChainsPredictor(
            of.Parts("linear", predictor.parts.predictors[3 * at : 3 * at + 3]), predictor.orders[at : at + 1]
        )
        for at in range(2)
    ]
    mean = np.mean([single.predict(given.valid) for single in singles], axis=0)
    np.testing.assert_allclose(predictor.predict(given.valid), mean)


def test_out_of_fold_probabilities_know_nothing_of_their_own_row() -> None:
    draw = np.random.default_rng(0)
    y = draw.integers(0, 2, (400, 2)).astype(float)
    given = made(y, draw.normal(size=(400, 5)))
    problem = of.label_problems(given)[0]
    asked = {**Boosted.defaults, "rounds": 60, "min_rows": 2}
    inside = of.fit_one(given, problem, Boosted(), asked).predictor.predict(given.train)[:, 1]
    outside = _out_of_fold(given, problem, Boosted(), asked)
    assert np.corrcoef(inside, problem.y)[0, 1] > 0.7
    assert abs(np.corrcoef(outside, problem.y)[0, 1]) < 0.2


def test_trees_on_true_labels_trust_them_too_much() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(800, 4))
    first = x[:, 0] + draw.normal(size=800) > 0
    given = made(np.stack([first, first], axis=1).astype(float), x)
    inner = {"rate": 0.2, "leaves": 4, "patience": 5}
    losses = []
    for earlier in ("true", "out-of-fold"):
        fit = Chains().fit(given, settings(base="boosted", settings=inner, earlier=earlier, order="given"))
        losses.append(given.task.row_loss(given.valid_y, fit.predictor.predict(given.valid)).mean())
    assert losses[1] < losses[0]


@pytest.mark.parametrize("earlier", ["true", "out-of-fold"])
def test_labels_that_are_not_known_are_filled_and_threads_change_nothing(earlier: str) -> None:
    given = learning(Chains, case("three labels"))
    assert np.isnan(given.y).any()
    asked = settings(chains=2, earlier=earlier)
    one, four = (Chains().fit(replace(given, threads=threads), asked) for threads in (1, 4))
    assert np.array_equal(one.predictor.predict(given.valid), four.predictor.predict(given.valid))
    assert np.isfinite(one.predictor.predict(given.valid)).all()
    again = Chains().fit(given, {**asked, **one.fixed})
    assert np.array_equal(one.predictor.predict(given.valid), again.predictor.predict(given.valid))


def test_many_rows_and_labels_are_left_to_models_that_do_not_wait_for_each_other() -> None:
    given = labels()
    assert Chains().left_out(given.data.schema, given.task, 1_000) is None
    assert "one after the other" in str(Chains().left_out(given.data.schema, given.task, 40_000))


def test_linear_chains_read_true_labels_and_trees_probabilities() -> None:
    given = labels(columns=("number",))
    linear, boosted = ({**Chains.defaults, **found} for found in Chains().variants(given.data.schema, given.task, 500))
    assert (linear["base"], linear["earlier"]) == ("linear", "true")
    assert (boosted["base"], boosted["earlier"]) == ("boosted", "out-of-fold")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"order": "frequent"}, r"order = 'frequent' among the settings of chains[\s\S]*did you mean 'frequency'"),
        ({"earlier": "false"}, r"earlier = 'false' among the settings of chains[\s\S]*one of: true, out-of-fold"),
        ({"chains": 0}, r"chains = 0 among the settings of chains[\s\S]*1 or more"),
        ({"base": "relevance"}, r"base = 'relevance' among the settings of chains"),
    ],
)
def test_settings_that_it_cannot_have(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Chains().check(changed)


@pytest.mark.parametrize(
    "orders", [np.array([[0, 1, 1]]), np.array([[0, 1]]), np.zeros((0, 3), np.int64), np.eye(3, dtype=int)]
)
def test_a_state_whose_orders_are_none(orders: Any) -> None:
    state = Chains().fit(learning(Chains, case("three labels")), settings()).predictor.state()
    with pytest.raises(RunError, match=r"orders \(\d, \d\) for 3 models"):
        ChainsPredictor.from_state({**state, "orders": orders})


def test_a_chain_that_would_end_far_too_late_is_given_up_early() -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(400, 40))
    given = made((x[:, :12] > 0).astype(float), x)
    asked = settings(base="boosted")
    started = time.monotonic()
    with pytest.raises(NotEnoughTime, match=r"12 models take about \d+\.\d s"):
        Chains().fit(replace(given, deadline=Deadline.after(0.05)), asked)
    assert time.monotonic() - started < 2.0
