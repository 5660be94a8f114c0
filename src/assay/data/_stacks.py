"""Arrays of numbers that are pictures, of whatever type and order of axes, as pixels."""

import numpy as np

from assay.core.arrays import AnyArray, Pixels
from assay.core.errors import DataError

_CHANNELS = (1, 2, 3, 4)


def pixels_of(stack: AnyArray, where: str) -> Pixels:
    """Pictures as (n, height, width, channels) uint8.

    Args:
        stack: (n, height, width), (n, height, width, channels) or (n, channels, height, width): whole numbers from 0
            to 255, floats from 0 to 1, or true and false.
        where: What it is called in messages.

    Raises:
        DataError: Other numbers.
    """
    pixels = _bytes(stack, where)
    if pixels.ndim == 3:
        return pixels[:, :, :, None]
    if pixels.shape[3] not in _CHANNELS and pixels.shape[1] in _CHANNELS:
        return np.ascontiguousarray(np.moveaxis(pixels, 1, 3))
    return pixels


def _bytes(stack: AnyArray, where: str) -> Pixels:
    if stack.dtype == np.uint8:
        return stack
    if stack.dtype == np.bool_:
        return stack.astype(np.uint8) * np.uint8(255)
    low, high = float(stack.min(initial=0)), float(stack.max(initial=0))
    whole = stack.dtype.kind in "iu" or (high > 1 and bool((stack == np.rint(stack)).all()))
    if not (low >= 0 and high <= (255 if whole else 1)):  # also where one is not a number
        raise DataError(
            f"numbers from {low:g} to {high:g} as the pixels of {where}",
            expected="whole numbers from 0 to 255, or floats from 0 to 1",
            fix="scale them back, e.g. to uint8 as they came from the picture files, or leave them out with --drop",
        )
    return (stack if whole else np.rint(255 * stack)).astype(np.uint8)
