"""A first layer that is not learned: filters that see small patches as independent numbers of variance one."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

_PATCHES = 200_000
_LEAST = 1e-12


class Whitening(nn.Module):
    """A frozen convolution by the main directions of the training pictures' patches, each once for either sign.

    The filters are ``+-v / sqrt(s + epsilon * mean(s))`` for the eigenvectors v and eigenvalues s of the covariance of
    patches (Coates et al. 2011, "An Analysis of Single-Layer Networks"; as a frozen layer: Jordan 2024, airbench, arXiv
    2404.00498). The bias begins where it takes the mean patch to zero, and is learned.

    Args:
        channels: Of the pictures.
        kernel: Height and width of a patch.
        stride: From patch to patch.
        most: How many eigenvectors at most, those of the largest eigenvalues; there are ``channels * kernel ** 2``.
    """

    weight: Tensor

    def __init__(self, channels: int, kernel: int, *, stride: int = 1, most: int = 16) -> None:
        super().__init__()
        self.stride, size = stride, channels * kernel**2
        chosen = torch.eye(size)[: min(size, most)]
        self.register_buffer("weight", torch.cat([chosen, -chosen]).view(-1, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(len(self.weight)))

    @torch.no_grad()
    def fit(self, pictures: Tensor, *, epsilon: float = 5e-4) -> None:
        """Take the filters from pictures (n, channels, height, width) of floating numbers.

        Until then they are single pixels.

        Args:
            pictures: Scaled as `forward` will get them.
            epsilon: How far small eigenvalues are raised, as a share of the mean of all.
        """
        kernel = self.weight.shape[2]
        patches = pictures.unfold(2, kernel, kernel).unfold(3, kernel, kernel)
        rows = patches.permute(0, 2, 3, 1, 4, 5).reshape(-1, self.weight[0].numel())
        rows = rows[:: math.ceil(len(rows) / _PATCHES)].double()
        mean = rows.mean(0)
        values, vectors = torch.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
        raised = values.clamp(min=0) + epsilon * values.clamp(min=0).mean() + _LEAST
        scaled = (vectors / raised.sqrt()).T.flip(0)[: len(self.weight) // 2]
        both = torch.cat([scaled, -scaled])
        self.weight.copy_(both.view_as(self.weight))
        self.bias.copy_(-(both @ mean))

    def forward(self, x: Tensor) -> Tensor:
        """(n, channels, height, width) to (n, 2 * eigenvectors, ...), in the layout that has channels innermost."""
        x = x.contiguous(memory_format=torch.channels_last)
        # Of one channel torch cannot see which layout it has, and would give the other.
        return functional.conv2d(x, self.weight, self.bias, self.stride).contiguous(memory_format=torch.channels_last)
