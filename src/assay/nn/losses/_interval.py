"""A prediction and the ends of an interval around it, each by its own loss."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from assay.nn.losses._base import Loss
from assay.nn.losses._rows import columns, shapes_differ, wide
from assay.nn.losses.huber import Huber
from assay.nn.losses.log_cosh import LogCosh
from assay.nn.losses.mae import Mae
from assay.nn.losses.mse import Mse
from assay.nn.losses.quantile import Quantile
from assay.tasks.regression import HUBER_DELTA

_POINTS: Mapping[str, Callable[[], Loss]] = {
    "mse": Mse,
    "mae": Mae,
    "huber": lambda: Huber(delta=HUBER_DELTA),
    "log_cosh": LogCosh,
    "quantile": lambda: Quantile(levels=(0.5,)),
}


class Interval(Loss):
    """The loss of the first output as a prediction, plus the pinball loss of each other one as a quantile.

    Args:
        loss: Of the prediction, one of `assay.tasks.regression.LOSSES`; Huber's with the delta that stands there, and
            ``quantile`` for the median.
        levels: The q quantiles that the further outputs learn; none for the prediction alone.
    """

    name = "interval"
    target = "number"

    def __init__(self, *, loss: str, levels: Sequence[float]) -> None:
        super().__init__()
        self.point: Loss = _POINTS[loss]()
        self.ends: nn.Module | None = Quantile(levels=levels) if levels else None
        self.n_levels = len(levels)

    def width(self, k: int) -> int:
        """One output for each number, and one for each of its levels."""
        return k * (1 + self.n_levels)

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        """Loss of each row (n,) from outputs (n, 1 + q) and target (n,).

        Raises:
            PlanError: There are not 1 + q outputs for a row.
        """
        outputs, target = columns(wide(outputs)), columns(target)
        if target.shape[1] != 1 or outputs.shape != (len(target), 1 + self.n_levels):
            raise shapes_differ(outputs, target, f"{1 + self.n_levels} outputs for one number")
        losses: Tensor = self.point(outputs[:, :1], target)
        if self.ends is not None:
            losses = losses + self.n_levels * self.ends(outputs[:, 1:], target)
        return torch.as_tensor(losses)
