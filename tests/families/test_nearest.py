"""Nearest rows: how they vote, and how many of them."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import make_moons
from sklearn.neighbors import KNeighborsClassifier

import assay
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError
from assay.families._base import Learning
from assay.families.nearest import Nearest, NearestPredictor
from assay.features._base import Matrix
from assay.tasks.binary import Binary
from assay.testing._examples import example


def _matrix(x: np.ndarray) -> Matrix:
    return Matrix(x.astype(np.float32), np.zeros((len(x), 0), np.int32), None)


def _moons(noise: float = 0.25, **given: object) -> Learning:
    x, y = make_moons(600, noise=noise, random_state=0)
    train, valid, ones = _matrix(x[:400]), _matrix(x[400:]), np.ones(600)
    task = Binary(("0", "1"), "text")
    return Learning(task, train, y[:400], ones[:400], valid, y[400:], ones[400:], **given)  # type: ignore[arg-type]


def test_it_votes_as_scikit_learn_does_but_for_the_prior():
    given = _moons()
    predictor = NearestPredictor(given.train.dense, given.y, given.weight, np.zeros(2), 7)
    theirs = KNeighborsClassifier(7, weights=lambda away: 1 / (away + 1e-3)).fit(given.train.dense, given.y)
    assert np.allclose(predictor.predict(given.valid), theirs.predict_proba(given.valid.dense), atol=1e-5)


def test_the_prior_has_the_vote_of_one():
    rows, away = np.zeros((3, 1), np.float32), np.ones((1, 1))
    predictor = NearestPredictor(rows, np.zeros(3, np.int64), np.ones(3), np.array([0.4, 0.6]), 3)
    assert np.allclose(predictor.predict(_matrix(away)), [[(3 + 0.4) / 4, 0.6 / 4]], atol=1e-6)


def test_the_more_noise_the_more_neighbours_are_asked():
    random = np.random.default_rng(0)
    x = random.uniform(size=(1200, 1))
    cells, noise = (x[:, 0] * 100).astype(np.int64) % 2, random.integers(0, 2, 1200)
    given, counts = _moons(), []
    for y in (cells, noise):
        train, valid = _matrix(x[:1000]), _matrix(x[1000:])
        own = replace(given, train=train, y=y[:1000], weight=np.ones(1000), valid=valid, valid_y=y[1000:])
        counts.append(Nearest().fit(own, Nearest.defaults).fixed["neighbours"])
    assert counts == [5, 40]


def test_few_rows_all_vote():
    given = _moons()
    few = replace(given, train=_matrix(given.train.dense[:3]), y=given.y[:3], weight=np.ones(3))
    fitted = Nearest().fit(few, {"neighbours": 0})
    assert fitted.fixed == {"neighbours": 3}
    assert Nearest().fit(few, {"neighbours": 50}).fixed == {"neighbours": 3}


def test_a_model_keeps_the_rows_once():
    x, y = make_moons(200, noise=0.2, random_state=0)
    run = assay.fit(pl.DataFrame(x).with_columns(label=pl.Series(y)), "label", families=["nearest"], time=0, folds=3)
    (member,) = [entry for entry in run.model.members if entry.family == "nearest"]
    ((_, predictor),) = member.parts
    assert len(predictor.rows) == 200


def test_many_rows_are_too_many():
    schema = example().data.schema
    assert "takes too long" in (Nearest().refusal(schema, Binary(("0", "1"), "text"), 1_000_000) or "")
    assert Nearest().refusal(schema, Binary(("0", "1"), "text"), 1_000) is None


def test_without_time_there_is_none():
    with pytest.raises(NotEnoughTime, match="no time to look for neighbours"):
        Nearest().fit(_moons(deadline=Deadline.after(0)), Nearest.defaults)


def test_less_than_none_are_refused():
    with pytest.raises(PlanError, match="neighbours = -1 among the settings of nearest"):
        Nearest().check({"neighbours": -1})


@pytest.mark.parametrize(("key", "forged"), [("y", np.full(400, 2, np.int32)), ("neighbours", 401), ("neighbours", 0)])
def test_forged_states_are_refused(key, forged):
    state = Nearest().fit(_moons(), Nearest.defaults).predictor.state()
    with pytest.raises(RunError, match="a class that there is for each row"):
        NearestPredictor.from_state({**state, key: forged})
