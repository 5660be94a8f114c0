"""Outputs in as few bits as they are good for: those of all candidates are the largest part of a run folder."""

import numpy as np

from assay.core.arrays import AnyArray, Float32Array

_BITS = 12
_BEHIND_THE_POINT = 14
_FEWEST_BITS = 5
_ONE = 1.001  # probabilities may be that large, by rounding


def short(outputs: Float32Array, *, roughly: bool = False) -> Float32Array:
    """Outputs (n, k) to 12 bits, a relative error below 1 in 4,000; what is no number stays so.

    Args:
        outputs: Probabilities or numbers.
        roughly: Whether probabilities below a quarter may be off by 1 in 30,000 or, where that is more, by a thirtieth
            of themselves: log losses and shares of right answers on a thousand rows remain the same to four digits.
    """
    known = np.nan_to_num(outputs)
    bits: AnyArray = np.full(outputs.shape, _BITS)
    if roughly and known.min(initial=0.0) >= 0 and known.max(initial=0.0) <= _ONE:
        bits = np.clip(np.frexp(known)[1] + _BEHIND_THE_POINT, _FEWEST_BITS, _BITS)
    last = np.left_shift(1, 24 - bits).astype(np.uint32)  # of 24 bits, the lowest that is kept
    rounded: Float32Array = (outputs.copy().view(np.uint32) + last // 2 & -last).view(np.float32)
    return rounded
