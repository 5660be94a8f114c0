"""Weighted scores of tagged sequences, in NumPy alone.

``y`` is (n, 2): the tag and the number of the sequence of each step; ``outputs`` (n, k) probabilities, ``decided`` (n,)
tags, ``weight`` (n,). Span F1 is that of seqeval (Nakayama 2018) in its default mode, which is CoNLL's.
"""

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.tasks._base import Metric
from assay.tasks._metrics import row_log_loss
from assay.tasks._spans import Scheme


def token_accuracy(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of the steps that are decided right."""
    return float(np.average(y[:, 0] == decided, weights=weight))


def sequence_accuracy(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Share of the sequences in which every step is decided right; a sequence weighs as much as its first step."""
    _, first, number = np.unique(y[:, 1], return_index=True, return_inverse=True)
    wrong = np.bincount(number, weights=y[:, 0] != decided)
    return float(np.average(wrong == 0, weights=weight[first]))


def log_loss(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
    """Mean over the steps of -ln(probability of the true tag)."""
    return float(np.average(row_log_loss(y[:, 0], outputs), weights=weight))


def span_counts(scheme: Scheme, y: AnyArray, decided: AnyArray, weight: FloatArray) -> tuple[FloatArray, ...]:
    """Weight of spans found, of spans decided and of true spans, by type (kinds,); a span weighs as its first step."""
    keys, kinds, weights = [], [], []
    for tags in (y[:, 0], decided):
        starts, ends, kind = scheme.spans(tags, y[:, 1])
        keys.append((starts * (len(y) + 1) + ends) * (len(scheme.kinds) + 1) + kind)
        kinds.append(kind)
        weights.append(weight[starts])
    right = np.isin(keys[1], keys[0])
    m = len(scheme.kinds)
    found = _sums(kinds[1][right], weights[1][right], m)
    return found, _sums(kinds[1], weights[1], m), _sums(kinds[0], weights[0], m)


def span_f1(scheme: Scheme) -> Metric:
    """F1 over all spans together: a span is right if both its ends and its type are."""

    def score(y: AnyArray, outputs: FloatArray, decided: AnyArray, weight: FloatArray) -> float:
        found, said, true = (part.sum() for part in span_counts(scheme, y, decided, weight))
        return float(2 * found / (said + true)) if said + true > 0 else 0.0

    return Metric("span_f1", score, greater_is_better=True, uses_decisions=True, tunes_rule=True)


def _sums(kind: IntArray, weight: FloatArray, m: int) -> FloatArray:
    return np.bincount(kind, weights=weight, minlength=m).astype(np.float64)


TOKEN_ACCURACY = Metric("token_accuracy", token_accuracy, greater_is_better=True, uses_decisions=True)
SEQUENCE_ACCURACY = Metric("sequence_accuracy", sequence_accuracy, greater_is_better=True, uses_decisions=True)
LOG_LOSS = Metric("log_loss", log_loss, greater_is_better=False, uses_decisions=False)
