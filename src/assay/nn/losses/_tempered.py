"""Cross-entropy for choosing between epochs or trainings whose answers will be made less sure afterwards."""

import torch
from torch import Tensor

from assay.nn.losses._base import Loss
from assay.nn.losses._rows import wide
from assay.nn.losses.cross_entropy import row_cross_entropy

TEMPERATURES = tuple(2.0 ** (step / 4) for step in range(13))


class Tempered(Loss):
    """Cross-entropy with all scores divided by one number from 1 to 8, that which makes the mean of the rows lowest.

    A net that learns its rows by heart grows too sure of itself, and its log loss rises while it still tells more and
    more rows right. A temperature puts that right after the fit (Guo et al. 2017, arXiv 1706.04599), so it must not
    decide which epoch is kept.
    """

    name = "tempered"
    target = "class"

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        """Loss of each row (n,) from outputs (n, k) and class numbers (n,)."""
        scores = wide(outputs)
        losses = torch.stack([row_cross_entropy(scores / by, target) for by in TEMPERATURES])
        return losses[losses.mean(1).argmin()]
