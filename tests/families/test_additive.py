"""Additive models: exactly a sum of shapes, of the right form, against known truths and simpler models."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families.additive import AdditivePredictor
from assay.tasks._base import Asked
from tests.families.additive_cases import FAMILY, fitted, learning, matrix, odds

N = 3_000


def columns(seed=0, n=N):
    draw = np.random.default_rng(seed)
    return draw.uniform(-3, 3, n), draw.normal(size=n), draw.integers(1, 5, n)


def schema(*kinds: Kind) -> Schema:
    return Schema(tuple(Column(f"{kind}{n}", kind, Role.FEATURE, "said so") for n, kind in enumerate(kinds)))


@pytest.fixture(scope="module")
def curved():
    """Two classes: a sine, a line, and an effect of the third level."""
    x, z, code = columns()
    gappy = np.where(np.arange(N) % 17 == 0, np.nan, z)
    truth = 2 * np.sin(2 * x) + z + 1.5 * (code == 3)
    return *fitted(matrix(x, gappy, codes=[code]), odds(truth)), truth


def test_the_prediction_is_an_intercept_and_the_sum_of_its_shapes(curved):
    asked, found, _ = curved
    model = found.predictor
    cells = model.grid.located(asked.valid)
    scores = model.intercept + sum(shape.added(cells) for shape in model.shapes)
    assert np.abs(scores).max() < 12  # nearer to certainty, outputs have a floor
    np.testing.assert_allclose(model.predict(asked.valid)[:, 1], 1 / (1 + np.exp(-scores[:, 0])), rtol=0, atol=1e-12)


def test_each_shape_adds_nothing_on_average(curved):
    asked, found, _ = curved
    cells = found.predictor.grid.located(asked.train)
    for shape in found.predictor.shapes:
        np.testing.assert_allclose(shape.added(cells).mean(axis=0), 0, atol=1e-9)


def test_shapes_are_those_that_made_the_classes(curved):
    asked, found, _ = curved
    sine, line, effect = (shape for shape in found.predictor.shapes if len(shape.columns) == 1)
    x = asked.valid.dense[:, 0]
    cells = found.predictor.grid.located(asked.valid)
    assert np.corrcoef(sine.added(cells)[:, 0], np.sin(2 * x))[0, 1] > 0.97
    assert np.diff(line.table[:-1, 0]).min() > -0.05
    assert effect.table[3, 0] - effect.table[[1, 2, 4], 0].mean() == pytest.approx(1.5, abs=0.4)


def test_it_is_nearer_to_the_truth_than_a_linear_model(curved):
    asked, found, truth = curved
    held = np.arange(N) % 4 == 0
    design = np.nan_to_num(np.column_stack([asked.train.dense, np.eye(5)[asked.train.codes[:, 0]]]))
    valid = np.nan_to_num(np.column_stack([asked.valid.dense, np.eye(5)[asked.valid.codes[:, 0]]]))
    linear = LogisticRegression().fit(design, asked.y).predict_proba(valid)
    best = log_loss(asked.valid_y, 1 / (1 + np.exp(-truth[held])))
    ours, theirs = (log_loss(asked.valid_y, outputs) for outputs in (found.predictor.predict(asked.valid), linear))
    assert ours < best + 0.25 * (theirs - best)


def test_a_pair_is_found_kept_and_freed_of_what_each_column_tells():
    x, z, _ = columns(1)
    asked, found = fitted(matrix(x, z, columns(2)[0]), odds(2.5 * np.sign(x * z)))
    assert [0, 1] in found.fixed["pairs"]
    pair = next(shape for shape in found.predictor.shapes if shape.columns == (0, 1))
    assert pair.importance == max(shape.importance for shape in found.predictor.shapes)
    np.testing.assert_allclose(np.einsum("ab,abc->ac", pair.mass, pair.table), 0, atol=1e-4)
    alone = FAMILY.fit(asked, {**FAMILY.defaults, "interactions": 0})
    losses = [log_loss(asked.valid_y, one.predictor.predict(asked.valid)) for one in (found, alone)]
    assert losses[0] < 0.7 * losses[1]


def test_pairs_that_tell_nothing_are_dropped():
    x, z, _ = columns(3)
    _, found = fitted(matrix(x, z), odds(x + z))
    assert sum(shape.importance for shape in found.predictor.shapes if len(shape.columns) == 2) < 0.2


def test_three_classes_are_told_by_a_score_each():
    x, z, _ = columns(4)
    asked, found = fitted(matrix(x, z), np.digitize(x**2 + 0.5 * z, [1.0, 4.0]))
    assert found.predictor.intercept.shape == (3,)
    assert (found.predictor.predict(asked.valid).argmax(axis=1) == asked.valid_y).mean() > 0.85


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "log_cosh", "quantile"])
def test_numbers_are_learned_by_each_loss(loss):
    x, z, code = columns(5, 1_500)
    y = 50 + 10 * np.sin(x) + 4 * z + 3 * (code == 2) + np.random.default_rng(0).normal(size=len(x))
    asked, found = fitted(matrix(x, z, codes=[code]), y, asked=Asked(loss=loss))
    assert np.abs(found.predictor.predict(asked.valid)[:, 0] - asked.valid_y).mean() < 1.1


def test_ends_of_an_interval_are_quantiles_that_follow_the_spread():
    x, _, _ = columns(6)
    y = 5 + (0.5 + 0.5 * np.abs(x)) * np.random.default_rng(1).normal(size=N)
    asked, found = fitted(matrix(x), y, asked=Asked(interval=0.8))
    _, low, high = found.predictor.predict(asked.valid).T
    assert 0.72 < ((low < asked.valid_y) & (asked.valid_y < high)).mean() < 0.88
    narrow = np.abs(asked.valid.dense[:, 0]) < 1
    assert (high - low)[~narrow].mean() > 1.4 * (high - low)[narrow].mean()


def test_a_missing_value_has_an_effect_of_its_own():
    x, _, _ = columns(7)
    gone = np.random.default_rng(2).random(N) < 0.2
    _, found = fitted(matrix(np.where(gone, np.nan, x)), odds(0.2 * x - 3 * gone))
    (shape,) = found.predictor.shapes
    assert shape.table[-1, 0] < shape.table[:-1, 0].min() - 0.5


def test_what_was_fixed_survives_json_and_gives_the_same_tables(curved):
    asked, found, _ = curved
    blind = replace(asked, valid_y=1 - asked.valid_y)
    again = FAMILY.fit(blind, {**FAMILY.defaults, **json.loads(json.dumps(dict(found.fixed)))})
    assert np.array_equal(again.predictor.predict(asked.valid), found.predictor.predict(asked.valid))


def test_without_time_for_one_round_it_says_so():
    x, z, _ = columns(8)
    asked = replace(learning(matrix(x, z), odds(x)), deadline=Deadline.after(0.0))
    with pytest.raises(NotEnoughTime, match="first round"):
        FAMILY.fit(asked, FAMILY.defaults)


def test_it_reads_what_a_person_can_read():
    every = schema(*Kind)
    wanted = FAMILY.recipe(every, learning(matrix(*columns(0, 40)[:2]), np.arange(40) % 2).task, FAMILY.defaults)
    assert [name for name, _ in wanted.encoders] == ["raw", "calendar", "length", "ordinal"]


def test_columns_that_are_too_many_are_refused():
    task = learning(matrix(*columns(0, 40)[:2]), np.arange(40) % 2).task
    assert FAMILY.unfit_for(schema(Kind.NUMERIC), task, 100) is None
    assert FAMILY.unfit_for(schema(), task, 100) == "there is no feature column that it reads"
    assert "751" not in (FAMILY.unfit_for(schema(*[Kind.NUMERIC] * 751), task, 100) or "751")


@pytest.mark.parametrize(
    "settings",
    [
        {"knots": 3},
        {"interactions": -1},
        {"rounds": [3]},
        {"pairs": [[0, 1]]},
        {"rounds": [1, 2, 3]},
        {"steps": [1, 2]},
        {"crossed": [[0, 1]]},
    ],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(PlanError, match="in an additive candidate"):
        FAMILY.check(settings)
    FAMILY.check({"knots": 10, "rounds": [3, 2], "pairs": [[0, 1]]})


def test_a_state_whose_parts_do_not_fit_is_refused(curved):
    state = curved[1].predictor.state()
    with pytest.raises(RunError, match="2 intercepts for 2 outputs"):
        AdditivePredictor.from_state({**state, "intercept": np.zeros(2), "shapes": []})
    with pytest.raises(RunError, match="a table"):
        AdditivePredictor.from_state({**state, "sizes": [9]})
