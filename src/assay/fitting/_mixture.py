"""What one more candidate would add to those that are done, seen on the rows that it has answered so far."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.fitting._work import Work

_SHARES = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)
_LEAST_LOSS = 1e-9


class Gain(NamedTuple):
    """The share of the loss that a candidate takes away: as it was seen, and what it may be within a standard error."""

    seen: float
    possible: float


@dataclass
class Mixture:
    """A mixture that grows by one candidate at a time, each taking the share that makes the rows' mean loss least.

    It is near enough to the ensemble, which is chosen among all of them at the end, and costs a few looks at the rows.
    """

    work: Work
    outputs: FloatArray | None = None

    def add(self, block: Float32Array) -> None:
        """Mix in a candidate's outputs (n, k) for all rows, NaN where no fold scores them."""
        if self.outputs is None:
            self.outputs = block.astype(np.float64)
            return
        falls = self._falls(block, self.work.scored)
        share = max(falls, key=lambda each: falls[each][0])
        if falls[share][0] > 0:
            self.outputs = (1 - share) * self.outputs + share * block

    def gain(self, block: Float32Array, rows: IntArray) -> Gain:
        """What mixing in a candidate's outputs (n, k) takes off the loss of some rows."""
        falls = self._falls(block, rows).values()
        return Gain(max(0.0, *(seen for seen, _ in falls)), max(0.0, *(seen + error for seen, error in falls)))

    def _falls(self, block: Float32Array, rows: IntArray) -> dict[float, tuple[float, float]]:
        """By the share of the candidate: how much of the rows' loss is gone, and the standard error of that."""
        if self.outputs is None:
            return dict.fromkeys(_SHARES, (0.0, 0.0))
        y, weight = self.work.y[rows], self.work.weight[rows] / self.work.weight[rows].sum()
        ours, theirs = self.outputs[rows], block[rows].astype(np.float64)
        before = self.work.task.row_loss(y, ours)
        scale, found = max(abs(float(weight @ before)), _LEAST_LOSS), {}
        for share in _SHARES:
            fall = (before - self.work.task.row_loss(y, (1 - share) * ours + share * theirs)) / scale
            mean = float(weight @ fall)
            found[share] = mean, float(np.sqrt(weight**2 @ (fall - mean) ** 2))
        return found
