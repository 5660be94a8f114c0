"""A watched training is the same as one that is not, and its readings are what autograd and arithmetic give."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from assay.core.clock import Deadline
from assay.core.errors import TrainingError
from assay.nn.mlp import Mlp
from assay.training.batches import Resident
from assay.training.health._hooks import Health
from assay.training.health._judge import judge
from assay.training.health._trace import Trace
from tests.training.health.planted import Attention, Broken, Log, Pictures, Recurrent, Setup, mlp, rows, sequences
from tests.training.small import net, same, sources, trainer


def fit(module: nn.Module, source: Resident, *watchers: Health, **options: Any) -> Any:
    """A trained trainer, on rows that are their own validation rows."""
    made = trainer(module, watchers=watchers, **options)
    made.fit(source, None if made.options.ema else source)
    return made


def twice(make: Callable[[], Setup], **options: Any) -> None:
    """Train with and without health, and compare weights, losses and the generator, bit for bit."""
    ends = []
    for watchers in ((), (Health(),), (Health(1),)):
        torch.manual_seed(3)
        setup = make()
        assert isinstance(setup.source, Resident)
        made = fit(setup.net, setup.source, *watchers, **{"epochs": 3, **options})
        losses = [(epoch.train_loss, epoch.valid_loss) for epoch in made.history.epochs]
        ends.append((setup.net, losses, torch.get_rng_state(), [module.training for module in setup.net.modules()]))
        for watcher in watchers:
            assert watcher.trace.readings
    for other in ends[1:]:
        assert same(ends[0][0], other[0])
        assert ends[0][1] == other[1]
        assert torch.equal(ends[0][2], other[2])
        assert ends[0][3] == other[3]


def small(norm: bool = True) -> Setup:
    return Setup(net(norm=norm), sources(150)[0])


def pictures() -> Setup:
    return Setup(Pictures(), Resident([torch.randn(60, 1, 8, 8)], torch.randint(0, 3, (60,))))


def series(cell: nn.Module) -> Setup:
    x, y = sequences(60, 10)
    return Setup(Recurrent(cell, 8) if isinstance(cell, nn.RNNBase) else cell, Resident([x], y))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"optimizer": "lbfgs", "rate": 0.5, "batch": "full"},
        {"accumulate": 3},
        {"mixup": 0.3},
        {"ema": 0.9},
        {"optimizer": "schedule_free", "schedule": "constant"},
        {"clip": 0.5, "gradient_noise": 0.01},
        {"freeze": "0.*", "unfreeze": 1},
        {"curriculum": 0.5},
        {"precision": "bfloat16"},
    ],
    ids=str,
)
def test_health_changes_no_bit_of_a_training(options: dict[str, Any]) -> None:
    twice(lambda: small(norm=options.get("optimizer") != "lbfgs"), **options)


@pytest.mark.parametrize(
    "make",
    [
        pictures,
        lambda: series(nn.LSTM(3, 8, 2, dropout=0.1, batch_first=True)),
        lambda: series(nn.GRU(3, 8, batch_first=True)),
        lambda: series(Attention()),
        lambda: Setup(Mlp(5, 2, width=16, drop_prob=0.2), sources(150)[0]),
    ],
    ids=["conv", "lstm", "gru", "attention", "mlp"],
)
def test_health_changes_no_bit_of_any_net(make: Callable[[], Setup]) -> None:
    twice(make)


def first_reading(module: nn.Module, source: Resident, **options: Any) -> tuple[Trace, dict[str, Tensor]]:
    """The trace of a training of one step, and the net's weights before it."""
    before = {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}
    health = Health()
    fit(module, source, health, epochs=1, batch="full", **options)
    return health.trace, before


def test_a_reading_is_what_autograd_and_arithmetic_give() -> None:
    torch.manual_seed(0)
    x, y = torch.randn(50, 5), torch.randint(0, 2, (50,))
    module = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 2))
    with torch.no_grad():
        module[0].bias[:4] = -100.0  # four dead units
        module[2].weight.mul_(20)
    trace, before = first_reading(module, Resident([x], y), optimizer="sgd", rate=0.3, schedule="constant")
    after = module.state_dict()
    (reading,) = trace.readings
    assert [layer.name for layer in trace.layers] == ["0", "2", "4"]
    assert [(place.layer, place.function, place.units) for place in trace.places] == [
        ("0", "relu", 16),
        ("2", "tanh", 0),
    ]

    weights = {name: tensor.clone().requires_grad_() for name, tensor in before.items()}
    one = x @ weights["0.weight"].T + weights["0.bias"]
    two = one.relu() @ weights["2.weight"].T + weights["2.bias"]
    three = two.tanh() @ weights["4.weight"].T + weights["4.bias"]
    outputs = [one, two, three]
    for output in outputs:
        output.retain_grad()
    loss = nn.functional.cross_entropy(three, y)
    loss.backward()

    def near(found: tuple[float | None, ...], expected: list[Tensor]) -> None:
        assert found == pytest.approx([value.item() for value in expected], rel=1e-3, abs=1e-6)

    assert reading.loss == pytest.approx(loss.item(), rel=1e-4)
    near(reading.mean, [output.detach().mean() for output in outputs])
    near(reading.spread, [output.detach().std(correction=0) for output in outputs])
    near(reading.slope, [output.grad.norm() for output in outputs])  # type: ignore[union-attr]
    pairs = [(weights[f"{number}.weight"].grad, weights[f"{number}.bias"].grad) for number in (0, 2, 4)]
    near(reading.gradient, [torch.cat([w.flatten(), b]).norm() for w, b in pairs])  # type: ignore[union-attr, arg-type]
    near(reading.weight, [before[f"{number}.weight"].norm() for number in (0, 2, 4)])
    changes = [(after[f"{n}.weight"] - before[f"{n}.weight"]).norm() / before[f"{n}.weight"].norm() for n in (0, 2, 4)]
    near(reading.update, changes)
    assert reading.dead[0] == (one <= 0).all(0).float().mean().item() >= 0.25
    assert reading.saturated[1] == pytest.approx((two.tanh().abs() > 0.97).float().mean().item(), abs=1e-5)
    assert reading.bad == ()


def test_gradients_by_weights_hide_a_gradient_that_vanishes_and_slopes_show_it() -> None:
    torch.manual_seed(0)
    x, y = rows(200)
    parts = [part for _ in range(8) for part in (nn.Linear(64, 64, bias=False), nn.Tanh())]
    module = nn.Sequential(nn.Linear(12, 64, bias=False), nn.Tanh(), *parts, nn.Linear(64, 3, bias=False))
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.01)
    trace, _ = first_reading(module, Resident([x], y))
    (reading,) = trace.readings
    hidden = [value for value in reading.gradient[1:-1] if value]
    assert max(hidden) / min(hidden) < 3
    assert (reading.slope[0] or 1.0) / (reading.slope[-1] or 1.0) < 1e-7


def test_gradients_are_taken_before_they_are_clipped() -> None:
    source = sources(100)[0]
    free, _ = first_reading(net(drop_prob=0.0), source)
    clipped, _ = first_reading(net(drop_prob=0.0), source, clip=1e-3)
    assert free.readings[0].gradient == clipped.readings[0].gradient


def test_a_batch_in_parts_has_the_gradient_of_the_whole() -> None:
    source = sources(100)[0]
    whole, _ = first_reading(net(drop_prob=0.0), source)
    parts, _ = first_reading(net(drop_prob=0.0), source, accumulate=4)
    assert parts.readings[0].gradient == pytest.approx(whole.readings[0].gradient, rel=1e-3)
    assert parts.readings[0].update == pytest.approx(whole.readings[0].update, rel=1e-2)


def test_time_is_the_growth_of_the_gradient_through_a_recurrence() -> None:
    torch.manual_seed(0)
    x, y = sequences(64, 40)
    cell = nn.RNN(3, 16, batch_first=True)
    module = Recurrent(cell, 16)
    with torch.no_grad():
        cell.weight_hh_l0.copy_(3.0 * nn.init.orthogonal_(torch.empty(16, 16)))
    hidden, states = x.new_zeros(64, 16), []
    for step in range(40):
        given = x[:, step] @ cell.weight_ih_l0.T + cell.bias_ih_l0 + cell.bias_hh_l0
        hidden = torch.tanh(given + hidden @ cell.weight_hh_l0.T)
        hidden.retain_grad()
        states.append(hidden)
    nn.functional.cross_entropy(module.head(hidden), y).backward()
    true = (states[0].grad.norm() / states[-1].grad.norm()).item()
    trace, _ = first_reading(module, Resident([x], y))
    found = trace.readings[0].time[0]
    assert found is not None
    assert true > 1e3
    assert abs(math.log10(found / true)) < 1.5


def test_a_layer_that_is_held_still_on_purpose_is_known() -> None:
    module = mlp(2, 8, d=5)
    module[2].requires_grad_(False)
    health = Health()
    fit(module, sources(100)[0], health, epochs=1, freeze="0.*")
    assert {layer.name: layer.learns for layer in health.trace.layers} == {"0": "as told", "2": "no", "4": "yes"}


def test_layers_come_in_the_order_of_computation_and_idle_ones_last() -> None:
    class Crossed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.second, self.idle, self.first = nn.Linear(8, 2), nn.Linear(3, 3), nn.Linear(5, 8)

        def forward(self, x: Tensor) -> Tensor:
            outputs: Tensor = self.second(torch.sigmoid(self.first(x)))
            return torch.sigmoid(outputs)

    health = Health()
    fit(Crossed(), sources(100)[0], health, epochs=1)
    assert [(layer.name, layer.ran) for layer in health.trace.layers] == [
        ("first", True),
        ("second", True),
        ("idle", False),
    ]
    assert [(place.layer, place.hidden) for place in health.trace.places] == [("first", True), ("second", False)]
    assert health.trace.readings[0].slope[2] is None


def test_a_last_layer_of_zeros_is_known() -> None:
    health = Health()
    fit(Mlp(5, 2, width=8), sources(100)[0], health, epochs=1)
    assert [layer.name for layer in health.trace.layers if layer.zero] == ["last"]
    assert health.trace.readings[0].update[-1] is None


@pytest.mark.parametrize(("every", "expected"), [(7, [0, 7, 14, 21]), (0, [0, 1, 2, 3, 4, 8, 16])])
def test_as_many_steps_are_watched_as_wanted(every: int, expected: list[int]) -> None:
    health = Health(every)
    fit(net(), sources(100)[0], health, epochs=7)
    assert [reading.step for reading in health.trace.readings] == expected
    assert [epoch.number for epoch in health.trace.epochs] == list(range(1, 8))
    assert health.trace.stopped == "end of schedule"
    assert health.trace.setting.steps == 28


def test_the_pace_can_be_set_later() -> None:
    health = Health()
    assert health.every == 1
    health.every = 5
    assert health.every == 5
    fit(net(), sources(100)[0], health, epochs=3)
    assert [reading.step for reading in health.trace.readings] == [0, 5, 10]


def test_two_trainings_are_two_traces() -> None:
    health = Health()
    traces = []
    for _ in range(2):
        fit(net(), sources(100)[0], health, epochs=2)
        traces.append(health.trace)
    assert traces[0] is not traces[1]
    assert traces[0] == traces[1]


def test_an_infinite_weight_of_a_layer_shows_up_as_such() -> None:
    module = net(drop_prob=0.0)
    with torch.no_grad():
        module[4 - 1].weight[0, 0] = math.inf
    health = Health()
    with pytest.raises(TrainingError, match="diverged"):
        fit(module, sources(100)[0], health, epochs=1)
    assert health.trace.readings[0].bad[:2] == ("weight 3", "output 3")


@pytest.mark.parametrize("row", [0, 77, 399])
def test_one_row_of_nan_is_found_wherever_it_is(row: int) -> None:
    torch.manual_seed(0)
    x, y = rows(400)
    health = Health()
    with pytest.raises(TrainingError, match="diverged"):
        fit(mlp(2, 16), Broken(x, y, row), health, batch=4, epochs=2)
    (found, *_) = judge(health.trace)
    batches = list(Broken(x, y, row).shuffled(4, seed=1, epoch=0))
    step = next(number for number, batch in enumerate(batches) if not bool(batch.inputs[0].isfinite().all()))
    assert (found.code, found.since) == ("not-finite", step)
    assert "input 0" in found.title


def test_the_layer_that_makes_nan_is_named() -> None:
    torch.manual_seed(0)
    x, y = rows(400)
    x = x.abs() + 0.1
    x[123, 3] = -1.0
    health = Health()
    with pytest.raises(TrainingError, match="diverged"):
        fit(nn.Sequential(nn.Identity(), Log(), *mlp(2, 16)), Resident([x], y), health, batch=4)
    (found, *_) = judge(health.trace)
    assert found.layers == ("1",)
    assert health.trace.rollbacks == 3
    assert health.trace.stopped == ""


def test_a_training_that_the_clock_cuts_has_a_trace() -> None:
    health = Health()
    made = trainer(net(), watchers=(health,), epochs=10_000, deadline=Deadline.after(0.3))
    made.fit(*sources(100))
    assert health.trace.stopped == made.history.stopped != ""
    assert len(health.trace.readings) > 5
    json.dumps(health.trace.state(), allow_nan=False)


def test_a_watch_in_a_stopped_training_is_closed() -> None:
    class Stopping(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise KeyboardInterrupt

    module = nn.Sequential(nn.Linear(5, 4), Stopping())
    with pytest.raises(KeyboardInterrupt):
        fit(module, sources(100)[0], Health())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def test_inputs_of_words_and_several_inputs_are_watched() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words, self.head = nn.Embedding(9, 4), nn.Linear(4 + 5, 2)

        def forward(self, x: Tensor, codes: Tensor) -> Tensor:
            outputs: Tensor = self.head(torch.cat([x, self.words(codes)], 1))
            return outputs

    torch.manual_seed(0)
    x, codes, y = torch.randn(100, 5), torch.randint(0, 9, (100,)), torch.randint(0, 2, (100,))
    health = Health()
    fit(Two(), Resident([x, codes], y), health, epochs=2)
    assert [layer.name for layer in health.trace.layers] == ["words", "head"]
    assert all(value for value in health.trace.readings[0].slope)


def test_the_sparse_gradient_of_an_embedding_is_measured() -> None:
    torch.manual_seed(0)
    codes, y = torch.randint(0, 50, (100, 4)), torch.randint(0, 2, (100,))
    norms = []
    for sparse in (True, False):
        torch.manual_seed(1)
        module = nn.Sequential(nn.EmbeddingBag(50, 4, sparse=sparse), nn.Linear(4, 2))
        health = Health()
        fit(module, Resident([codes], y), health, epochs=1, optimizer="sgd")
        norms.append(health.trace.readings[0].gradient)
    assert norms[0] == pytest.approx(norms[1], rel=1e-4)


def test_a_layer_that_is_used_twice_and_weights_that_are_shared_are_watched() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.middle, self.tied, self.last = (nn.Linear(5, 5) for _ in range(4))
            self.tied.weight = self.middle.weight

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.middle(torch.relu(self.middle(self.first(x)))))
            outputs: Tensor = self.last(torch.relu(self.tied(x)))
            return outputs[:, :2]

    torch.manual_seed(0)
    health = Health()
    fit(Shared(), sources(100)[0], health, epochs=2)
    reading = health.trace.readings[0]
    assert [layer.name for layer in health.trace.layers] == ["first", "middle", "tied", "last"]
    assert reading.weight[1] == reading.weight[2]
    assert all(update and update > 0 for update in reading.update)
    assert reading.time[1] is None
