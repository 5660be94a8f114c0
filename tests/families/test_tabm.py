import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from scipy.sparse import csr_array

from assay.core.clock import Deadline
from assay.core.errors import PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Learning
from assay.families._links import Softmax
from assay.families._net_family import NetPredictor
from assay.families._nets import _loss
from assay.families.mlp import Mlp
from assay.families.tabm import TabM, _steps_left
from assay.features._base import Matrix
from assay.nn.losses._members import OfMembers
from assay.tasks.multiclass import Multiclass

TASK = Multiclass.from_target(pl.Series("label", ["a", "b", "c"]))
QUICK = {**TabM.defaults, **TabM.small, "epochs": 20}


def made(n: int = 400) -> Learning:
    """Three classes in two numbers and a one-hot column, not to be told apart by a straight line."""
    draw = np.random.default_rng(0)
    dense = draw.normal(size=(n, 2)).astype(np.float32)
    y = (np.hypot(*dense.T) > 1.2).astype(np.int64) + (dense[:, 0] > 1.5)
    hot = csr_array((draw.random((n, 3)) < 0.3).astype(np.float32))
    cut = n * 3 // 4
    train, valid = (
        Matrix(dense[part], np.zeros((n, 0), np.int32)[part], hot[part]) for part in (np.s_[:cut], np.s_[cut:])
    )
    return Learning(TASK, train, y[:cut], np.ones(cut), valid, y[cut:], np.ones(n - cut), seed=1)


def schema(kind: Kind, columns: int) -> Schema:
    return Schema(tuple(Column(f"c{number}", kind, Role.FEATURE, "made up") for number in range(columns)))


@pytest.mark.parametrize("embedding", [0, 4])
def test_what_lines_cannot_tell_apart_is_learned(embedding: int) -> None:
    given = made()
    fitted = TabM().fit(given, {**QUICK, "embedding": embedding})
    assert (fitted.predictor.predict(given.valid).argmax(axis=1) == given.valid_y).mean() > 0.8


def test_it_predicts_the_mean_of_its_members_probabilities() -> None:
    given = made()
    predictor = TabM().fit(given, {**QUICK, "epochs": 4}).predictor
    assert isinstance(predictor, NetPredictor)
    (x,) = TabM().inputs(given.valid, predictor.facts)
    with torch.no_grad():
        scores = predictor.net.train()(x).view(len(x), 4, 3)  # its dropout would be on
    for module in predictor.net.modules():
        module.training = module is predictor.net
    with torch.no_grad():
        scores = predictor.net(x).view(len(x), 4, 3)
    predictor.net.eval()
    wanted = scores.softmax(2).mean(1).numpy()
    assert predictor.predict(given.valid) == pytest.approx(wanted, abs=1e-5)
    assert float(scores.softmax(2).std(1).mean()) > 1e-3


def test_each_member_is_trained_by_its_own_loss() -> None:
    given = made()
    net = TabM().net({**TabM().facts(QUICK, given.train), "outputs": 3})
    found = _loss(net, given, Softmax(), {**QUICK, "loss": "focal", "loss_options": {"gamma": 1.0}})
    assert isinstance(found, OfMembers)
    assert found.members == 4
    assert found.loss.name == "focal"
    assert not isinstance(_loss(torch.nn.Linear(2, 3), given, Softmax(), QUICK), OfMembers)


def test_bins_come_from_the_training_rows() -> None:
    given = made()
    weights = TabM().fit(given, {**QUICK, "epochs": 1}).predictor.state()["weights"]
    assert np.allclose(weights["embed.start"][:, 0], given.train.dense.min(axis=0))


@pytest.mark.parametrize(("left", "members", "batch"), [(10.0, 2, 64), (1e9, 4, 32)])
def test_where_the_clock_leaves_few_steps_it_takes_fewer_members_and_larger_batches(
    left: float, members: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assay.families.tabm._steps_left", lambda *_: left)
    given = made()
    fitted = TabM().fit(given, {**QUICK, "epochs": 2})
    assert (fitted.fixed["members"], fitted.fixed["batch"]) == (members, batch)
    again = TabM().fit(given, {**QUICK, "epochs": 2, **fitted.fixed})
    assert np.array_equal(again.predictor.predict(given.valid), fitted.predictor.predict(given.valid))


def test_how_many_steps_are_left_goes_by_the_clock() -> None:
    given = made()
    assert _steps_left(TabM(), given, QUICK) == math.inf
    assert _steps_left(TabM(), replace(given, deadline=Deadline.after(0)), QUICK) == 0
    some = _steps_left(TabM(), replace(given, deadline=Deadline.after(10)), QUICK)
    assert 10 < some < 10 / 1e-3
    assert _steps_left(TabM(), replace(given, deadline=Deadline.after(10)), {**QUICK, "batch": "probe"}) == math.inf


def test_why_it_is_tried_only_when_named() -> None:
    assert "on so few rows" in str(TabM().left_out(schema(Kind.NUMERIC, 3), TASK, 1_999))
    assert "the time of two" in str(TabM().left_out(schema(Kind.NUMERIC, 3), TASK, 2_000))


def test_first_variants_go_by_rows_and_columns() -> None:
    few, many, wide, huge = (
        {**TabM.defaults, **TabM().variants(schema(Kind.NUMERIC, columns), TASK, rows)[0]}
        for columns, rows in ((10, 500), (10, 30_000), (60, 30_000), (400, 30_000))
    )
    assert few["embedding"] == 0
    assert few["epochs"] > many["epochs"]
    assert few["batch"] < many["batch"]
    assert many["embedding"] > wide["embedding"] > huge["embedding"] == 0


def test_every_variant_can_be_had() -> None:
    for rows in (500, 3_000, 30_000):
        for settings in TabM().variants(schema(Kind.NUMERIC, 10), TASK, rows):
            TabM().check(settings)


def test_it_reads_what_the_multilayer_perceptron_reads() -> None:
    given = schema(Kind.CATEGORICAL, 3)
    assert TabM().recipe(given, TASK, TabM.defaults).key == Mlp().recipe(given, TASK, Mlp.defaults).key


def test_reasons_not_to_fit() -> None:
    assert TabM().unfit_for(schema(Kind.NUMERIC, 1), TASK, 49) == "a net needs 50 rows or more"
    assert TabM().unfit_for(Schema(()), TASK, 500) == "there is no feature column that it reads"
    assert TabM().unfit_for(schema(Kind.NUMERIC, 1), TASK, 50) is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"members": 0}, "(?s)members = 0 among the settings of tabm.*a whole number from 1 to 4,096"),
        ({"embedding": -1}, "embedding = -1"),
        ({"width": 10**9}, "width = 1000000000"),
        ({"depth": 1.5}, "depth = 1.5"),
        ({"drop_prob": 1.0}, "drop_prob = 1"),
        ({"loss": "fokal"}, "did you mean 'focal'"),
        ({"batch": 0}, "batch = 0"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        TabM().check(settings)
