"""What an option of an optimizer may be: a test, and the words that tell a person what was expected."""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, NamedTuple


class Limit(NamedTuple):
    """What a value has to be.

    Attributes:
        words: As it ends the sentence "expected ...", e.g. ``"a number above 0"``.
        holds: Says of any value at all whether it is so; never raises.
    """

    words: str
    holds: Callable[[Any], bool]


def one_of(*names: str) -> Limit:
    """A text out of some."""
    return Limit(f"one of: {', '.join(map(repr, names))}", lambda value: isinstance(value, str) and value in names)


def several(limit: Limit, count: int | None = None) -> Limit:
    """A list or tuple of which every value holds, of ``count`` values or of one at least."""
    words = f"a list of {'one or more' if count is None else count} values, each {limit.words}"
    return Limit(words, lambda value: _is_list(value, count) and all(limit.holds(item) for item in value))


def whole(least: int, most: int) -> Limit:
    """A whole number within bounds."""
    words = f"a whole number from {least:,} to {most:,}"
    return Limit(words, lambda value: _is_number(value) and isinstance(value, Integral) and least <= int(value) <= most)


def at_least(least: int) -> Limit:
    """A whole number that may be as large as one likes."""
    words = f"a whole number, {least:,} or more"
    return Limit(words, lambda value: _is_number(value) and isinstance(value, Integral) and int(value) >= least)


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _is_list(value: Any, count: int | None) -> bool:
    return isinstance(value, list | tuple) and (len(value) == count if count is not None else len(value) > 0)


ABOVE_ZERO = Limit("a number above 0", lambda value: _is_number(value) and value > 0)
NOT_NEGATIVE = Limit("a number of 0 or above", lambda value: _is_number(value) and value >= 0)
BELOW_ONE = Limit("a number from 0 to below 1", lambda value: _is_number(value) and 0 <= value < 1)
INSIDE = Limit("a number between 0 and 1", lambda value: _is_number(value) and 0 < value < 1)
SHARE = Limit("a number from 0 to 1", lambda value: _is_number(value) and 0 <= value <= 1)
FLAG = Limit("true or false", lambda value: isinstance(value, bool))
BETAS = several(BELOW_ONE, 2)
