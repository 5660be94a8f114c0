"""What stands around a step: states of an LSTM from both ends, or convolutions over its neighbours."""

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from assay.nn.texts.recurrent import Layer, reversing, turned


class Context(Protocol):
    """Steps (n, t, inputs) with ``lengths`` (n,) to (n, t, features); what is behind an end does not matter."""

    features: int

    def __call__(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The steps, each with what stands around it."""


class BothWays(nn.Module):
    """``layers`` of LSTM cells, each from both ends (Graves and Schmidhuber 2005).

    Args:
        inputs: Numbers of a step.
        width: Of a state in one direction.
        layers: How many, one over the other.
        drop_prob: Share of the numbers between layers that is zero in training.
    """

    def __init__(self, inputs: int, width: int, layers: int, drop_prob: float = 0.0) -> None:
        super().__init__()
        self.features = 2 * width
        sizes = [inputs, *[self.features] * (layers - 1)]
        self.layers = nn.ModuleList(Layer(size, width, "lstm", bidirectional=True) for size in sizes)
        self.dropout = nn.Dropout(drop_prob)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """States (n, t, features)."""
        turn = reversing(lengths, x.shape[1])
        for number, layer in enumerate(self.layers):
            ahead, back = layer(self.dropout(x) if number else x, lengths, turn)
            x = torch.cat([ahead, turned(back, turn)], 2)
        return x


class Convolved(nn.Module):
    """``layers`` of convolutions over three steps, each with a way past it (residual; as in Strubell et al. 2017).

    Args:
        inputs, drop_prob: As `BothWays`.
        width: Numbers that come out for a step.
        layers: How many; each sees one step more on both sides.
    """

    def __init__(self, inputs: int, width: int, layers: int, drop_prob: float = 0.0) -> None:
        super().__init__()
        self.features = width
        self.mixed = nn.Linear(inputs, width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers + 1))
        self.dropout = nn.Dropout(drop_prob)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Numbers (n, t, width)."""
        there = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[..., None]
        x = gelu(self.norms[0](self.mixed(x)))
        for layer, norm in zip(self.layers, self.norms[1:], strict=True):
            seen = layer((x * there).transpose(1, 2)).transpose(1, 2)
            x = x + self.dropout(gelu(norm(seen)))
        return x


CONTEXTS: dict[str, type[BothWays] | type[Convolved]] = {"lstm": BothWays, "cnn": Convolved}
