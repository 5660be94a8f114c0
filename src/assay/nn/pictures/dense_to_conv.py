"""Dense layers as convolutions with the same weights, so that a net slides over pictures larger than its own.

After Sermanet et al. 2014 ("OverFeat") and Long et al. 2015 ("Fully Convolutional Networks").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from assay.core.errors import PlanError
from assay.nn.activations import make_activation
from assay.nn.dropout import Dropout
from assay.nn.headed import Headed
from assay.nn.numpy_activations import ACTIVATIONS
from assay.nn.pictures._staged import Staged
from assay.nn.pictures.lenet import LeNet
from assay.nn.pictures.standardise import Standardise
from assay.training.modes import evaluating

_ACTIVATIONS = tuple(type(make_activation(name)) for name in ACTIVATIONS)
# What these give in a place depends, once training is over, on that place alone.
_OF_UNITS = (*_ACTIVATIONS, nn.Dropout, Dropout)
_OF_MAPS = (*_OF_UNITS, nn.Dropout2d, nn.BatchNorm2d, nn.LocalResponseNorm, nn.ZeroPad2d, Standardise)
_WINDOWS = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
_LENET_SIDE = 32
_ADAPTIVE = {nn.AdaptiveMaxPool2d: nn.MaxPool2d, nn.AdaptiveAvgPool2d: nn.AvgPool2d}


@dataclass(frozen=True)
class Sliding:
    """A net that scores every window of a picture at once.

    Without a border of zeros inside (``padded`` is empty) its scores are those of the windows cut out and scored one
    by one. With one they are not: around a window that is cut out a layer finds zeros, here it finds the pixels that
    lie around it in the picture.

    Attributes:
        net: Pictures (n, channels, H, W) to scores (n, outputs, rows, columns). Its weights are those of the net that
            it was made of, in the same memory.
        window: Height and width that a score is of.
        stride: From window to window, down and across, in pixels.
        padded: The layers that add a border.
    """

    net: nn.Sequential
    window: tuple[int, int]
    stride: tuple[int, int]
    padded: tuple[str, ...]

    def __call__(self, pictures: Tensor) -> Tensor:
        """Scores before softmax, of windows from the upper left corner on; pixels that no whole step reaches are left.

        Raises:
            PlanError: The picture is smaller than a window.
        """
        if pictures.shape[2] < self.window[0] or pictures.shape[3] < self.window[1]:
            raise PlanError(
                f"a picture of {pictures.shape[2]} by {pictures.shape[3]} pixels (height by width)",
                expected=f"{self.window[0]} by {self.window[1]} or more, as the net was trained on",
                fix="give a larger picture",
            )
        with torch.no_grad(), evaluating(self.net):
            scores: Tensor = self.net(pictures)
        return scores


@torch.no_grad()
def dense_to_conv(net: Headed, shape: Sequence[int]) -> Sliding:
    """The net with each dense layer as a convolution.

    The first one after maps of (c, h, w) becomes a convolution of h by w, those after it of 1 by 1. An adaptive pooling
    becomes the plain one that it is for pictures of this size.

    Args:
        net: Trained on pictures of ``shape``: one layer after the other, a head without other columns.
        shape: Height, width and channels.

    Raises:
        PlanError: A layer can neither slide nor become a convolution, or the head reads other columns.
    """
    slides = _Slides()
    seen = torch.zeros(1, shape[2], shape[0], shape[1], device=net.head.weight.device)
    with evaluating(net):
        for name, layer in _in_order("body", net.body, shape):
            slides.add(name, layer, tuple(seen.shape[1:]))
            seen = layer(seen)
    if seen.numel() != net.head.in_features:
        raise _cannot("head", "a head that reads other columns beside the picture")
    slides.add("head", net.head, tuple(seen.shape[1:]))
    return Sliding(slides.net, (shape[0], shape[1]), slides.stride, tuple(slides.padded))


class _Slides:
    """The layers so far, as they slide."""

    def __init__(self) -> None:
        self.net, self.stride, self.padded = nn.Sequential(), (1, 1), list[str]()
        self.flat: tuple[int, ...] = ()

    def add(self, name: str, layer: nn.Module, before: tuple[int, ...]) -> None:
        """One more; ``before`` is the shape of what it gets for a picture."""
        if isinstance(layer, nn.Flatten):
            self.flat = self.flat or before
            return
        made = self._of_units(name, layer) if self.flat else self._of_maps(name, layer, before)
        if isinstance(layer, nn.Linear):
            self.flat = (layer.out_features, 1, 1)
        elif isinstance(made, _WINDOWS):
            down, across = _pair(made.stride)
            self.stride = (self.stride[0] * down, self.stride[1] * across)
        if _pads(made):
            self.padded.append(name)
        self.net.append(made)

    def _of_maps(self, name: str, layer: nn.Module, before: tuple[int, ...]) -> nn.Module:
        for adaptive, plain in _ADAPTIVE.items():
            if isinstance(layer, adaptive):
                return _plain_pooling(name, plain, before[1:], _pair(layer.output_size))
        if isinstance(layer, _OF_MAPS) or (isinstance(layer, _WINDOWS) and not getattr(layer, "ceil_mode", False)):
            return layer
        raise _cannot(name, f"a layer of the kind {type(layer).__name__}")

    def _of_units(self, name: str, layer: nn.Module) -> nn.Module:
        if isinstance(layer, nn.Linear) and layer.in_features == prod(self.flat):
            return _convolution(layer, self.flat)
        if isinstance(layer, nn.BatchNorm1d) and self.flat[1:] == (1, 1):
            return _over_maps(layer)
        if isinstance(layer, _OF_UNITS):
            return layer
        raise _cannot(name, f"a layer of the kind {type(layer).__name__} after the maps")


def _in_order(name: str, module: nn.Module, shape: Sequence[int]) -> Iterator[tuple[str, nn.Module]]:
    """The layers of a net whose layers follow one another, as far as that is known."""
    kind = type(module)
    if isinstance(module, LeNet):
        low, wide = (max(0, _LENET_SIDE - side) for side in shape[:2])
        yield f"{name}.border", nn.ZeroPad2d((wide // 2, wide - wide // 2, low // 2, low - low // 2))
    if isinstance(module, Staged) and kind.forward in (Staged.forward, LeNet.forward):
        yield from _in_order(f"{name}.stages", module.stages, shape)
        if module.end is not None:
            yield from _in_order(f"{name}.end", module.end, shape)
    elif isinstance(module, nn.Sequential) and kind.forward is nn.Sequential.forward:
        for key, child in module.named_children():
            yield from _in_order(f"{name}.{key}", child, shape)
    else:
        yield name, module


def _convolution(dense: nn.Linear, flat: tuple[int, ...]) -> nn.Conv2d:
    """Units of a flattened map lie in the order channel, row, column, as a filter's weights do."""
    channels, height, width = flat
    made = nn.Conv2d(channels, dense.out_features, (height, width), bias=dense.bias is not None, device="meta")
    made.weight = nn.Parameter(dense.weight.view(-1, channels, height, width), requires_grad=False)
    if dense.bias is not None:
        made.bias = nn.Parameter(dense.bias.view(-1), requires_grad=False)
    return made


def _over_maps(norm: nn.BatchNorm1d) -> nn.BatchNorm2d:
    made = nn.BatchNorm2d(norm.num_features, eps=norm.eps, affine=norm.affine, device="meta")
    made.load_state_dict(norm.state_dict(), assign=True)
    return made.requires_grad_(False)


def _plain_pooling(name: str, kind: Any, before: tuple[int, ...], after: tuple[int, int]) -> nn.Module:
    """One place that is left of a side makes no steps: its window can slide by single pixels."""
    if any(side % left for side, left in zip(before, after, strict=True)):
        raise _cannot(name, f"a pooling of maps of {before[0]} by {before[1]} to {after[0]} by {after[1]}")
    size = tuple(side // left for side, left in zip(before, after, strict=True))
    stride = tuple(1 if left == 1 else step for step, left in zip(size, after, strict=True))
    pooling: nn.Module = kind(size, stride)
    return pooling


def _pads(layer: nn.Module) -> bool:
    padding: Any = getattr(layer, "padding", 0)
    if isinstance(padding, str):
        return padding != "valid"
    return any(padding) if isinstance(padding, tuple) else bool(padding)


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _cannot(name: str, what: str) -> PlanError:
    return PlanError(
        f"{what} ({name}) in a net that is to slide over a picture",
        expected="convolutions, poolings and place-by-place layers, then dense layers, one after the other",
        fix="cut the windows out of the picture and score them one by one",
    )
