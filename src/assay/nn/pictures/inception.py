"""Inception v1, GoogLeNet (Szegedy et al. 2015, "Going Deeper with Convolutions")."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from assay.nn.normalise import make_norm
from assay.nn.pictures._staged import Side, Staged, at_least, one_of

# Table 1 of the paper: 1x1; 1x1 before 3x3, 3x3; 1x1 before 5x5, 5x5; 1x1 after the pooling.
_TABLE: Mapping[str, tuple[int, ...]] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
STACKS: Mapping[int, tuple[tuple[str, ...], ...]] = {
    10: (("3a",), ("4a",), ("5a",)),
    16: (("3a", "3b"), ("4a", "4b"), ("5a", "5b")),
    22: (("3a", "3b"), ("4a", "4b", "4c", "4d", "4e"), ("5a", "5b")),
}
_PAPER = 64


class Inception(Staged):
    """Three convolutions, and three stages of modules that look through windows of several sizes at once.

    With ``layers=22, norm="none"`` and pictures of 224 by 224 it is the paper's GoogLeNet without its two further heads
    and its local response normalisation. 10 and 16 layers leave out modules. Pictures whose shorter side is below 64
    are seen by a first convolution of 3 by 3 without stride and poolings, and a pooling that would leave less than 2 by
    2 pixels is left out.

    Args:
        shape: Of a picture: height, width, channels.
        layers: 10, 16 or 22, counted as in the paper.
        width: Maps of the first convolution, 64 in the paper; all other layers are made wider or narrower alike.
        norm: As `make_norm`; ``"batch"`` came a year later (Ioffe & Szegedy 2015).

    Raises:
        PlanError: A setting is out of range.
    """

    def __init__(self, shape: Sequence[int], *, layers: int = 22, width: int = 64, norm: str = "batch") -> None:
        one_of("layers", layers, STACKS)
        at_least("width", width, 1)
        side, channels = Side(min(shape[:2])), _scaled(3 * _PAPER, width)
        stages = [_stem(shape[2], width, norm, side)]
        for number, names in enumerate(STACKS[layers]):
            modules: list[nn.Module] = _pool(side) if number else []
            for name in names:
                module = Module(channels, [_scaled(maps, width) for maps in _TABLE[name]], norm)
                modules.append(module)
                channels = module.channels
            stages.append(nn.Sequential(*modules))
        super().__init__(stages, channels, pooled=True)
        self.begin()


class Module(nn.Module):
    """Four ways to see the same maps, side by side.

    Args:
        inside: Maps that come in.
        maps: Those of the convolutions, as in the paper's table.
        norm: As `make_norm`.
    """

    def __init__(self, inside: int, maps: Sequence[int], norm: str) -> None:
        super().__init__()
        one, before3, three, before5, five, pooled = maps
        self.ways = nn.ModuleList(
            [
                _conv(inside, one, 1, norm),
                nn.Sequential(_conv(inside, before3, 1, norm), _conv(before3, three, 3, norm)),
                nn.Sequential(_conv(inside, before5, 1, norm), _conv(before5, five, 5, norm)),
                nn.Sequential(nn.MaxPool2d(3, 1, padding=1), _conv(inside, pooled, 1, norm)),
            ]
        )
        self.channels = one + three + five + pooled

    def forward(self, x: Tensor) -> Tensor:
        """Maps (n, inside, h, w) to (n, channels, h, w)."""
        return torch.cat([way(x) for way in self.ways], 1)


def _stem(channels: int, width: int, norm: str, side: Side) -> nn.Module:
    large, wide = side.large, _scaled(3 * _PAPER, width)
    stride = 2 if large and side.shrinks(7, padding=3) else 1
    return nn.Sequential(
        _conv(channels, width, 7 if large else 3, norm, stride),
        *(_pool(side) if large else []),
        _conv(width, width, 1, norm),
        _conv(width, wide, 3, norm),
        *(_pool(side) if large else []),
    )


def _pool(side: Side) -> list[nn.Module]:
    return [nn.MaxPool2d(3, 2, padding=1)] if side.shrinks(3, padding=1) else []


def _conv(inside: int, outside: int, kernel: int, norm: str, stride: int = 1) -> nn.Module:
    conv = nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=norm == "none")
    return nn.Sequential(conv, make_norm(norm, outside, dims=2), nn.ReLU())


def _scaled(maps: int, width: int) -> int:
    return max(1, round(maps * width / _PAPER))
