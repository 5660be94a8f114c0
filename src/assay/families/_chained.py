"""Predictors that score the tags of steps, and of going from one to the next, and so decide sequences as a whole."""

from abc import abstractmethod

import numpy as np

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.families._base import Predictor
from assay.families._chain import sums
from assay.features._base import Matrix
from assay.tasks._spans import Steps

_FLOOR = 1e-6


class Chained(Predictor):
    """Gives marginal probabilities of a linear-chain conditional random field."""

    @abstractmethod
    def scores(self, matrix: Matrix) -> Float32Array:
        """Scores (n + k + 2, k) of n steps, see `assay.families._chain`."""

    @property
    @abstractmethod
    def tags(self) -> int:
        """How many tags k."""

    def predict(self, matrix: Matrix) -> FloatArray:
        """Marginal probabilities (n, k) of the tags of each step, none below 1e-6 before they are scaled."""
        if not len(matrix):
            return np.zeros((0, self.tags))
        marginals = sums(self.scores(matrix), Steps.of(sequence_of(matrix))).marginals.astype(np.float64)
        floored = np.maximum(marginals, _FLOOR)
        outputs: FloatArray = floored / floored.sum(axis=1, keepdims=True)
        return outputs


def sequence_of(matrix: Matrix) -> IntArray:
    """Which rows are steps of one sequence; each by itself if nothing says so."""
    return np.arange(len(matrix)) if matrix.sequence is None else matrix.sequence
