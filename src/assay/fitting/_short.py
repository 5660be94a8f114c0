"""Outputs in as few bits as they are good for: those of all candidates are the largest part of a run folder."""

import numpy as np

from assay.core.arrays import AnyArray, Float32Array

_MOST_BITS = 12
_BEHIND_THE_POINT = 14
_ONE = 1.001  # probabilities may be that large, by rounding


def short(outputs: Float32Array, *, bits: int) -> Float32Array:
    """Outputs (n, k) whose relative error is below 1 in 4,000; what is no number stays so.

    Probabilities below a quarter may be off by 1 in 30,000 or, where that is more, by a share of themselves.

    Args:
        outputs: Probabilities or numbers.
        bits: That the smallest probabilities keep, so that a share is one in 2^bits: with 5, log losses and shares of
            right answers on a thousand rows remain the same to four digits.
    """
    known = np.nan_to_num(outputs)
    kept: AnyArray = np.full(outputs.shape, _MOST_BITS)
    if known.min(initial=0.0) >= 0 and known.max(initial=0.0) <= _ONE:
        kept = np.clip(np.frexp(known)[1] + _BEHIND_THE_POINT, bits, _MOST_BITS)
    last = np.left_shift(1, 24 - kept).astype(np.uint32)  # of 24 bits, the lowest that is kept
    rounded: Float32Array = (outputs.copy().view(np.uint32) + last // 2 & -last).view(np.float32)
    return rounded
