"""Penalised Newton steps on all terms at once, each group of coefficients finding its own smoothing as it goes.

A group's penalty becomes its degrees of freedom over its squared size, after each step (MacKay 1992, "Bayesian
interpolation"; for penalised regression Wood and Fasiolo 2017, "A generalized Fellner-Schall method"): a group that
tells nothing is shrunk away. Only training rows are looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri

from assay.core.arrays import Float32Array, FloatArray, IntArray
from assay.families._additive_losses import Aim
from assay.families._additive_terms import Term

_BLOCK = 8_192
_LEAST_PENALTY, _MOST_PENALTY = 0.05, 1e7
_HALVINGS = 6


@dataclass(frozen=True)
class Memory:
    """The numbers of a sum at some time."""

    intercept: FloatArray
    weights: list[FloatArray]
    penalties: list[FloatArray]


@dataclass
class Sum:
    """Scores that are an intercept and a sum of terms, while they are learned.

    Attributes:
        aim: The loss.
        intercept: (c,).
        terms: The terms, each with the row of its basis for each row of the data.
        weights: For each term its coefficients (m, c).
        penalties: For each score column the penalties of all groups, in the order of the terms.
    """

    aim: Aim
    intercept: FloatArray
    terms: list[tuple[Term, IntArray]] = field(default_factory=list)
    weights: list[FloatArray] = field(default_factory=list)
    penalties: list[FloatArray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.penalties = [np.zeros(0)] * self.aim.n_scores

    def add(self, terms: Sequence[tuple[Term, IntArray]], penalty: float) -> None:
        """More terms, of which nothing is known yet; their penalties begin with ``penalty``."""
        for term, rows in terms:
            self.terms.append((term, rows))
            self.weights.append(np.zeros((term.basis.shape[1], self.aim.n_scores)))
        more = np.full(sum(int(term.groups.max()) + 1 for term, _ in terms), penalty)
        self.penalties = [np.append(known, more) for known in self.penalties]

    def scores(self) -> FloatArray:
        """Scores (n, c) of the training rows."""
        scores = np.tile(self.intercept, (len(self.aim.y), 1))
        for (term, rows), weights in zip(self.terms, self.weights, strict=True):
            scores += (term.basis @ weights)[rows]
        return scores

    def scores_in(self, cells: Sequence[IntArray], n: int) -> FloatArray:
        """Scores (n, c) of n rows in these cells of the columns."""
        scores = np.tile(self.intercept, (n, 1))
        for (term, _), weights in zip(self.terms, self.weights, strict=True):
            scores += (term.basis @ weights)[term.located(cells)]
        return scores

    def memory(self) -> "Memory":
        """What `restore` needs to come back here, whatever is learned or added in between."""
        return Memory(
            self.intercept.copy(), [own.copy() for own in self.weights], [own.copy() for own in self.penalties]
        )

    def restore(self, memory: "Memory") -> None:
        """Back to what was; terms that were added since are dropped."""
        self.intercept = memory.intercept.copy()
        self.weights = [own.copy() for own in memory.weights]
        self.penalties = [own.copy() for own in memory.penalties]
        del self.terms[len(self.weights) :]

    @property
    def width(self) -> int:
        """Number of coefficients of a score, the intercept among them."""
        return 1 + sum(len(weights) for weights in self.weights)

    def round(self) -> float:
        """A step for each score column; returns by which share of itself the penalised loss fell."""
        groups = self._groups()
        scores = self.scores()
        before = self.aim.loss(scores) + self._penalty(groups)
        after = before
        for column in range(self.aim.n_scores):
            scores, after = self._step(scores, column, groups, after)
        return (before - after) / max(abs(before), 1e-12)

    def _step(self, scores: FloatArray, column: int, groups: IntArray, before: float) -> tuple[FloatArray, float]:
        slope, bend = self.aim.bends(scores, column)
        gram, pull = self._products(slope, bend)
        ridge = np.append(1e-9, self.penalties[column][groups])
        held = np.append(self.intercept[column], self._column(column))
        bent = gram + np.diag(ridge)
        factor = cho_factor(bent, lower=True)
        aimed = held - cho_solve(factor, pull + ridge * held)
        length, found, after = 1.0, scores, before
        for _ in range(_HALVINGS):
            self._put(column, held + length * (aimed - held))
            found = self.scores()
            after = self.aim.loss(found) + self._penalty(groups)
            if after <= before + 1e-9 * abs(before):
                break
            length /= 2
        inverse, _ = dpotri(factor[0], lower=True)
        spread = np.diag(inverse)[1:]
        self._smooth(column, groups, spread, slope, bend)
        return found, self.aim.loss(found) + self._penalty(groups)

    def _smooth(self, column: int, groups: IntArray, spread: FloatArray, slope: FloatArray, bend: FloatArray) -> None:
        """New penalties from coefficients and the diagonal (p,) of the inverse of their bends."""
        weights = self._column(column)
        size = np.bincount(groups, weights**2)
        count = np.bincount(groups)
        free = np.maximum(count - self.penalties[column] * np.bincount(groups, spread), 1e-3)
        wanted = (free / np.maximum(size, 1e-12)).clip(_LEAST_PENALTY, _MOST_PENALTY)
        self.penalties[column] = wanted * self.aim.noise(slope, bend, free.sum())

    def _products(self, slope: FloatArray, bend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """``X' bend X`` (1 + p, 1 + p) and ``X' slope`` (1 + p,), block by block of rows."""
        tables = [term.basis.astype(np.float32) for term, _ in self.terms]
        width = 1 + sum(table.shape[1] for table in tables)
        gram, pull = np.zeros((width, width)), np.zeros(width)
        block: Float32Array = np.ones((min(_BLOCK, len(slope)), width), np.float32)
        root = np.sqrt(bend).astype(np.float32)
        for start in range(0, len(slope), _BLOCK):
            part = slice(start, start + _BLOCK)
            filled = block[: len(slope[part])]
            filled[:, 0] = 1.0
            at = 1
            for table, (_, rows) in zip(tables, self.terms, strict=True):
                filled[:, at : at + table.shape[1]] = table[rows[part]]
                at += table.shape[1]
            pull += slope[part].astype(np.float32) @ filled
            filled *= root[part, None]
            gram += filled.T @ filled
        return gram, pull

    def _column(self, column: int) -> FloatArray:
        """Coefficients (p,) of a score, the intercept aside."""
        return np.concatenate([weights[:, column] for weights in self.weights] or [np.zeros(0)])

    def _groups(self) -> IntArray:
        """For each coefficient the number of its penalty."""
        found, first = [], 0
        for term, _ in self.terms:
            found.append(term.groups + first)
            first += int(term.groups.max()) + 1
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _penalty(self, groups: IntArray) -> float:
        squares = np.concatenate([w**2 for w in self.weights]) if self.weights else np.zeros((0, self.aim.n_scores))
        return sum(float(own[groups] @ squares[:, column]) / 2 for column, own in enumerate(self.penalties))

    def _put(self, column: int, solution: FloatArray) -> None:
        self.intercept[column] = solution[0]
        at = 1
        for weights in self.weights:
            weights[:, column] = solution[at : at + len(weights)]
            at += len(weights)
