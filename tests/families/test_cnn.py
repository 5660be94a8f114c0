"""The net that pictures are learned by unless a person says otherwise."""

import time
from typing import Any

import numpy as np
import polars as pl
import pytest

from assay.core.errors import PlanError
from assay.data.schema import Schema
from assay.families import _trials
from assay.families._augmenting import OFF
from assay.families.cnn import Cnn
from assay.nn.pictures.whitening import Whitening
from assay.tasks.binary import Binary
from tests.families.pictures import digits, hooks, learning, matrix

TASK = Binary.from_target(pl.Series("label", ["no", "yes"]))
SMALL = {**Cnn.defaults, **OFF, "widths": [8, 16], "epochs": 10, "batch": 32}


def test_it_is_the_one_that_is_tried() -> None:
    assert Cnn().left_out(Schema(()), TASK, 1_000) is None


@pytest.mark.parametrize(("rows", "epochs"), [(100, 80), (14_400, 80), (54_000, 22), (1_000_000, 16)])
def test_it_sees_many_rows_less_often(rows: int, epochs: int) -> None:
    assert Cnn().variants(Schema(()), TASK, rows) == ({"epochs": epochs},)


def test_it_reads_digits_and_answers_for_one_in_milliseconds() -> None:
    pictures, y = digits()
    given = learning(pictures[:800], y[:800])
    predictor = Cnn().fit(given, {**SMALL, "crop": 1}).predictor
    outputs = predictor.predict(given.valid)
    assert (outputs.argmax(1) == given.valid_y).mean() > 0.9
    one = matrix(given.valid.pictures[:1])  # type: ignore[index]
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        predictor.predict(one)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.05


def test_the_first_layer_is_made_of_the_training_rows() -> None:
    given = learning(*hooks(200))
    family = Cnn()
    facts = {**family.facts(SMALL, given.train), "outputs": 4}
    net, inputs = family.net(facts), family.inputs(given.train, facts)
    family.before(net, given, inputs, SMALL)
    (layer,) = (module for module in net.modules() if isinstance(module, Whitening))
    seen: list[Any] = []
    layer.register_forward_hook(lambda module, args, out: seen.append(out.detach()))
    net.eval()(*inputs)
    half = len(layer.bias) // 2
    responses = seen[0].permute(0, 2, 3, 1)[..., :half].reshape(-1, half).numpy()
    np.testing.assert_allclose(
        np.cov(responses.T), np.eye(half), atol=0.2
    )  # of all patches, not of those alone that it was made of


def test_the_width_is_what_the_time_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_trials, "pace", lambda net, *rest: (1e-9 * sum(p.numel() for p in net.parameters()), 1))
    draw = np.random.default_rng(0)
    pictures, y = draw.integers(0, 256, (4_000, 8, 8, 1)).astype(np.uint8), np.arange(4_000) % 2
    found = [
        Cnn().find(learning(pictures, y, seconds=seconds), {**Cnn.defaults, **OFF}).settings["widths"]
        for seconds in (1.0, 20.0, 60.0, 10_000.0)
    ]
    assert found[0] == [8, 16, 32]
    assert [widths[0] for widths in found] == sorted(widths[0] for widths in found)
    assert found[-1] == [32, 128, 128]


def test_few_rows_get_a_narrow_net_however_long_there_is() -> None:
    given = learning(*hooks(300))
    assert Cnn().find(given, {**Cnn.defaults, **OFF}).settings == {"widths": [16, 32, 64]}
    assert Cnn().find(given, {**Cnn.defaults, **OFF, "widths": [4]}).settings == {}


def test_widths_are_fixed_as_they_were_found() -> None:
    given = learning(*hooks(160))
    fitted = Cnn().fit(given, {**SMALL, "widths": [], "epochs": 1})
    assert fitted.fixed["widths"] == [16, 32, 64]
    assert fitted.predictor.state()["facts"]["widths"] == [16, 32, 64]


@pytest.mark.parametrize("widths", [[0], [8, -1], [True], ["wide"], 8, [2.0]])
def test_widths_that_cannot_be_are_named(widths: Any) -> None:
    with pytest.raises(PlanError, match=r"(?s)widths = .*whole numbers above 0"):
        Cnn().check({"widths": widths})
    Cnn().check({"widths": [4, 8]})
