import json
import math
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError
from assay.families import _nets
from assay.families._base import Learning, Surroundings
from assay.families._nets import Trained, train, warm_up
from assay.families._ways import AsPictures, AsTheyAre
from assay.families.mlp import Mlp
from assay.features._base import Matrix
from assay.tasks.binary import Binary
from assay.training.augment import Augmented
from assay.training.batches import Resident, Source
from assay.training.health._trace import Trace
from assay.training.history import History
from assay.training.preflight import Preflight
from assay.training.trainer import Trainer

TASK = Binary.from_target(pl.Series("label", ["no", "yes"]))
SETTINGS = {**Mlp.defaults, "epochs": 16, "rate": 0.01, "batch": 64}


def made(n: int = 320, *, noise: float = 0.1, seconds: float = math.inf, weight: float = 1.0) -> Learning:
    draw = np.random.default_rng(0)
    dense = draw.normal(size=(n, 3)).astype(np.float32)
    y = np.where(draw.random(n) < noise, draw.integers(0, 2, n), dense[:, 0] * dense[:, 1] > 0).astype(np.int64)
    parts = (Matrix(dense[part], np.zeros((n, 0), np.int32)[part], None) for part in (np.s_[:-80], np.s_[-80:]))
    train_rows, rest = parts
    weights = np.where(y == 1, weight, 1.0)
    deadline = Deadline() if math.isinf(seconds) else Deadline.after(seconds)
    return Learning(TASK, train_rows, y[:-80], weights[:-80], rest, y[-80:], weights[-80:], seed=3, deadline=deadline)


def net() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2))


def trained(given: Learning, **settings: object) -> tuple[nn.Module, Trained]:
    module = net()
    x, x_valid = (torch.from_numpy(matrix.dense) for matrix in (given.train, given.valid))
    return module, train(module, given, (x,), (x_valid,), {**SETTINGS, **settings})


def around(given: Learning, folder: Path, *, in_full: bool = True) -> Learning:
    return replace(given, surroundings=Surroundings("mlp, fold 1 of 5", folder, in_full))


def test_the_clock_shortens_the_schedule_and_is_kept() -> None:
    warm_up()
    trained(made(), epochs=1)
    started = time.monotonic()
    _, found = trained(made(1_000, seconds=0.8), epochs=100_000)
    assert time.monotonic() - started < 1.5
    assert 1 <= found.history.fixed["epochs"] < 100_000


def test_a_clock_that_stops_the_first_epoch_is_told() -> None:
    with pytest.raises(NotEnoughTime, match="too few to learn"):
        trained(made(3_000, seconds=0.0))


def test_weights_of_rows_move_the_outputs() -> None:
    shares = []
    for weight in (1.0, 20.0):
        given = made(noise=1.0, weight=weight)
        module, _ = trained(given, epochs=16)
        with torch.no_grad():
            shares.append(float(torch.softmax(module(torch.from_numpy(given.train.dense)), dim=1)[:, 1].mean()))
    assert shares[0] < 0.6 < 0.8 < shares[1]


def test_the_loss_is_chosen_by_name_and_knows_the_counts_of_classes() -> None:
    plain, balanced = (trained(made(), loss=loss)[0][0].weight for loss in ("cross_entropy", "class_balanced"))
    assert not torch.equal(plain, balanced)
    with pytest.raises(PlanError, match=r"(?s)no option 'label_smothing'.*did you mean 'label_smoothing'"):
        trained(made(), loss_options={"label_smothing": 0.1})


def test_the_evidence_gets_plain_facts_and_the_verdict_on_health() -> None:
    _, found = trained(made(), epochs=5)
    assert found.notes == {"epochs": 5, "best": found.history.best, "stopped": "end of schedule"}
    assert list(found.seen) == ["findings"]
    assert json.loads(json.dumps(found.seen)) == found.seen


def test_one_fold_keeps_its_layers_its_trace_and_its_pictures(tmp_path: Path) -> None:
    _, found = trained(around(made(), tmp_path / "events"), epochs=12)
    assert [row.name for row in Preflight.from_state(found.seen["preflight"]).rows] == ["0", "1", "2"]
    assert [one.number for one in Trace.from_state(found.seen["trace"]).epochs] == list(range(1, 13))
    assert found.seen["findings"][0]["code"] == "healthy"
    assert list((tmp_path / "events").glob("events.out.tfevents.*"))


def test_other_folds_keep_less(tmp_path: Path) -> None:
    _, found = trained(around(made(), tmp_path / "events", in_full=False), epochs=2)
    assert list(found.seen) == ["findings"]
    assert list((tmp_path / "events").glob("events.out.tfevents.*"))


def test_a_rate_out_of_all_bounds_is_named() -> None:
    _, found = trained(made(), rate=30.0, optimizer="sgd", optimizer_options={}, schedule="constant", epochs=20)
    assert "lr-too-high" in [finding["code"] for finding in found.seen["findings"]]


def test_rows_come_to_the_net_in_the_way_of_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Source | None] = []
    measures: list[str] = []

    def fit(self: Trainer, source: Source, valid: Source | None = None) -> History:
        seen.extend((source, valid))
        measures.append(self.measure.name)
        return History(fixed={"epochs": 1})

    monkeypatch.setattr(Trainer, "fit", fit)
    given = made()
    train(net(), given, *((torch.from_numpy(m.dense),) for m in (given.train, given.valid)), SETTINGS)
    pictures, rest = (torch.zeros(n, 1, 4, 4, dtype=torch.uint8) for n in (240, 80))
    flat = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    train(flat, given, (pictures,), (rest,), {**SETTINGS, "flip": True, "crop": 2}, way=AsPictures())
    assert [isinstance(rows, Augmented) for rows in seen] == [False, False, True, True]
    assert [len(rows) for rows in seen if rows] == [240, 80, 240, 80]
    assert measures == ["cross_entropy", "cross_entropy"]


def test_the_training_ends_early_enough_for_the_predictions_that_follow() -> None:
    class Slow(nn.Linear):
        views = 3

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            clock[0] += 0.001 * len(x)
            return super().forward(x)

    clock = [100.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_nets.time, "monotonic", lambda: clock[0])
        given = replace(made(), deadline=Deadline(200.0))
        rows = Resident((torch.from_numpy(given.valid.dense),), torch.from_numpy(given.valid_y))
        found = _nets._without_answers(Slow(3, 2), given, rows, AsTheyAre())
        # Three views of 80 rows, and of 240 that were learned from, at a thousandth of a second each.
        assert found.moment == pytest.approx(200.0 - 3 * 0.32)
        near = replace(given, deadline=Deadline(clock[0] + 1.0))
        rest = _nets._without_answers(Slow(3, 2), near, rows, AsTheyAre())
        assert rest.moment > clock[0] + 0.5
    endless = made()
    assert _nets._without_answers(Slow(3, 2), endless, rows, AsTheyAre()) is endless.deadline
