from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence
from torch.profiler import ProfilerActivity, profile

from assay.core.errors import PlanError
from assay.nn.losses._base import make_loss
from assay.training._needs import Line, Needs, Row, Totals, too_large
from assay.training._probe import backward, probed
from assay.training.batches import Batch
from assay.training.options import Options

LOSS = make_loss("cross_entropy")
WEIGHTS = 4 * (5 * 32 + 32 + 32 * 3 + 3)


def needs(rows: int = 8, few: int = 4) -> tuple[Needs, nn.Module]:
    net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 3))
    probes = [probed(net, Batch((torch.ones(n, 5),), torch.arange(n) % 3), LOSS) for n in (rows, few) if n]
    backward(probes[0])
    return Needs(probes[0], probes[1] if few else None), net


def totals(memory: int | None = None, rows: int = 100, **options: object) -> tuple[Totals, Needs]:
    made, net = needs()
    return made.totals(net, Options(**options), rows=rows, memory=memory), made  # type: ignore[arg-type]


def test_two_probes_tell_what_grows_with_the_rows() -> None:
    line = Line(130, 80, (10, 5))
    assert [line.at(rows) for rows in (0, 5, 10, 1000)] == [30, 80, 130, 10_030]
    assert Line(130, None, (10, 0)).at(20) == 260
    assert Line(50, 50, (10, 5)).at(20) == 50
    # One long text among the other rows: twice the rows do not take three times as much again.
    assert Line(150, 50, (10, 5)).at(20) == 300


def test_the_layers_for_any_number_of_rows() -> None:
    hidden, outputs = ((100, 32),), ((100, 3),)
    assert needs()[0].rows(100) == (
        Row("0", "Linear", ((100, 5),), hidden, 5 * 32 + 32, 0, 0),
        Row("1", "ReLU", hidden, hidden, 0, 0, 100 * 32 * 4),
        Row("2", "Linear", hidden, outputs, 32 * 3 + 3, 0, 0),
    )


@pytest.mark.parametrize("few", [4, 0])
def test_activations_are_what_is_kept_with_inputs_target_and_loss(few: int) -> None:
    relu, log_softmax, inputs, target = 32 * 4, 3 * 4, 5 * 4, 8
    wanted = 1000 * (relu + log_softmax + inputs + target)
    # One number stands apart from the rows: the sum of their weights.
    assert abs(needs(few=few)[0].activations(1000) - wanted) <= 4 * 1000 / 8


def test_sums_over_the_net() -> None:
    found, made = totals(optimizer="momentum", ema=0.9)
    assert (found.rows, found.trainable, found.frozen) == (100, WEIGHTS // 4, 0)
    assert (found.weights, found.gradients, found.optimizer) == (WEIGHTS, WEIGHTS, WEIGHTS)
    # The best weights, their average, and weights and optimizer to go back to.
    assert found.copies == 4 * WEIGHTS
    assert found.passing == 2 * 100 * 32 * 4
    assert found.activations == made.activations(100)
    assert found.needed == 7 * WEIGHTS + found.activations + found.passing


def test_what_fits_passes_and_so_does_what_is_not_known() -> None:
    for memory in (None, 10**9):
        found, made = totals(memory)
        made.check(found, parts=1)


def test_a_batch_that_does_not_fit_is_told_the_one_that_does() -> None:
    found, made = totals(300_000, rows=5000)
    with pytest.raises(PlanError, match="5,000 rows at once that need") as caught:
        made.check(found, parts=2)
    assert "layer '1' (ReLU), the largest, keeps 640 kB of it" in caught.value.found
    assert caught.value.expected == "at most 300 kB, which is what there is"
    still = found.needed - found.activations - found.passing
    sizes = [2**n for n in range(13) if still + made.activations(2**n) + made.passing(2**n) <= 300_000]
    assert sizes[-1] == 512
    told = "set batch to 1024, or accumulate to 20: 512 is the largest power of two that fits"
    assert caught.value.fix == told


def test_a_net_that_does_not_fit_with_one_row_is_told() -> None:
    found, made = totals(WEIGHTS)
    with pytest.raises(PlanError, match=r"a net that needs .* layer '0' \(Linear\), the largest, has 192 parameters"):
        made.check(found, parts=1)


def test_frozen_parameters_are_told_apart() -> None:
    made, net = needs()
    net[0].weight.requires_grad_(False)
    assert [(row.trainable, row.frozen) for row in made.rows(1)] == [(32, 160), (0, 0), (99, 0)]


def test_a_net_without_room_is_an_error_of_the_plan() -> None:
    rows = [Row("a", "Linear", (), (), 9, 0, 0), Row("b", "Conv2d", (), (), 0, 1200, 0)]
    error = too_large(rows, 2_000_000, 1_000_000, "with its first row")
    assert error.found == (
        "a net that needs 2 MB with its first row; layer 'b' (Conv2d), the largest, has 1,200 parameters"
    )


class Reading(nn.Module):
    """A recurrent module over padded or packed rows, whose last states are scored."""

    def __init__(self, cell: nn.RNNBase, *, packed: bool) -> None:
        super().__init__()
        self.cell, self.packed, self.head = cell, packed, nn.Linear(cell.hidden_size, 3)

    def forward(self, x: Tensor) -> Tensor:
        lengths = 1 + torch.arange(len(x)) % x.shape[1]
        given: Any = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) if self.packed else x
        state = self.cell(given)[1]
        scores: Tensor = self.head((state[0] if isinstance(state, tuple) else state)[-1])
        return scores


def read(cell: nn.RNNBase, *, packed: bool) -> tuple[Needs, nn.Module, Batch]:
    net, batch = Reading(cell, packed=packed), Batch((torch.randn(64, 40, 32),), torch.arange(64) % 3)
    probes = [probed(net, batch.rows(slice(0, n)), LOSS) for n in (64, 32)]
    backward(probes[0])
    return Needs(*probes), net, batch


@pytest.mark.parametrize(("kind", "packed"), [(nn.LSTM, False), (nn.LSTM, True), (nn.GRU, True)])
def test_what_passes_in_a_recurrent_module_is_counted_as_torch_counts_it(kind: type[nn.RNNBase], packed: bool) -> None:
    needs, net, batch = read(kind(32, 64, batch_first=True), packed=packed)
    learned = sum(parameter.numel() * 4 for parameter in net.parameters())
    given = sum(tensor.numel() * tensor.element_size() for tensor in (*batch.inputs, batch.target))
    net.zero_grad(set_to_none=True)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        batch.losses(net(*batch.inputs), LOSS).mean().backward()
    used = most = 0
    for event in seen.profiler.kineto_results.events():
        used += event.nbytes() if event.name() == "[memory]" else 0
        most = max(most, used)
    told = learned + needs.activations(64) + needs.passing(64) - given
    assert told / most == pytest.approx(1, abs=0.15)


def test_words_behind_each_other_are_told_for_as_many_rows_as_are_asked_for() -> None:
    needs, _, _ = read(nn.GRU(32, 64, batch_first=True), packed=True)
    words = [sum(1 + row % 40 for row in range(n)) for n in (32, 64)]
    cell = next(row for row in needs.rows(64) if row.name == "cell")
    assert cell.inputs == ((words[1], 32),)
    assert cell.outputs == ((words[1], 64), (1, 64, 64))
    more = next(row for row in needs.rows(96) if row.name == "cell")
    assert words[1] > 2 * words[0]  # so that words grow as the rows do
    assert more.inputs == ((words[1] * 3 // 2, 32),)
