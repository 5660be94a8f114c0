"""What the nets of the classic papers share: stages one after the other, and maps that shrink while enough is left."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from assay.core.errors import PlanError, listed
from assay.nn.initialise import initialise

_LARGE = 64
_LEAST = 2


class Staged(nn.Module):
    """Pictures (n, channels, height, width) float32 to features (n, ``features``), stage by stage.

    Attributes:
        stages: In the order of computation; transfer freezes them from the first one on.
        end: What follows and has no weights, or None.
        features: How many numbers it gives for a picture.
        heads: How the layer that scores classes is called in weight files of others.
    """

    heads: tuple[str, ...] = ("fc", "linear", "classifier", "head", "head.fc")

    def __init__(self, stages: Iterable[nn.Module], features: int, *, pooled: bool) -> None:
        super().__init__()
        self.stages = nn.Sequential(*stages)
        self.end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()) if pooled else None
        self.features = features

    def forward(self, x: Tensor) -> Tensor:
        """Features of pictures."""
        seen: Tensor = self.stages(x)
        if self.end is not None:
            seen = self.end(seen)
        return seen

    def named_here(self, name: str) -> str:
        """The name of a weight here for its name in the weight files of others; the same where none is known."""
        return name

    def stage_patterns(self) -> list[list[str]]:
        """For each stage the patterns of its parameters' names."""
        return [[f"stages.{number}.*"] for number in range(len(self.stages))]

    def begin(self) -> None:
        """First weights for layers followed by ReLU (He et al. 2015), drawn from torch's global generator."""
        if not any(weight.is_meta for weight in self.parameters()):
            initialise(self, "kaiming", seed=int(torch.randint(2**31 - 1, (1,))))


class Side:
    """The shorter side of maps while a net is built, in pixels."""

    def __init__(self, side: int) -> None:
        self.side = side

    @property
    def large(self) -> bool:
        """Whether pictures are seen as those of ImageNet: by a first layer with large filters and strides."""
        return self.side >= _LARGE

    def shrinks(self, kernel: int, *, stride: int = 2, padding: int = 0) -> bool:
        """Whether a window leaves two pixels or more, and if so, goes on with what it leaves."""
        left = (self.side + 2 * padding - kernel) // stride + 1
        if left < _LEAST:
            return False
        self.side = left
        return True


def one_of(name: str, value: int, choices: Iterable[int]) -> None:
    """Refuse a number that is not among the choices.

    Raises:
        PlanError: It is not; the nearest one is named.
    """
    known = sorted(choices)
    if value not in known:
        nearest = min(known, key=lambda choice: abs(choice - value))
        raise PlanError(f"{name} = {value}", expected=f"one of: {listed(known)}", fix=f"set {name} to {nearest}")


def at_least(name: str, value: int, least: int) -> None:
    """Refuse a number that is too low.

    Raises:
        PlanError: It is.
    """
    if value < least:
        raise PlanError(f"{name} = {value}", expected=f"{least} or more", fix=f"raise {name} in the plan")
