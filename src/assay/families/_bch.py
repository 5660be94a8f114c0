"""Binary BCH codes (Bose & Ray-Chaudhuri 1960): words of 2^q - 1 bits, any two of which differ in many of them.

Polynomials over GF(2) are the bits of an integer; elements of GF(2^q) are powers of one that generates them all.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from assay.core.arrays import AnyArray, IntArray

_PRIMITIVE = {4: 0b10011, 5: 0b100101, 6: 0b1000011, 7: 0b10001001, 8: 0b100011101, 9: 0b1000010001}
_BITS_EACH = 5


@dataclass(frozen=True)
class Code:
    """A code with words of ``length`` bits for messages of ``dimension`` bits, at least ``distance`` apart."""

    length: int
    dimension: int
    distance: int
    generator: int

    def words(self, messages: IntArray) -> AnyArray:
        """The words (k, length) of messages (k,) in 0 to 2^dimension - 1, as 0 and 1."""
        numbers = [_times(int(message), self.generator) for message in messages]
        return np.array([[number >> bit & 1 for bit in range(self.length)] for number in numbers], np.int8)


@cache
def best_code(bits: int) -> Code:
    """The code with the largest distance for messages of so many bits, in words about five times as long."""
    q = min((size for size in _PRIMITIVE if 2**size - 1 >= _BITS_EACH * bits), default=max(_PRIMITIVE))
    length, powers = 2**q - 1, _powers(q)
    generator, roots = 1, {0}
    for exponent in range(1, length):
        if exponent in roots:
            continue
        orbit = _orbit(exponent, length)
        if length - (len(roots) - 1 + len(orbit)) < bits:
            return Code(length, length - len(roots) + 1, exponent, generator)
        roots |= orbit
        generator = _times(generator, _minimal(orbit, powers))
    return Code(length, 1, length, generator)  # all zeros or all ones


def _powers(q: int) -> list[int]:
    """The elements of GF(2^q) but zero, each the next power of the first."""
    found, element = [], 1
    for _ in range(2**q - 1):
        found.append(element)
        element <<= 1
        element ^= _PRIMITIVE[q] if element >> q else 0
    return found


def _orbit(exponent: int, length: int) -> set[int]:
    """Exponents of the roots that a polynomial over GF(2) has with this one."""
    found = {exponent}
    while (exponent := 2 * exponent % length) not in found:
        found.add(exponent)
    return found


def _minimal(orbit: set[int], powers: list[int]) -> int:
    """The product of ``x - root`` over some roots, whose coefficients are all 0 or 1."""
    logs = {element: exponent for exponent, element in enumerate(powers)}
    product = [1]
    for root in sorted(orbit):
        shifted = [0, *product]
        for place, coefficient in enumerate(product):
            if coefficient:
                shifted[place] ^= powers[(logs[coefficient] + root) % len(powers)]
        product = shifted
    return sum(coefficient << place for place, coefficient in enumerate(product))


def _times(left: int, right: int) -> int:
    """The product of two polynomials over GF(2)."""
    product = 0
    while left:
        product ^= right if left & 1 else 0
        left, right = left >> 1, right << 1
    return product
