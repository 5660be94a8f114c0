"""What one pass through a net shows of its layers: shapes, numbers that are none, and what autograd keeps of them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

Shape = tuple[int, ...]


@dataclass
class Seen:
    """A layer: a module without others in it, or with parameters of its own.

    Attributes:
        name, kind: As in ``net.named_modules()``, and its class.
        module: Itself.
        inputs, outputs: Shapes of the tensors of its last call.
        calls: How often it was called.
        kept: Bytes that autograd keeps of what it computed, until the backward pass.
        largest: Bytes of its largest output; of LSTMs and GRUs half of what the gradients of their gates take for a
            moment, if that is more.
    """

    name: str
    kind: str
    module: nn.Module
    inputs: tuple[Shape, ...] = ()
    outputs: tuple[Shape, ...] = ()
    calls: int = 0
    kept: int = 0
    largest: int = 0

    @property
    def title(self) -> str:
        """For messages."""
        return titled(self.name, self.module)


@dataclass
class Running:
    """A module that has been called and has not returned, with the tensors that it was given."""

    name: str
    module: nn.Module
    given: list[Tensor]


@dataclass
class Survey:
    """Looks on while a net computes, in the order of computation.

    A tensor kept for the backward pass counts once, for the layer that made it. Weights and inputs are left out.

    Attributes:
        net, inputs: What is looked at, and what it is called with.
        check: Called with each module before it computes.
        layers: By name; those that were not called come last, with no shapes.
        running: What has begun and not returned: after a failure the last of them is where it happened.
        last: The layer that returned last.
        bad: The first layer that gave NaN or an infinite number, and which; empty if none did.
        loose: Bytes that were kept of what no layer made: the net's own operations, and the loss.
    """

    net: nn.Module
    inputs: Iterable[Tensor] = ()
    check: Callable[[Running], None] | None = None
    layers: dict[str, Seen] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)
    last: Seen | None = None
    bad: str = ""
    loose: int = 0

    def __post_init__(self) -> None:
        owned = [*self.net.parameters(), *self.net.buffers(), *self.inputs]
        self._counted = {place for tensor in owned if (place := _place(tensor)) is not None}
        self._makers: dict[int, Seen] = {}
        # As long as they are held, no other tensor can stand at their places in memory.
        self._held: list[Tensor] = []

    @property
    def called(self) -> list[Seen]:
        """The layers that ran, in order."""
        return [seen for seen in self.layers.values() if seen.calls]

    @property
    def last_matrix(self) -> Seen | None:
        """The last layer with a matrix or filters: the one that decides how many outputs there are."""
        mixing = [seen for seen in self.called if any(p.ndim > 1 for p in seen.module.parameters(recurse=False))]
        return mixing[-1] if mixing else None

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look on at what is computed within the block."""
        hooks = []
        for name, module in self.net.named_modules():
            hooks.append(module.register_forward_pre_hook(self._entering(name), with_kwargs=True))
            hooks.append(module.register_forward_hook(self._leaving))
        try:
            with torch.autograd.graph.saved_tensors_hooks(self._pack, lambda tensor: tensor):
                yield
        finally:
            for hook in hooks:
                hook.remove()
            self._held.clear()
        for name, module in self.net.named_modules():
            if is_layer(module):
                self.layers.setdefault(name, Seen(name, type(module).__name__, module))

    def _entering(self, name: str) -> Any:
        def enter(module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            self.running.append(Running(name, module, list(tensors((given, named)))))
            if is_layer(module):
                self.layers.setdefault(name, Seen(name, type(module).__name__, module))
            if self.check:
                self.check(self.running[-1])

        return enter

    def _leaving(self, module: nn.Module, _: Any, output: Any) -> None:
        while self.running[-1].module is not module:
            self.running.pop()
        ran, made = self.running.pop(), list(tensors(output))
        if not is_layer(module):
            return
        seen = self.layers[ran.name]
        seen.inputs = tuple(tuple(tensor.shape) for tensor in ran.given)
        seen.outputs = tuple(tuple(tensor.shape) for tensor in made)
        seen.calls += 1
        seen.largest = max([seen.largest, _of_gates(module, made), *map(_bytes, made)])
        self.last = seen
        for tensor in made:
            self._held.append(tensor)
            if (place := _place(tensor)) is not None:
                self._makers.setdefault(place, seen)
            if not self.bad and not bool(torch.isfinite(tensor.detach()).all()):
                found = "NaN" if bool(torch.isnan(tensor.detach()).any()) else "infinite numbers"
                self.bad = f"{seen.title} gives {found}"

    def _pack(self, tensor: Tensor) -> Tensor:
        place = _place(tensor)
        if place is not None and place not in self._counted:
            self._counted.add(place)
            self._held.append(tensor)
            size = tensor.untyped_storage().nbytes()
            maker = self._makers.get(place) or self._at_work()
            if maker is None:
                self.loose += size
            else:
                maker.kept += size
        return tensor.detach()

    def _at_work(self) -> Seen | None:
        layers = (self.layers.get(ran.name) for ran in reversed(self.running))
        return next((layer for layer in layers if layer), None)


def is_layer(module: nn.Module) -> bool:
    """Whether a module is a layer, not only a frame around others."""
    return not any(module.children()) or any(True for _ in module.parameters(recurse=False))


def titled(name: str, module: nn.Module) -> str:
    """A module in a message: ``"layer 'hidden.0' (Linear)"``, or ``"the net (Linear)"`` for all of it."""
    return f"{f'layer {name!r}' if name else 'the net'} ({type(module).__name__})"


def tensors(value: Any) -> Iterator[Tensor]:
    """All tensors in what a module is given or gives, however they are nested; of packed rows only their words."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, PackedSequence):
        yield value.data
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from tensors(inner)


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _of_gates(module: nn.Module, made: list[Tensor]) -> int:
    """Half the bytes of a gradient for each gate, a state and its gradient, for all steps of one direction.

    That is what torch's profiler sees pass in the backward pass of LSTMs, and of GRUs over packed rows.
    """
    if not isinstance(module, nn.LSTM | nn.GRU) or not made:
        return 0
    states = _bytes(made[0]) // made[0].shape[-1] * module.hidden_size
    return states * (module.get_parameter("weight_hh_l0").shape[0] // module.hidden_size + 2) // 2


def _place(tensor: Tensor) -> int | None:
    """Where its numbers stand; None where they stand in no one row."""
    return tensor.untyped_storage().data_ptr() if tensor.layout is torch.strided else None
