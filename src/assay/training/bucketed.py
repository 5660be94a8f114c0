"""Batches of texts of like length: what fills up short rows beside long ones is computed for nothing."""

from collections.abc import Iterator

import torch
from torch import Tensor

from assay.core.seeds import derive_seed
from assay.training.batches import Batch, Resident, permutation

_POOL = 16


class Bucketed(Resident):
    """Rows in memory whose first input is numbers of words (n, t), 0 after a row's end.

    The rows of an epoch are permuted and parted into pools of 16 batches; each pool is sorted by length and cut into
    batches, and these are permuted. Only seed and epoch decide. Columns behind a batch's longest row are cut off.

    Args:
        rows: The rows.
    """

    def __init__(self, rows: Resident) -> None:
        self.all = rows.all
        self._lengths = (self.all.inputs[0] != 0).sum(1).cpu()

    def shuffled(self, size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Batches of like length."""
        return self.along(self._order(size, seed, epoch), size, skip=skip)

    def along(self, order: Tensor, size: int, *, skip: int = 0) -> Iterator[Batch]:
        """Batches in the order of some row numbers."""
        return map(_trimmed, super().along(order, size, skip=skip))

    @property
    def costliest_first(self) -> Batch:
        """All rows, those first that take the most memory."""
        return _trimmed(self.all.rows(self._lengths.argsort(descending=True, stable=True).to(self.all.target.device)))

    def to(self, device: torch.device) -> "Bucketed":
        """A copy of all rows on the device; itself if they are there."""
        there = self.all.target.device == device
        return self if there else type(self)(Resident.on(self.all.to(device)))

    def _order(self, size: int, seed: int, epoch: int) -> Tensor:
        order = permutation(len(self), seed, epoch)
        pools = [pool[self._lengths[pool].argsort(stable=True)] for pool in torch.split(order, _POOL * size)]
        batches = torch.split(torch.cat(pools), size)
        # The last batch can be of fewer rows, or be joined with the one before it: both stay where they are.
        fixed = min(2, len(batches))
        free = permutation(len(batches) - fixed, derive_seed(seed, "buckets"), epoch).tolist()
        return torch.cat([*(batches[number] for number in free), *batches[len(batches) - fixed :]])


def _trimmed(batch: Batch) -> Batch:
    ids, *others = batch.inputs
    longest = max(1, int((ids != 0).sum(1).max()))
    return Batch((ids[:, :longest], *others), batch.target, batch.weight)
