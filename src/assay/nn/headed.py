"""A net with a body that reads texts or pictures, and a head that also sees the other columns of a row."""

import torch
from torch import Tensor, nn


class WithHead(nn.Module):
    """A net whose scores are those of a linear layer, its ``head``."""

    head: nn.Linear

    @torch.no_grad()
    def start_at(self, scores: Tensor) -> None:
        """Begin with some scores (outputs,), those of the majority baseline, so that no step is spent on finding it."""
        self.head.bias.copy_(scores)


class Headed(WithHead):
    """``head(dropout(body(x)), columns)``: class scores (n, outputs).

    Args:
        body: Gives (n, features) from its input.
        features: How many.
        columns: How many other columns a row has; 0 if ``forward`` takes none.
        outputs: Scores of a row.
        drop_prob: Share of the body's features that is set to zero in training (torch's ``p``; papers often give the
            share that is kept).
    """

    def __init__(
        self, body: nn.Module, features: int, *, columns: int = 0, outputs: int, drop_prob: float = 0.0
    ) -> None:
        super().__init__()
        self.body, self.dropout = body, nn.Dropout(drop_prob)
        self.head = nn.Linear(features + columns, outputs)

    def forward(self, x: Tensor, columns: Tensor | None = None) -> Tensor:
        """Scores (n, outputs) for inputs of the body and, if there are any, other columns (n, d)."""
        seen = self.dropout(self.body(x))
        scores: Tensor = self.head(seen if columns is None else torch.cat([seen, columns.to(seen.dtype)], 1))
        return scores
