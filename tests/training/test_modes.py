from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch import nn

from assay.training.modes import evaluating, learning, modes_kept, own_draws, predicting, threads

CPU = torch.device("cpu")
X = torch.randn(16, 4, generator=torch.Generator().manual_seed(0))


def mixed() -> nn.Sequential:
    """A net whose modules differ in their modes."""
    net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.Sequential(nn.Linear(6, 2), nn.Tanh()))
    net[1].eval()
    net[3][1].eval()
    return net


def modes(net: nn.Module) -> list[bool]:
    return [module.training for module in net.modules()]


@pytest.mark.parametrize("context", [evaluating, learning, modes_kept])
@pytest.mark.parametrize(
    "mode", [mixed, lambda: mixed().eval(), lambda: mixed().train()], ids=["mixed", "eval", "train"]
)
def test_every_module_ends_in_the_mode_it_began_in(context: Any, mode: Callable[[], nn.Module]) -> None:
    net = mode()
    before = modes(net)
    with context(net):
        net.train(not net.training)
    assert modes(net) == before
    with pytest.raises(ValueError, match="within"), context(net):
        raise ValueError("within")
    assert modes(net) == before


@pytest.mark.parametrize("outside", [torch.no_grad, torch.inference_mode, nullcontext])
def test_gradients_are_as_they_were_outside(outside: Any) -> None:
    with outside():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
        with evaluating(mixed()):
            assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == (False, True)
        with learning(mixed()):
            assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == (True, False)
        assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == before


def test_dropout_is_off_and_statistics_stand_still_in_evaluation() -> None:
    net = mixed().train()
    net(X * 3 + 1)
    before = {name: buffer.clone() for name, buffer in net.named_buffers()}
    with evaluating(net):
        first, second = net(X), net(X)
    assert torch.equal(first, second)
    linear, norm = net[0], net[1]
    scaled = (linear(X) - before["1.running_mean"]) / (before["1.running_var"] + norm.eps).sqrt()
    torch.testing.assert_close(first.clone(), net[3](scaled).detach())
    assert all(torch.equal(buffer, before[name]) for name, buffer in net.named_buffers())


def test_dropout_is_on_and_statistics_move_in_learning() -> None:
    net = mixed().eval()
    before = net[1].running_mean.clone()
    with learning(net):
        first, second = net(X), net(X)
    assert not torch.equal(first, second)
    assert not torch.equal(net[1].running_mean, before)


def test_nothing_of_an_evaluation_stands_in_the_way_of_learning() -> None:
    """A weight, gradient or statistic that were an inference tensor could not be changed or be kept for backward."""
    net = mixed()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        with evaluating(net):
            outputs = net(X)
        assert outputs.is_inference()
        with learning(net):
            optimizer.zero_grad()
            (net(X) - outputs).square().mean().backward()
            optimizer.step()
    kept = [*net.state_dict().values(), *(parameter.grad for parameter in net.parameters())]
    assert not any(tensor.is_inference() for tensor in kept)


@pytest.mark.parametrize("count", [1, 2])
def test_threads_are_set_and_given_back(count: int) -> None:
    before = torch.get_num_threads()
    with threads(count):
        assert torch.get_num_threads() == count
        torch.set_num_threads(3)
    assert torch.get_num_threads() == before
    with pytest.raises(ValueError, match="within"), threads(count):
        raise ValueError("within")
    assert torch.get_num_threads() == before


def test_no_number_of_threads_leaves_them() -> None:
    before = torch.get_num_threads()
    with threads(None):
        assert torch.get_num_threads() == before


@pytest.mark.parametrize(("rows", "count"), [(0, 1), (16, 1), (17, 3)])
def test_few_rows_are_predicted_on_one_thread(rows: int, count: int) -> None:
    net = mixed()
    before = modes(net)
    with threads(3):
        with predicting(net, rows):
            assert (torch.get_num_threads(), net.training, torch.is_grad_enabled()) == (count, False, False)
        assert (torch.get_num_threads(), modes(net)) == (3, before)


def test_draws_of_the_block_leave_no_trace_outside() -> None:
    before = torch.get_rng_state()
    with own_draws(7, CPU):
        torch.rand(100)
    assert torch.equal(torch.get_rng_state(), before)
    with pytest.raises(ValueError, match="within"), own_draws(7, CPU):
        torch.rand(100)
        raise ValueError("within")
    assert torch.equal(torch.get_rng_state(), before)


def test_a_seed_decides_the_draws() -> None:
    def drawn(seed: int) -> list[float]:
        torch.rand(3)
        with own_draws(seed, CPU):
            return nn.functional.dropout(torch.ones(50), 0.5).tolist()

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize(("device", "index"), [("cuda:1", 1), ("cuda:0", 0), ("cuda", 2)])
def test_the_generator_of_the_device_itself_is_seeded_and_given_back(
    device: str, index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several GPUs, of which the third is the current one."""
    current, seeded, forked = [2], [], []

    @contextmanager
    def on(number: int) -> Iterator[None]:
        current.append(number)
        yield
        current.pop()

    @contextmanager
    def fork(devices: list[int]) -> Iterator[None]:
        forked.extend(devices)
        yield

    monkeypatch.setattr("torch.cuda.device", on)
    monkeypatch.setattr("torch.cuda.current_device", lambda: current[-1])
    monkeypatch.setattr("torch.cuda.manual_seed", lambda seed: seeded.append((current[-1], seed)))
    monkeypatch.setattr("torch.random.fork_rng", fork)
    before = torch.get_rng_state()
    with own_draws(5, torch.device(device)):
        pass
    torch.set_rng_state(before)
    assert forked == [index]
    assert seeded == [(index, 5)]
