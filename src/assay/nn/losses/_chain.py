"""The loss of tags that are decided together: a linear-chain conditional random field over a net's scores."""

import torch
from torch import Tensor

from assay.nn.losses._base import Loss

_LEAST = 1e-30


class Chain(Loss):
    """-ln p(tags of a sequence) by its number of steps (Lafferty, McCallum and Pereira 2001).

    A row is a sequence. Its outputs (t + k + 2, k) are the scores of the tags of t steps, then of going from the row's
    tag to the column's, which are the same for all sequences, and of beginning and of ending with a tag. Where going
    from tag to tag has no scores, the loss is the mean cross-entropy of the steps.
    """

    name = "chain"
    target = "tags"

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        """Loss (n,) from outputs (n, t + k + 2, k) and tags (n, t), -1 after a sequence's end."""
        k = outputs.shape[2]
        own, between, there = outputs[:, : -k - 2], outputs[0, -k - 2 :], target >= 0
        return (_totals(own, between, there) - _of_tags(own, between, target)) / there.sum(1)


def _totals(own: Tensor, between: Tensor, there: Tensor) -> Tensor:
    """Logarithm (n,) of the sum over all sequences of tags: forward in powers of what is scaled to at most one."""
    pair, begin, end = between[:-2], between[-2], between[-1]
    top = pair.max().detach()
    move = (pair - top).exp()
    total = begin + own[:, 0]
    for t in range(1, own.shape[1]):
        most = total.max(1, keepdim=True).values.detach()
        onward = ((total - most).exp() @ move).clamp_min(_LEAST).log() + most + top + own[:, t]
        total = torch.where(there[:, t, None], onward, total)
    return torch.logsumexp(total + end, 1)


def _of_tags(own: Tensor, between: Tensor, tags: Tensor) -> Tensor:
    """Scores (n,) of some sequences of tags."""
    pair, begin, end = between[:-2], between[-2], between[-1]
    there, known = tags >= 0, tags.clamp(min=0)
    scores = (own.gather(2, known[..., None]).squeeze(2) * there).sum(1)
    pairs = pair.flatten()[known[:, :-1] * len(pair) + known[:, 1:]] * there[:, 1:]
    last = known.gather(1, there.sum(1, keepdim=True) - 1).squeeze(1)
    return scores + pairs.sum(1) + begin[known[:, 0]] + end[last]
