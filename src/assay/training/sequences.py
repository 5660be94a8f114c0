"""Batches of whole sequences of like length, from steps that stand behind each other."""

from collections.abc import Iterator

import torch
from torch import Tensor

from assay.training.batches import Batch, Resident, ends_of
from assay.training.bucketed import Bucketed

LONGEST = 256
_STEPS_AT_ONCE = 8_192
_PROBED = 512


class Sequences(Bucketed):
    """Rows are sequences, the longest first; one of more than 256 steps is parted into several.

    A batch's inputs are ``lengths`` (n,), then those of the steps, each (n, t, ...), zeros after a sequence's end; its
    target is (n, t) tags, -1 after the end. A sequence weighs as much as its steps together.

    Args:
        steps: One row for each step; the target (m, 2) is its tag and the number of its sequence.
    """

    def __init__(self, steps: Resident) -> None:
        self.all = steps.all
        sequence = steps.all.target[:, 1].cpu()
        starts, lengths = pieces(sequence)
        self._starts, self._lengths = starts, lengths
        weight = self.all.weight
        own = torch.ones(len(sequence)) if weight is None else weight.cpu()
        sums = torch.cat([torch.zeros(1), own.double().cumsum(0)])
        total = (sums[starts + lengths] - sums[starts]).float()
        self._weights = (total / total.mean()).to(steps.all.target.device)

    def __len__(self) -> int:
        return len(self._starts)

    def along(self, order: Tensor, size: int, *, skip: int = 0) -> Iterator[Batch]:
        """Batches in the order of some numbers of sequences."""
        order = order.cpu()
        ends = ends_of(len(order), size)
        for number in range(skip, len(ends)):
            yield self._batch(order[number * size : ends[number]])

    def in_order(self, size: int) -> Iterator[Batch]:
        """As many at once as keep memory small."""
        return (batch for batch, _ in self.with_rows(size))

    def with_rows(self, size: int) -> Iterator[tuple[Batch, Tensor]]:
        """Batches in order, and the row (m,) that each of their steps stands in, sequence by sequence."""
        start = 0
        while start < len(self):
            count = min(size, max(1, _STEPS_AT_ONCE // int(self._lengths[start])))
            some = torch.arange(start, min(start + count, len(self)))
            place, there = padded(self._starts[some], self._lengths[some])
            yield self._batch(some), place[there]
            start += count

    @property
    def costliest_first(self) -> Batch:
        """The longest sequences."""
        return self._batch(torch.arange(min(_PROBED, len(self))))

    def to(self, device: torch.device) -> "Sequences":
        """A copy of all rows on the device; itself if they are there."""
        there = self.all.target.device == device
        return self if there else type(self)(Resident.on(self.all.to(device)))

    def _batch(self, rows: Tensor) -> Batch:
        place, there = padded(self._starts[rows], self._lengths[rows])
        device = self.all.target.device
        place, there = place.to(device), there.to(device)
        inputs = (_laid(given, place, there) for given in self.all.inputs)
        target = self.all.target[:, 0][place].masked_fill(~there, -1)
        lengths = self._lengths[rows].to(device)
        return Batch((lengths, *inputs), target, self._weights[rows.to(device)])


def pieces(sequence: Tensor) -> tuple[Tensor, Tensor]:
    """First row and length of each sequence (n,), the longest first, from the number of each row's sequence (m,)."""
    changes = torch.nonzero(sequence[1:] != sequence[:-1]).flatten() + 1
    starts = torch.cat([torch.zeros(1, dtype=torch.int64), changes])
    ends = torch.cat([changes, torch.tensor([len(sequence)])])
    parts = -(-(ends - starts) // LONGEST)
    if int(parts.max()) > 1:
        nth = torch.cat([torch.arange(int(count)) for count in parts])
        starts, ends = starts.repeat_interleave(parts), ends.repeat_interleave(parts)
        size = -(-(ends - starts) // parts.repeat_interleave(parts))  # parts of a sequence are of like length
        starts = starts + nth * size
        ends = torch.minimum(ends, starts + size)
    lengths = ends - starts
    order = lengths.argsort(descending=True, stable=True)
    return starts[order], lengths[order]


def padded(starts: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (n, t) of the steps of some sequences, and which of them there are."""
    within = torch.arange(int(lengths.max()))
    there = within < lengths[:, None]
    return torch.where(there, starts[:, None] + within, starts[:, None]), there


def _laid(given: Tensor, place: Tensor, there: Tensor) -> Tensor:
    laid = given.index_select(0, place.flatten()).view(*place.shape, *given.shape[1:])
    return laid * there.view(*there.shape, *[1] * (given.ndim - 1))
