"""TabM-mini (Gorishniy et al. 2025, "TabM: Advancing tabular deep learning with parameter-efficient ensembling")."""

import math

import torch
from torch import Tensor, nn

from assay.nn.dropout import Dropout
from assay.nn.piecewise import Piecewise

_AT_ONCE = 1_024
_LEVELS = 256


class Adapter(nn.Module):
    """Each member's own view of a row: its numbers times the member's factors, which begin as random signs."""

    def __init__(self, members: int, width: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.empty(members, width).bernoulli_(0.5).mul_(2).sub_(1))

    def forward(self, x: Tensor) -> Tensor:
        """Rows (n, d) to views (n * members, d), those of a row together."""
        return (x[:, None] * self.factor).flatten(0, 1)


class Heads(nn.Module):
    """A linear layer for each member."""

    def __init__(self, members: int, width: int, outputs: int) -> None:
        super().__init__()
        bound = width**-0.5
        self.weight = nn.Parameter(torch.empty(members, width, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(members, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(n * members, width) to (n, members, outputs)."""
        members, width, _ = self.weight.shape
        views = x.view(-1, members, width).transpose(0, 1)
        return torch.baddbmm(self.bias[:, None], views, self.weight).transpose(0, 1)


class QuickDropout(Dropout):
    """Dropout by one random byte for each value, the probability rounded to 1/256; changes its input in place.

    Torch's own draws a float for each value, which took as long as all matrix products of such a net (measured).
    """

    def forward(self, x: Tensor) -> Tensor:
        """The same shape as ``x``, which is any."""
        dropped = round(self.drop_prob * _LEVELS)
        if not self.training or not dropped:
            return x
        drawn = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device).random_(-(2**63), None)
        kept = drawn.view(torch.uint8)[: x.numel()].view(x.shape) >= dropped
        return x.mul_(kept.to(x.dtype).mul_(_LEVELS / (_LEVELS - dropped)))


class TabM(nn.Module):
    """Many small nets in one: they share all weights but an adapter in front and a head at the end, one of each each.

    In training it gives the scores of all members, for each of which the loss is taken (`assay.nn.losses._members`); in
    evaluation the logarithm of the mean of their probabilities, of which softmax makes that mean.

    Args:
        numbers: Columns that hold numbers; they come first.
        others: Columns behind them that are used as they are, such as one-hot ones.
        outputs: Classes.
        members: How many nets.
        width, depth: Of the shared hidden layers, which are ReLU layers with dropout.
        drop_prob: Share of each hidden layer's outputs that is left out by chance.
        bins, embedding: Of the numbers' piecewise-linear embeddings: bins, and width; with a width of 0 there are none.
    """

    def __init__(
        self,
        numbers: int,
        others: int,
        outputs: int,
        *,
        members: int = 8,
        width: int = 128,
        depth: int = 2,
        drop_prob: float = 0.1,
        bins: int = 16,
        embedding: int = 8,
    ) -> None:
        super().__init__()
        self.numbers, self.members = numbers, members
        self.embed = Piecewise(numbers, embedding, bins=bins) if embedding and numbers else None
        columns = numbers * (embedding if self.embed else 1) + others
        self.adapter = Adapter(members, columns)
        self.hidden = nn.Sequential()
        for number in range(depth):
            self.hidden.append(nn.Linear(width if number else columns, width))
            if drop_prob:
                self.hidden.append(QuickDropout(drop_prob))
            self.hidden.append(nn.ReLU(inplace=True))
        self.heads = Heads(members, width, outputs)

    @torch.no_grad()
    def begin(self, x: Tensor, scores: Tensor) -> None:
        """Take the bins from training rows (n, numbers + others), and begin with the shares of the classes."""
        if self.embed:
            self.embed.fit(x[:, : self.numbers])
        self.heads.bias.add_(scores)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, members * outputs) in training, (n, outputs) in evaluation, of rows (n, numbers + others)."""
        if self.training:
            return self._scores(x).flatten(1)
        return torch.cat([self._mean(rows) for rows in torch.split(x, _AT_ONCE)])

    def _scores(self, x: Tensor) -> Tensor:
        if self.embed:
            x = torch.cat([self.embed(x[:, : self.numbers]), x[:, self.numbers :]], 1)
        scores: Tensor = self.heads(self.hidden(self.adapter(x)))
        return scores

    def _mean(self, x: Tensor) -> Tensor:
        return torch.logsumexp(self._scores(x).log_softmax(2), 1) - math.log(self.members)
