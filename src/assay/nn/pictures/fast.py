"""A net that learns small pictures in minutes: few layers, the first of them on whitened patches (Jordan 2024)."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from assay.nn.pictures.whitening import Whitening

_SIDE = 32
_MOMENTUM = 0.2


class Fast(nn.Module):
    """Groups of two convolutions on whitened patches, to features (n, widths[-1]), the largest over all places.

    A group is convolution, pooling, norm, GELU, convolution, norm, GELU, as in airbench94 (arXiv 2404.00498). Filters
    begin as the identity on as many channels as there are, so that the first steps see the picture at every depth.
    Of larger pictures the whitened patches are taken further apart, so that the first map is of about 32 by 32;
    small maps are not pooled.

    Args:
        channels: Of the pictures.
        size: Height and width.
        widths: Channels of each group.
    """

    def __init__(self, channels: int, size: tuple[int, int], widths: Sequence[int]) -> None:
        super().__init__()
        stride = max(1, min(size) // _SIDE)
        kernel = min(stride + (2 if channels == 1 else 1), *size)
        most = 8 if channels == 1 and stride == 1 else 16
        self.whiten = Whitening(channels, kernel, stride=stride, most=most)
        side, width = (min(size) - kernel) // stride + 1, len(self.whiten.bias)
        groups = []
        for wider in widths:
            groups.append(_group(width, wider, pooled=side >= 4))
            side, width = side // 2 if side >= 4 else side, wider
        self.first, self.groups = nn.GELU(), nn.Sequential(*groups)
        self.features = width

    def forward(self, x: Tensor) -> Tensor:
        """Features (n, widths[-1]) of pictures (n, channels, height, width)."""
        maps: Tensor = self.groups(self.first(self.whiten(x)))
        return maps.amax(dim=(2, 3))


def _group(width: int, wider: int, *, pooled: bool) -> nn.Sequential:
    parts = OrderedDict[str, nn.Module](conv1=_convolution(width, wider))
    if pooled:
        parts["pool"] = nn.MaxPool2d(2)
    parts |= OrderedDict(norm1=nn.BatchNorm2d(wider, momentum=_MOMENTUM), act1=nn.GELU())
    parts |= OrderedDict(conv2=_convolution(wider, wider))
    parts |= OrderedDict(norm2=nn.BatchNorm2d(wider, momentum=_MOMENTUM), act2=nn.GELU())
    return nn.Sequential(parts)


@torch.no_grad()
def _convolution(width: int, wider: int) -> nn.Conv2d:
    made = nn.Conv2d(width, wider, 3, padding=1, bias=False)
    nn.init.dirac_(made.weight[: min(width, wider)])
    return made
