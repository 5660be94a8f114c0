from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError
from assay.core.seeds import derive_seed
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Learning
from assay.families._perceptron import walk
from assay.families.perceptron import Perceptron
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass

TASK = Multiclass.from_target(pl.Series("label", ["a", "b", "c"]))
DEFAULTS = Perceptron.defaults


def made(*, spread: float, n: int = 400, seed: int = 0) -> Learning:
    """Three groups of rows in a plane; with a spread of 0.1 lines part them, with 1 they do not."""
    draw = np.random.default_rng(seed)
    y = draw.integers(0, 3, n)
    x = np.array([[0, 2], [2, -1], [-2, -1]])[y] + spread * draw.normal(size=(n, 2))
    cut = n * 3 // 4
    train, valid = (
        Matrix(x[part].astype(np.float32), np.zeros((n, 0), np.int32)[part], None)
        for part in (np.s_[:cut], np.s_[cut:])
    )
    return Learning(TASK, train, y[:cut], np.ones(cut), valid, y[cut:], np.ones(n - cut), seed=1)


def by_hand(
    x: Float32Array, y: AnyArray, weight: FloatArray, *, epochs: int, seed: int
) -> tuple[FloatArray, FloatArray, int]:
    """The update row by row, in the textbook's words: last weights, their mean after each row, mistakes."""
    wide = np.hstack([x, np.ones((len(x), 1))]).astype(np.float64)
    weights, total, mistakes, visits = np.zeros((wide.shape[1], 3)), 0.0, 0, 0
    for epoch in range(epochs):
        for row in np.random.default_rng(derive_seed(seed, "order", epoch)).permutation(len(x)):
            scores = wide[row] @ weights
            own, scores[y[row]] = scores[y[row]], -np.inf
            if own <= scores.max():
                weights[:, y[row]] += weight[row] * wide[row]
                weights[:, scores.argmax()] -= weight[row] * wide[row]
                mistakes += 1
            total, visits = total + weights, visits + 1
    return weights, total / visits, mistakes


@pytest.mark.parametrize("spread", [0.1, 1.0])
def test_blocks_of_rows_give_what_row_by_row_gives(spread: float) -> None:
    given = made(spread=spread)
    weight = np.random.default_rng(1).integers(1, 4, len(given.y)).astype(float)
    course = walk(given.train.dense, given.y, weight, 3, epochs=5, seed=4, deadline=Deadline())
    last, mean, mistakes = by_hand(given.train.dense, given.y, weight, epochs=course.epochs, seed=4)
    assert course.updates == mistakes
    assert course.last == pytest.approx(last, abs=1e-9)
    assert course.mean == pytest.approx(mean, abs=1e-9)


def test_it_says_that_data_are_separable_and_then_makes_no_mistake() -> None:
    given = made(spread=0.1)
    fitted = Perceptron().fit(given, {**DEFAULTS, "averaged": False})
    assert fitted.notes["stopped"] == "settled"
    assert fitted.notes["data"].startswith(f"separable: no mistake after {fitted.notes['epochs']} epochs and ")
    assert (fitted.predictor.predict(given.train).argmax(axis=1) == given.y).all()


def test_it_says_that_data_are_not_separable_and_how_many_rows_stay_wrong() -> None:
    given = made(spread=1.0)
    fitted = Perceptron().fit(given, {**DEFAULTS, "epochs": 20})
    wrong = int((fitted.predictor.predict(given.train).argmax(axis=1) != given.y).sum())
    assert fitted.notes["data"] == (
        f"not separable: {wrong} of 300 rows still wrong after 20 epochs; the classic update never settles on such data"
    )
    assert 10 < wrong < 100


def test_it_says_when_a_plane_is_there_that_it_has_not_found() -> None:
    draw = np.random.default_rng(0)
    x = np.sort(draw.random(300)).astype(np.float32)[:, None] + 50
    y = (np.arange(300) >= 140).astype(np.int64)
    matrix = Matrix(x, np.zeros((300, 0), np.int32), None)
    given = Learning(TASK, matrix, y, np.ones(300), matrix, y, np.ones(300))
    said = Perceptron().fit(given, {**DEFAULTS, "epochs": 3}).notes["data"]
    assert said.startswith("separable, but not parted yet: ")
    assert said.endswith(" of 300 rows still wrong after 3 epochs; more epochs would part them")


def test_where_a_proof_would_take_long_it_claims_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assay.families.perceptron.is_separable", lambda *_, seconds: None)
    said = Perceptron().fit(made(spread=1.0), {**DEFAULTS, "epochs": 2}).notes["data"]
    assert said.startswith("no separating plane was found: ")
    assert said.endswith("; if there is none, the classic update never settles")


def test_the_mean_of_the_weights_is_better_than_the_last_ones() -> None:
    given = made(spread=1.2, n=2_000)
    losses = []
    for averaged in (True, False):
        outputs = (
            Perceptron().fit(given, {**DEFAULTS, "averaged": averaged, "epochs": 10}).predictor.predict(given.valid)
        )
        losses.append(-np.log(outputs[np.arange(len(given.valid_y)), given.valid_y]).mean())
    assert losses[0] < losses[1]


def test_the_scale_is_the_best_one_for_the_validation_rows() -> None:
    given = made(spread=1.0)
    fitted = Perceptron().fit(given, {**DEFAULTS, "epochs": 10})

    def loss(scale: float) -> float:
        outputs = Perceptron().fit(given, {**DEFAULTS, **fitted.fixed, "scale": scale}).predictor.predict(given.valid)
        return float(-np.log(outputs[np.arange(len(given.valid_y)), given.valid_y]).mean())

    best = loss(fitted.fixed["scale"])
    assert all(best <= loss(fitted.fixed["scale"] * factor) + 1e-9 for factor in (0.2, 0.8, 1.25, 5))


def test_both_rules_come_near_to_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    given = made(spread=1.0, n=1_000)
    peer = LogisticRegression().fit(given.train.dense, given.y).predict_proba(given.valid.dense)
    rows = np.arange(len(given.valid_y))
    wanted = -np.log(peer[rows, given.valid_y]).mean()
    for rule, epochs, slack in (("classic", 10, 0.05), ("logistic", 100, 0.005)):
        outputs = Perceptron().fit(given, {**DEFAULTS, "rule": rule, "epochs": epochs}).predictor.predict(given.valid)
        assert -np.log(outputs[rows, given.valid_y]).mean() < wanted + slack


def test_rows_without_weight_teach_nothing() -> None:
    given = made(spread=0.1)
    wrong = given.y.copy()
    wrong[:20] = (wrong[:20] + 1) % 3
    weight = np.where(np.arange(len(wrong)) < 20, 0.0, 1.0)
    fitted = Perceptron().fit(replace(given, y=wrong, weight=weight), {**DEFAULTS, "averaged": False})
    assert fitted.notes["stopped"] == "settled"


def test_a_pass_that_the_clock_cuts_counts_for_nothing() -> None:
    given = made(spread=1.0)
    for rule in ("classic", "logistic"):
        late = replace(given, deadline=Deadline.after(-1))
        with pytest.raises(NotEnoughTime, match="not enough for one pass"):
            Perceptron().fit(late, {**DEFAULTS, "rule": rule})


@pytest.mark.parametrize("rule", ["classic", "logistic"])
def test_what_it_has_fixed_makes_it_again(rule: str) -> None:
    given = made(spread=1.0)
    fitted = Perceptron().fit(given, {**DEFAULTS, "rule": rule})
    blind = replace(given, valid_y=given.valid_y[::-1].copy())
    again = Perceptron().fit(blind, {**DEFAULTS, "rule": rule, **fitted.fixed})
    assert np.array_equal(again.predictor.predict(given.valid), fitted.predictor.predict(given.valid))
    assert fitted.fixed["scale"] > 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rule": "logistics"}, "(?s)no rule named 'logistics' for the perceptron.*did you mean 'logistic'"),
        ({"epochs": 0}, "(?s)epochs = 0 among the settings of perceptron.*1 or more"),
        ({"scale": -1.0}, "scale = -1.0"),
        ({"scale": float("nan")}, "scale = nan"),
        ({"averaged": "yes"}, "averaged = 'yes'"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Perceptron().check(settings)


def test_it_is_tried_only_if_named() -> None:
    schema = Schema((Column("n", Kind.NUMERIC, Role.FEATURE, "made up"),))
    assert "logistic regression" in str(Perceptron().left_out(schema, TASK, 500))
    assert Perceptron().unfit_for(schema, TASK, 2) is None
    assert Perceptron().unfit_for(Schema(()), TASK, 500) == "there is no feature column that it reads"
