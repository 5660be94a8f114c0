"""Piecewise-linear embeddings of numbers (Gorishniy et al. 2022, "On Embeddings for Numerical Features")."""

import torch
from torch import Tensor, nn

_MOST_ROWS, _ROUNDS = 50_000, 12


class Piecewise(nn.Module):
    """Each number x to ``bias + x direction + sum over bins b of part_b(x) step_b``, a vector of its own (version B).

    ``part_b(x)`` is the share of bin b that lies below x: 0 before the bin, 1 behind it, a straight line within. So a
    vector is a piecewise-linear curve that bends where `fit` found the quantiles of the column; it begins as a straight
    line, for the steps begin at zero.

    Args:
        columns: Numbers of a row d.
        width: Of each number's vector.
        bins: At most so many for each column; columns with few values get fewer.
    """

    start: Tensor
    slope: Tensor

    def __init__(self, columns: int, width: int, *, bins: int) -> None:
        super().__init__()
        self.width = width
        self.register_buffer("start", torch.zeros(columns, bins))
        self.register_buffer("slope", torch.zeros(columns, bins))
        self.steps = nn.Parameter(torch.zeros(columns, bins, width))
        bound = width**-0.5
        self.direction = nn.Parameter(torch.empty(columns, width).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(columns, width).uniform_(-bound, bound))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Put the edges of bins at quantiles of training rows (n, d).

        A value that is more frequent than a bin is wide counts as one bin: the others are spread over the rest.
        """
        self.start.zero_()
        self.slope.zero_()
        for number, column in enumerate(x[:: -(-len(x) // _MOST_ROWS)].T):
            edges = _edges(column, self.start.shape[1])
            used = len(edges) - 1
            self.start[number, :used] = edges[:-1]
            self.slope[number, :used] = 1 / edges.diff()

    def forward(self, x: Tensor) -> Tensor:
        """Numbers (n, d) to vectors (n, d * width), one column after the other."""
        parts = ((x[:, :, None] - self.start) * self.slope).clamp_(0, 1)
        curved = torch.bmm(parts.transpose(0, 1), self.steps).transpose(0, 1)
        vectors: Tensor = torch.addcmul(self.bias, x[:, :, None], self.direction) + curved
        return vectors.flatten(1)


def _edges(column: Tensor, bins: int) -> Tensor:
    """Up to ``bins`` + 1 values of a column in rising order, the smallest and the largest among them."""
    values, counts = torch.unique(column, return_counts=True)
    if len(values) <= bins + 1:
        whole: Tensor = values
        return whole
    heights, most = counts.double(), float(len(column))
    for _ in range(_ROUNDS):  # until the most that a value may count is what a bin holds
        most = float(heights.clamp(max=most).sum()) / bins
    heights = heights.clamp(max=most).cumsum(0)
    wanted = torch.linspace(0, 1, bins + 1, dtype=torch.float64)[1:-1] * heights[-1]
    inner = torch.searchsorted(heights, wanted).clamp(1, len(values) - 2)
    ends = torch.tensor([0, len(values) - 1])
    edges: Tensor = values[torch.unique(torch.cat([ends, inner]))]
    return edges
