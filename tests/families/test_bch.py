"""Words of BCH codes, against what is printed in the textbooks."""

from itertools import combinations

import numpy as np
import pytest

from assay.families._bch import best_code


@pytest.mark.parametrize(
    ("bits", "length", "dimension", "distance"),
    [(3, 15, 5, 7), (5, 31, 6, 15), (6, 31, 6, 15), (7, 63, 7, 31), (9, 63, 10, 27)],
)
def test_codes_are_those_of_the_tables(bits: int, length: int, dimension: int, distance: int) -> None:
    code = best_code(bits)
    assert (code.length, code.dimension, code.distance) == (length, dimension, distance)


def test_the_generator_of_the_short_code_is_the_known_one() -> None:
    # x^10 + x^8 + x^5 + x^4 + x^2 + x + 1, of the (15, 5) code; Lin & Costello, Error Control Coding
    assert best_code(3).generator == 0b10100110111


@pytest.mark.parametrize("bits", [3, 5])
def test_all_words_are_as_far_apart_as_promised(bits: int) -> None:
    code = best_code(bits)
    words = code.words(np.arange(2**code.dimension))
    assert words.shape == (2**code.dimension, code.length)
    assert min(int((one != two).sum()) for one, two in combinations(words, 2)) == code.distance
