"""Pixels of 0 to 255 to numbers around zero."""

import torch
from torch import Tensor, nn

_NUMBERS, _PICTURES = 2**25, 5_000


class Standardise(nn.Module):
    """``(pixel - mean) / spread`` for each channel of pictures (n, channels, height, width) of uint8 or float32.

    Mean and spread are one number per channel, taken from the pictures given to `fit`; until then 0 and 255.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("spread", torch.full((channels, 1, 1), 255.0))

    @torch.no_grad()
    def fit(self, pictures: Tensor) -> None:
        """Take mean and spread from pictures (n, channels, height, width); what never changes is not divided."""
        spread, mean = torch.std_mean(pictures.to(torch.float32), dim=(0, 2, 3), keepdim=True, correction=0)
        self.mean.copy_(mean[0])
        self.spread.copy_(torch.where(spread[0] > 0, spread[0], 1.0))

    def forward(self, pictures: Tensor) -> Tensor:
        """The same pictures in float32."""
        return (pictures.to(self.mean.dtype) - self.mean) / self.spread


def looked_at(pictures: Tensor) -> int:
    """How many of some pictures (n, channels, height, width) are enough to see what all are like, and fit in memory."""
    return max(1, min(len(pictures), _PICTURES, _NUMBERS // max(1, pictures[0].numel())))
