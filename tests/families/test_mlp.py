import os
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array

from assay.core.errors import PlanError, RunError
from assay.core.state import State
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Learning
from assay.families._layers import Layer
from assay.families.mlp import Mlp, MlpPredictor, inputs
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass

TASK = Multiclass.from_target(pl.Series("label", ["a", "b", "c"]))
QUICK = {**Mlp.defaults, "epochs": 8, "width": 32, "batch": 64}


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


def test_what_lines_cannot_tell_apart_is_learned() -> None:
    given = made()
    fitted = Mlp().fit(given, {**QUICK, "epochs": 32})
    assert (fitted.predictor.predict(given.valid).argmax(axis=1) == given.valid_y).mean() > 0.8


def test_numpy_predicts_what_torch_has_learned() -> None:
    """The predictor against the net's own forward pass, by the layers that it was given."""
    import torch
    from torch.nn.functional import selu

    given = made()
    predictor = Mlp().fit(given, QUICK).predictor
    x = torch.from_numpy(inputs(given.valid))
    *hidden, last = predictor.layers
    for layer in hidden:
        x = torch.from_numpy(x.numpy() @ layer.weight + layer.bias)
        x = torch.lerp(x, selu(x), torch.from_numpy(layer.mix))
    outputs = torch.softmax(torch.from_numpy(x.numpy() @ last.weight + last.bias), dim=1).numpy()
    assert predictor.predict(given.valid) == pytest.approx(outputs, abs=1e-5)


def test_a_model_answers_without_loading_torch() -> None:
    code = "import sys, assay.families.mlp; print('torch' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=dict(os.environ)
    )
    assert told.stdout == "False\n"


def test_a_row_is_answered_quickly() -> None:
    given = made()
    predictor = Mlp().fit(given, {**QUICK, "epochs": 1, "width": 256}).predictor
    row = Matrix(given.valid.dense[:1], given.valid.codes[:1], given.valid.sparse[:1])  # type: ignore[index]
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        predictor.predict(row)
        seconds.append(time.perf_counter() - started)
    assert np.median(seconds) < 0.003


def test_outputs_stay_away_from_zero() -> None:
    weight = np.full((2, 3), 1e4, np.float32) * np.arange(3, dtype=np.float32)
    huge = MlpPredictor((Layer(weight, np.zeros(3, np.float32)),))
    outputs = huge.predict(Matrix(np.ones((1, 2), np.float32), np.zeros((1, 0), np.int32), None))
    assert outputs.min() >= 0.9e-6
    assert outputs.sum() == pytest.approx(1)


def layer(n: int, m: int) -> State:
    return Layer(np.ones((n, m), np.float32), np.zeros(m, np.float32)).state()


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ([], "layers of the shapes"),
        ([layer(2, 3), layer(4, 2)], "do not fit each other"),
        (["no layer"], "'layer' is str"),
    ],
)
def test_a_damaged_state_is_refused(layers: list[object], says: str) -> None:
    with pytest.raises(RunError, match=says):
        MlpPredictor.from_state({"layers": layers})


def test_fewer_rows_get_a_smaller_net_and_more_epochs() -> None:
    few, many = ({**Mlp.defaults, **Mlp().variants(Schema(()), TASK, rows)[0]} for rows in (500, 10_000))
    assert few["width"] < many["width"]
    assert few["epochs"] > many["epochs"]


def test_columns_of_each_kind_get_their_encoders() -> None:
    kinds = {"n": Kind.NUMERIC, "c": Kind.CATEGORICAL, "t": Kind.TEXT, "d": Kind.DATETIME}
    schema = Schema(tuple(Column(name, kind, Role.FEATURE, "made up") for name, kind in kinds.items()))
    names = [name for name, _ in Mlp().recipe(schema, TASK, Mlp.defaults).encoders]
    assert names == ["robust", "onehot", "target_mean", "calendar", "topics", "length"]


def test_reasons_not_to_fit() -> None:
    schema = Schema((Column("n", Kind.NUMERIC, Role.FEATURE, "made up"),))
    assert Mlp().unfit_for(schema, TASK, 49) == "a net needs 50 rows or more"
    assert Mlp().unfit_for(Schema(()), TASK, 500) == "there is no feature column that it reads"
    assert Mlp().unfit_for(schema, TASK, 50) is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"width": "wide"}, "width = 'wide' among the settings of mlp"),
        ({"width": 0}, "width = 0"),
        ({"depth": -1}, "depth = -1"),
        ({"parametric": 1}, "a value like True"),
        ({"rate": "fast"}, "rate = 'fast'"),
        ({"batch": 0}, "batch = 0"),
        ({"optimizer": "adamv"}, "no optimizer named 'adamv'"),
        ({"optimizer_options": {"beta": 1}}, "no option named 'beta' of the optimizer 'adamw'"),
        ({"schedule": "cosin"}, "did you mean 'cosine'"),
        ({"schedule": "step", "schedule_options": {"drop": 1}}, "did you mean 'drops'"),
        ({"loss": "fokal"}, "did you mean 'focal'"),
        ({"loss": "huber"}, r"loss = 'huber', which is for numbers[\s\S]*a loss for classes, such as cross_entropy"),
        ({"loss": "bce"}, "'bce', which is for labels that a row can have several of"),
        ({"loss_options": {"gamma": 2.0}}, "no option 'gamma' of the loss 'cross_entropy'"),
        ({"activation": "rely"}, "did you mean 'relu'"),
        ({"norm": "bach"}, "did you mean 'batch'"),
        ({"drop_prob": 1.0}, "drop_prob"),
        ({"scheme": "xavir"}, "did you mean 'xavier'"),
    ],
    ids=str,
)
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object], says: str) -> None:
    with pytest.raises(PlanError, match=says):
        Mlp().check(settings)


def test_every_scheme_norm_and_loss_trains() -> None:
    given = made()
    for settings in (
        {"scheme": "kaiming", "norm": "batch", "activation": "relu"},
        {"scheme": "lsuv", "norm": "layer", "activation": "gelu", "parametric": False},
        {"loss": "focal", "loss_options": {"gamma": 1.0}, "norm": "group"},
        {"loss": "logit_adjusted", "optimizer": "lion", "optimizer_options": {}, "rate": 0.001},
    ):
        Mlp().check(settings)
        fitted = Mlp().fit(given, {**QUICK, **settings})
        assert fitted.predictor.predict(given.valid).shape == (100, 3)
