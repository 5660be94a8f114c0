"""ResNet (He et al. 2016, "Deep Residual Learning for Image Recognition"), and its plain twin without shortcuts."""

import re
from collections.abc import Mapping, Sequence

from torch import Tensor, nn
from torch.nn import functional

from assay.core.errors import PlanError, did_you_mean
from assay.nn.normalise import make_norm
from assay.nn.pictures._staged import Side, Staged, at_least, one_of

_THREE_STAGES = (20, 32, 44, 56, 110)
_FOUR_STAGES: Mapping[int, tuple[int, ...]] = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
LAYERS = (*_THREE_STAGES, *_FOUR_STAGES)
STEMS = ("auto", "small", "large")
_BOTTLENECK_FROM = 50


class ResNet(Staged):
    """A first convolution, and stages of blocks that add what they see to what they are given.

    20, 32, 44, 56 and 110 layers are the paper's nets for CIFAR-10: three stages, shortcuts that skip pixels and are
    filled up with maps of zeros. 18 and 34 (two convolutions in a block), 50, 101 and 152 (three, the middle one
    narrow) are those for ImageNet: four stages, shortcuts with a 1 by 1 convolution where the number of maps changes.
    A block of three has its stride in the 3 by 3 convolution, as the published weights do. A stride that would leave
    less than 2 by 2 pixels is left out.

    Args:
        shape: Of a picture: height, width, channels.
        layers: See above.
        width: Maps of the first stage, 0 for the paper's: 16 with three stages, 64 with four.
        norm: As `make_norm`; the paper has ``"batch"``.
        skip: False for the plain twin: the same layers without shortcuts.
        zero_init: Begin with blocks that add nothing: the scale of their last norm is 0 (Goyal et al. 2017).
        stem: With four stages: ``"large"`` for a first convolution of 7 by 7 with a stride, and a pooling; ``"small"``
            for one of 3 by 3; ``"auto"`` for what suits the pictures: large from 64 pixels.

    Raises:
        PlanError: A setting is out of range.
    """

    def __init__(
        self,
        shape: Sequence[int],
        *,
        layers: int = 20,
        width: int = 0,
        norm: str = "batch",
        skip: bool = True,
        zero_init: bool = False,
        stem: str = "auto",
    ) -> None:
        one_of("layers", layers, LAYERS)
        at_least("width", width, 0)
        _check(norm, skip, zero_init, stem)
        three = layers in _THREE_STAGES
        side, width = Side(min(shape[:2])), width or (16 if three else 64)
        large = not three and (side.large if stem == "auto" else stem == "large")
        stages = [_stem(shape[2], width, norm, side, large)]
        channels, bottleneck = width, not three and layers >= _BOTTLENECK_FROM
        counts = ((layers - 2) // 6,) * 3 if three else _FOUR_STAGES[layers]
        for number, count in enumerate(counts):
            blocks, wide = [], width * 2**number
            for block in range(count):
                stride = 2 if number and not block and side.shrinks(3, padding=1) else 1
                blocks.append(
                    Block(channels, wide, stride, norm=norm, skip=skip, bottleneck=bottleneck, project=not three)
                )
                channels = blocks[-1].channels
            stages.append(nn.Sequential(*blocks))
        super().__init__(stages, channels, pooled=True)
        self.begin()
        if zero_init:
            for module in self.modules():
                if isinstance(module, Block):
                    nn.init.zeros_(module.path[-1].weight)  # type: ignore[arg-type]

    def named_here(self, name: str) -> str:
        """``layer2.0.bn1.bias`` of torchvision, timm and most others to ``stages.2.0.path.1.bias``."""
        if found := re.fullmatch(r"(conv|bn)1\.(\w+)", name):
            return f"stages.0.{int(found[1] == 'bn')}.{found[2]}"
        if found := re.fullmatch(r"layer(\d)\.(\d+)\.(conv|bn)(\d)\.(\w+)", name):
            place = 3 * (int(found[4]) - 1) + (found[3] == "bn")
            return f"stages.{found[1]}.{found[2]}.path.{place}.{found[5]}"
        if found := re.fullmatch(r"layer(\d)\.(\d+)\.downsample\.(\d\.\w+)", name):
            return f"stages.{found[1]}.{found[2]}.shortcut.{found[3]}"
        return name


class Block(nn.Module):
    """``relu(path(x) + shortcut(x))``, or ``relu(path(x))`` without shortcut.

    Args:
        inside: Maps that come in.
        width: Maps of its convolutions; with ``bottleneck`` four times as many come out.
        stride: 2 to halve the maps.
        norm: As `make_norm`.
        skip: Whether there is a shortcut.
        bottleneck: Three convolutions, of 1, 3 and 1 pixels, instead of two of 3.
        project: A shortcut that has to change its maps does so by a convolution, not by leaving out and filling up.
    """

    def __init__(
        self, inside: int, width: int, stride: int, *, norm: str, skip: bool, bottleneck: bool, project: bool
    ) -> None:
        super().__init__()
        self.channels = width * 4 if bottleneck else width
        if bottleneck:
            convs = [
                _conv(inside, width, 1, norm),
                _conv(width, width, 3, norm, stride),
                _conv(width, self.channels, 1, norm),
            ]
        else:
            convs = [_conv(inside, width, 3, norm, stride), _conv(width, width, 3, norm)]
        layers = [layer for conv in convs for layer in (conv, make_norm(norm, conv.out_channels, dims=2), nn.ReLU())]
        self.path = nn.Sequential(*layers[:-1])
        self.shortcut = _shortcut(inside, self.channels, stride, norm, project) if skip else None
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Maps (n, inside, h, w) to (n, channels, h / stride, w / stride)."""
        seen: Tensor = self.path(x)
        shown: Tensor = self.relu(seen if self.shortcut is None else seen + self.shortcut(x))
        return shown


class Fill(nn.Module):
    """Every ``stride``-th pixel, and ``more`` maps of zeros; it has no weights (option A of the paper)."""

    def __init__(self, stride: int, more: int) -> None:
        super().__init__()
        self.stride, self.more = stride, more

    def forward(self, x: Tensor) -> Tensor:
        """Maps (n, c, h, w) to (n, c + more, h / stride, w / stride)."""
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))


def _shortcut(inside: int, channels: int, stride: int, norm: str, project: bool) -> nn.Module:
    if inside == channels and stride == 1:
        return nn.Identity()
    if not project:
        return Fill(stride, channels - inside)
    return nn.Sequential(_conv(inside, channels, 1, norm, stride), make_norm(norm, channels, dims=2))


def _stem(channels: int, width: int, norm: str, side: Side, large: bool) -> nn.Module:
    stride = 2 if large and side.shrinks(7, padding=3) else 1
    layers = [_conv(channels, width, 7 if large else 3, norm, stride), make_norm(norm, width, dims=2), nn.ReLU()]
    if large and side.shrinks(3, padding=1):
        layers.append(nn.MaxPool2d(3, 2, padding=1))
    return nn.Sequential(*layers)


def _conv(inside: int, outside: int, kernel: int, norm: str, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, kernel, stride, padding=kernel // 2, bias=norm == "none")


def _check(norm: str, skip: bool, zero_init: bool, stem: str) -> None:
    if stem not in STEMS:
        raise PlanError(
            f"stem = {stem!r}",
            expected=f"one of: {', '.join(STEMS)}",
            fix=f"{did_you_mean(stem, STEMS)}change it in the plan",
        )
    if zero_init and (norm == "none" or not skip):
        raise PlanError(
            f"zero_init with norm = {norm!r} and skip = {str(skip).lower()}",
            expected="a norm whose scale can be zero, and shortcuts that go round it",
            fix="set zero_init to false, or norm to 'batch' and skip to true",
        )
