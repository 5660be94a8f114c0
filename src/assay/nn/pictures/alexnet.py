"""AlexNet (Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural Networks")."""

from collections.abc import Sequence

from torch import nn

from assay.core.errors import PlanError
from assay.nn.normalise import make_norm
from assay.nn.pictures._dense import dense_stages
from assay.nn.pictures._staged import Side, Staged, at_least

_MAPS = 6


class AlexNet(Staged):
    """Five convolutions and two dense layers, a stage each.

    With ``width=96, dense=4096, norm="local", groups=2`` and pictures of 224 by 224 it is the paper's net, but for the
    colour shifts of its training. Pictures whose shorter side is below 64 are seen by first filters of 5 by 5 without a
    stride instead of 11 by 11, and a pooling that would leave less than 2 by 2 is left out.

    Args:
        shape: Of a picture: height, width, channels.
        width: Filters of the first layer; the others have 8/3, 4, 4 and 8/3 times as many.
        dense: Units of each dense layer.
        norm: ``"local"`` response normalisation after the first two layers, as in the paper; else as `make_norm`, in
            all five.
        groups: Into which the second, fourth and fifth layer are cut; the paper's two were one for each of its GPUs.
        drop_prob: Of the first dense layer's units; those of the second are the head's to drop.

    Raises:
        PlanError: A setting is out of range.
    """

    def __init__(
        self,
        shape: Sequence[int],
        *,
        width: int = 96,
        dense: int = 4096,
        norm: str = "batch",
        groups: int = 1,
        drop_prob: float = 0.5,
    ) -> None:
        for name, value in (("width", width), ("dense", dense), ("groups", groups)):
            at_least(name, value, 1)
        wide = max(1, width * 8 // 3)
        if width % groups or wide % groups:
            raise PlanError(
                f"groups = {groups} with layers of {width} and {wide} filters",
                expected="a number that divides both",
                fix="set groups to 1, or width to a multiple of 3 * groups",
            )
        side = Side(min(shape[:2]))
        first = {"kernel_size": 11, "stride": 4, "padding": 2} if side.large else {"kernel_size": 5, "padding": 2}
        if side.large:
            side.shrinks(11, stride=4, padding=2)
        stages = [
            _stage(nn.Conv2d(shape[2], width, **first), norm, side, pool=True, local=True),  # type: ignore[arg-type]
            _stage(nn.Conv2d(width, wide, 5, padding=2, groups=groups), norm, side, pool=True, local=True),
            _stage(nn.Conv2d(wide, 4 * width, 3, padding=1), norm, side),
            _stage(nn.Conv2d(4 * width, 4 * width, 3, padding=1, groups=groups), norm, side),
            _stage(nn.Conv2d(4 * width, wide, 3, padding=1, groups=groups), norm, side, pool=True),
        ]
        maps = min(_MAPS, side.side)
        super().__init__([*stages, *dense_stages(wide, maps, dense, drop_prob)], dense, pooled=False)
        self.begin()


def _stage(conv: nn.Conv2d, norm: str, side: Side, *, pool: bool = False, local: bool = False) -> nn.Module:
    """A convolution with what follows; ``local``: where the paper normalises."""
    layers: list[nn.Module] = [conv]
    if norm == "local":
        # Torch divides alpha by the size, the paper does not.
        layers += [nn.ReLU(), *([nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)] if local else [])]
    else:
        layers += [make_norm(norm, conv.out_channels, dims=2), nn.ReLU()]
    if pool and side.shrinks(3):
        layers.append(nn.MaxPool2d(3, 2))
    return nn.Sequential(*layers)
