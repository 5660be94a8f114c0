"""Logistic regressions of several labels as one problem: binary relevance that reads the rows once for all of them."""

from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.families._softmax import Problem


@dataclass(frozen=True)
class Labels(Problem):
    """Scores (n, k) of labels y (n, k), NaN where they are not known; each label counts as much as any other."""

    @property
    def n_scores(self) -> int:
        """One for each label."""
        return self.n_classes

    @property
    def bound(self) -> float:
        """Of the second derivative of a row's loss by a score."""
        return 0.25

    def start(self, prior: FloatArray) -> Float32Array:
        """The solution (p, k) that gives each row the prior (k,)."""
        solution = np.zeros((self.design.width, self.n_scores), np.float32)
        solution[0] = np.log(prior / (1 - prior))
        return solution

    def loss(self, scores: Float32Array) -> float:
        """Weighted mean over the rows of the sum over known labels of -ln p."""
        signed = np.where(self.y == 1, -scores, scores)
        losses = np.where(np.isfinite(self.y), np.logaddexp(np.float32(0), signed), np.float32(0))
        return float(self.share @ losses.sum(axis=1).astype(np.float64))

    def residual(self, scores: Float32Array) -> Float32Array:
        """Gradient (n, k) of the loss with respect to the scores."""
        found: Float32Array = 1 / (1 + np.exp(-np.clip(scores, -30, 30))) - (self.y == 1)
        found[~np.isfinite(self.y)] = 0.0
        found *= self.share[:, None]
        return found.astype(np.float32, copy=False)


def label_losses(y: AnyArray, outputs: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean of -ln p for each label (k,) over the rows in which it is known; 0 where it is in none."""
    share = weight[:, None] * np.isfinite(y)
    losses = -np.log(np.where(y == 1, outputs, 1 - outputs))
    found: FloatArray = (share * losses).sum(axis=0) / np.maximum(share.sum(axis=0), 1e-12)
    return found
