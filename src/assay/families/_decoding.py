"""From the answers of binary models to probabilities of classes: what a code's columns say about its rows.

Answers are (n, m): the probability of each problem's positive side; a code is (k, m), see `assay.families._codes`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from assay.core.arrays import AnyArray, FloatArray

Decoder = Callable[[FloatArray, AnyArray, FloatArray], FloatArray]

_FLOOR = 1e-6
_RIDGE = 1e-10
_CELLS = 4_000_000
_MOST_ROUNDS, _ENOUGH = 100, 1e-7
_TIE = 1e-3
_SCALES, _FINER = np.geomspace(1e-2, 1e2, 41), np.geomspace(0.8, 1.25, 21)


def normalised(answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """Of one-vs-rest: each class's probability, divided by their sum; two classes have one answer."""
    if code.shape == (2, 1):
        return floored(np.hstack([1 - answers, answers]))
    return floored(answers / answers.sum(axis=1, keepdims=True))


def least_squares(answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """The probabilities whose sums on the two sides of each problem are most nearly in proportion to its answer.

    Minimises the sum over problems of ``(r sum(p of -) - (1 - r) sum(p of +))^2`` with ``sum(p) = 1``. For pairs of
    classes that is pairwise coupling by the second method of Wu, Lin & Weng (2004), never negative; for other codes
    what falls below zero is raised.
    """
    k, m = code.shape
    found = np.empty((len(answers), k))
    step = max(1, _CELLS // (k * max(k, m)))
    for start in range(0, len(answers), step):
        some = answers[start : start + step, None, :]
        sides = np.where(code > 0, some - 1, np.where(code < 0, some, 0.0))
        system = np.zeros((len(sides), k + 1, k + 1))
        np.matmul(sides, sides.transpose(0, 2, 1), out=system[:, :k, :k])
        system[:, :k, :k] += _RIDGE * m * np.eye(k)
        system[:, k, :k] = system[:, :k, k] = 1.0
        right = np.zeros((len(sides), k + 1, 1))
        right[:, k] = 1.0
        found[start : start + step] = np.linalg.solve(system, right)[:, :k, 0]
    return floored(found)


def bradley_terry(answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """The probabilities under which the answers are most likely, each counted by the rows that it was learned from.

    For pairs of classes pairwise coupling by Hastie & Tibshirani (1998), for other codes the generalised Bradley-Terry
    model of Huang, Weng & Lin (2006); all probabilities move at once, as in Hunter (2004), at most a hundred times.
    """
    plus, minus = (code > 0).astype(np.float64), (code < 0).astype(np.float64)
    weight = rows / max(rows.max(initial=0.0), 1e-12) + _FLOOR
    found = np.full((len(answers), len(code)), 1 / len(code))
    active = np.arange(len(answers))
    for _ in range(_MOST_ROUNDS):
        p, r = found[active], answers[active]
        above, below = p @ plus, p @ minus
        said = (weight * r / above) @ plus.T + (weight * (1 - r) / below) @ minus.T
        moved = p * said / ((weight / (above + below)) @ (plus + minus).T)
        moved = floored(moved)
        found[active] = moved
        active = active[np.abs(moved - p).max(axis=1, initial=0.0) > _ENOUGH]
        if not len(active):
            break
    return found


def agreement(answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """Columns that agree with a class less those that do not, halved; equal counts are told apart by how surely.

    The order is that of the Hamming distance; for pairs of classes that of their votes.
    """
    wide = code.T.astype(np.float64)
    found: FloatArray = (np.sign(answers - 0.5) @ wide) / 2 + _TIE * ((answers - 0.5) @ wide)
    return found


def likelihood(answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """Minus the sum over columns of the logistic loss of a class's margin (loss-based, Allwein et al. 2000)."""
    found: FloatArray = np.log(answers) @ (code > 0).T + np.log(1 - answers) @ (code < 0).T
    found += np.log(0.5) * (code == 0).sum(axis=1)
    return found


PROBABILITIES: Mapping[str, Decoder] = MappingProxyType(
    {"normalised": normalised, "least_squares": least_squares, "bradley_terry": bradley_terry}
)
SCORES: Mapping[str, Decoder] = MappingProxyType({"votes": agreement, "hamming": agreement, "loss": likelihood})
DECODERS = (*PROBABILITIES, *SCORES)


def decoded(decoding: str, scale: float, answers: FloatArray, code: AnyArray, rows: FloatArray) -> FloatArray:
    """Probabilities (n, k) by a decoder's name; scores become such by the softmax of their ``scale``-fold."""
    if decoding in PROBABILITIES:
        return PROBABILITIES[decoding](answers, code, rows)
    return softmax(scale * SCORES[decoding](answers, code, rows))


def best_scale(scores: FloatArray, y: AnyArray, weight: FloatArray) -> float:
    """The scale of scores (n, k) with the lowest log loss on rows of the classes (n,)."""
    rows = np.arange(len(y))

    def loss(scale: float) -> float:
        return float(-np.average(np.log(softmax(scale * scores)[rows, y]), weights=weight))

    rough = min(_SCALES.tolist(), key=loss)
    return float(min((rough * _FINER).tolist(), key=loss))


def softmax(scores: FloatArray) -> FloatArray:
    """Probabilities (n, k), none below the floor."""
    return floored(np.exp(scores - scores.max(axis=1, keepdims=True)))


def floored(outputs: FloatArray) -> FloatArray:
    """Outputs (n, k) that sum to one, none below 1e-6 before they are made to."""
    raised = np.maximum(outputs / outputs.sum(axis=1, keepdims=True), _FLOOR)
    found: FloatArray = raised / raised.sum(axis=1, keepdims=True)
    return found
