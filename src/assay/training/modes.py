"""Training mode and gradient mode: two things, each set on purpose, and put back as they were found."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

_FEW = 16


@contextmanager
def evaluating(net: nn.Module) -> Iterator[None]:
    """Evaluation mode (dropout off, batch norm by its statistics) and no gradients."""
    with modes_kept(net), torch.inference_mode():
        net.eval()
        yield


@contextmanager
def predicting(net: nn.Module, rows: int) -> Iterator[None]:
    """Evaluation mode for a prediction of so many rows in all, on one thread where they are few.

    For few rows a second thread wakes too late, and beside other work to wait for it costs a tenth of a second.
    """
    with evaluating(net), threads(1 if rows <= _FEW else None):
        yield


@contextmanager
def learning(net: nn.Module) -> Iterator[None]:
    """Training mode with gradients, whatever was set outside."""
    with modes_kept(net), torch.inference_mode(False), torch.enable_grad():
        net.train()
        yield


@contextmanager
def modes_kept(net: nn.Module) -> Iterator[None]:
    """Each module ends in the mode that it began in, also those that differ from the net's."""
    before = [(module, module.training) for module in net.modules()]
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """A number of threads for torch's operations; None to leave it."""
    before = torch.get_num_threads()
    try:
        if count is not None:
            torch.set_num_threads(count)
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_draws(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's global generators seeded for the block (dropout draws from them), then as they were before."""
    with draws_kept(device):
        torch.default_generator.manual_seed(seed)
        for number in _gpus(device):
            with torch.cuda.device(number):
                torch.cuda.manual_seed(seed)
        yield


@contextmanager
def draws_kept(device: torch.device) -> Iterator[None]:
    """Whatever the block draws from torch's global generators, they are afterwards as they were before."""
    with torch.random.fork_rng(devices=_gpus(device)):
        yield


def _gpus(device: torch.device) -> list[int]:
    """The number of a GPU in a list; an empty one for any other device."""
    if device.type != "cuda":
        return []
    return [torch.cuda.current_device() if device.index is None else device.index]
