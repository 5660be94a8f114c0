"""What one more candidate would add to those that are done, seen on the rows that it has answered so far."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.fitting._work import Work

_SHARES = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)


@dataclass
class Mixture:
    """A mixture that grows by one candidate at a time, each taking the share that makes the rows' mean loss least.

    It is near enough to the ensemble, which is chosen among all of them at the end, and costs a few looks at the rows.
    """

    work: Work
    outputs: FloatArray | None = None

    def add(self, block: Float32Array) -> None:
        """Mix in a candidate's outputs (n, k) for all rows, NaN where no fold scores them."""
        rows = self.work.scored
        if self.outputs is None:
            self.outputs = block.astype(np.float64)
            return
        share = self._best_share(block, rows)[0]
        self.outputs = (1 - share) * self.outputs + share * block

    def gain(self, block: Float32Array, rows: IntArray) -> float:
        """The share of the loss on some rows that mixing in a candidate's outputs (n, k) would take away, 0 to 1."""
        _, before, after = self._best_share(block, rows)
        return (before - after) / abs(before) if before else 0.0

    def _best_share(self, block: Float32Array, rows: IntArray) -> tuple[float, float, float]:
        """The share, the mean loss of the rows without the candidate, and with it."""
        if self.outputs is None:
            return 1.0, 0.0, 0.0
        y, weight = self.work.y[rows], self.work.weight[rows]
        ours, theirs = self.outputs[rows], block[rows].astype(np.float64)

        def loss(share: float) -> float:
            return float(np.average(self.work.task.row_loss(y, (1 - share) * ours + share * theirs), weights=weight))

        losses = [loss(share) for share in _SHARES]
        best = int(np.argmin(losses))
        return _SHARES[best], losses[0], losses[best]
