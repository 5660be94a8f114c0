"""A net that scores the tags of each step, and of going from one to the next."""

import torch
from torch import Tensor, nn

from assay.nn.headed import WithHead
from assay.nn.sequences.context import Context
from assay.nn.sequences.spelled import Spelled


class Tagger(WithHead):
    """``head(dropout(context(words, columns)))`` for each step, and scores between tags (Huang, Xu and Yu 2015).

    Args:
        words: Reads the words of a step; None if there are none.
        context: Reads each step among its neighbours.
        outputs: Tags k.
        chain: Whether going from tag to tag has scores; otherwise they stay zero.
        drop_inputs, drop_prob: Share of the numbers of a word, and of the features, that are zero in training.
    """

    between: Tensor

    def __init__(
        self,
        words: Spelled | None,
        context: Context,
        *,
        outputs: int,
        chain: bool = True,
        drop_inputs: float = 0.0,
        drop_prob: float = 0.0,
    ) -> None:
        super().__init__()
        self.words, self.context = words, context
        self.drop_inputs, self.dropout = nn.Dropout(drop_inputs), nn.Dropout(drop_prob)
        self.head = nn.Linear(context.features, outputs)
        between = torch.zeros(outputs + 2, outputs)
        if chain:
            self.between = nn.Parameter(between)
        else:
            self.register_buffer("between", between)

    def forward(self, lengths: Tensor, ids: Tensor, columns: Tensor | None = None) -> Tensor:
        """Scores (n, t + k + 2, k) as `assay.nn.losses._chain` takes them.

        Args:
            lengths: (n,) steps of each sequence.
            ids: (n, t, i) numbers of words, as `Spelled` takes them; i is 0 if there are none.
            columns: (n, t, d) other numbers of the steps, if there are any.
        """
        parts = [] if self.words is None else [self.drop_inputs(self.words(ids))]
        parts += [] if columns is None else [columns]
        own = self.head(self.dropout(self.context(torch.cat(parts, 2), lengths)))
        return torch.cat([own, self.between.to(own.dtype).expand(len(own), -1, -1)], 1)
