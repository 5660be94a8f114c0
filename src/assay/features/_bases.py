"""Functions of one number whose weighted sums are flexible curves: bins, polynomials and splines.

Each takes x (n,), ascending ``knots`` (m,), the first and the last of which bound the curve, and a ``degree`` where the
pieces can have one, and gives (n, width). Sources: de Boor, A Practical Guide to Splines (1978), chapter IX; Hastie,
Tibshirani and Friedman, The Elements of Statistical Learning (2009), chapter 5; for piecewise linear encoding
Gorishniy, Rubachev and Babenko, On Embeddings for Numerical Features (2022).
"""

from collections.abc import Callable, Mapping

import numpy as np

from assay.core.arrays import FloatArray, IntArray

Basis = Callable[[FloatArray, FloatArray, int], FloatArray]


def bins(x: FloatArray, knots: FloatArray, degree: int = 0) -> FloatArray:
    """1 for the interval between knots that holds x, (n, m - 1); beyond the ends the outermost one."""
    return np.eye(len(knots) - 1)[_interval(x, knots)]


def polynomial(x: FloatArray, knots: FloatArray, degree: int = 3) -> FloatArray:
    """Legendre polynomials of degree 1 to ``degree`` between the outer knots, constant beyond them: (n, degree)."""
    t = 2 * _between(x, knots) - 1
    return np.polynomial.legendre.legvander(t, degree)[:, 1:].astype(np.float64)


def piecewise_linear(x: FloatArray, knots: FloatArray, degree: int = 1) -> FloatArray:
    """How far x is through each interval, from 0 before to 1 after: (n, m - 1)."""
    ways: FloatArray = ((x[:, None] - knots[:-1]) / np.diff(knots)).clip(0, 1)
    return ways


def b_spline(x: FloatArray, knots: FloatArray, degree: int = 3) -> FloatArray:
    """B-splines, which sum to one everywhere: (n, m - 1 + degree); constant beyond the outer knots."""
    inside = x.clip(knots[0], knots[-1])
    all_knots = np.r_[[knots[0]] * degree, knots, [knots[-1]] * degree]
    found = np.zeros((len(x), len(all_knots) - 1))
    found[np.arange(len(x)), _interval(inside, knots) + degree] = 1.0
    for order in range(1, degree + 1):
        span = all_knots[order:] - all_knots[:-order]
        per_span = np.divide(1.0, span, out=np.zeros_like(span), where=span > 0)
        rising = (inside[:, None] - all_knots[: -order - 1]) * per_span[:-1]
        falling = (all_knots[order + 1 :] - inside[:, None]) * per_span[1:]
        found = rising * found[:, :-1] + falling * found[:, 1:]
    return found


def natural(x: FloatArray, knots: FloatArray, degree: int = 3) -> FloatArray:
    """A line, and cubic splines that are straight lines beyond the outer knots: (n, m - 1)."""
    t, at = _scaled(x, knots), _scaled(knots, knots)
    cubes = np.maximum(t[:, None] - at, 0.0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (at[-1] - at[:-1])
    return np.column_stack([t, slopes[:, :-1] - slopes[:, -1:]])


def truncated_power(x: FloatArray, knots: FloatArray, degree: int = 3) -> FloatArray:
    """Powers of x, and of how far it is beyond inner knots: (n, degree + m - 2); constant beyond the outer knots."""
    t, at = _between(x, knots), _scaled(knots, knots)
    beyond = np.maximum(t[:, None] - at[1:-1], 0.0) ** degree
    return np.column_stack([t[:, None] ** np.arange(1, degree + 1), beyond])


BASES: Mapping[str, Basis] = {
    basis.__name__: basis for basis in (bins, polynomial, piecewise_linear, b_spline, natural, truncated_power)
}


def quantile_knots(values: FloatArray, count: int) -> FloatArray:
    """At most ``count`` knots from the lowest to the highest value, with like numbers of values between them.

    Where many values are equal, the others are spread over the distinct values; where distinct values are no more than
    ``count``, each is a knot. No values, or one, give none, or one.
    """
    distinct = np.unique(values)
    if len(distinct) <= count:
        return distinct
    ranks = np.linspace(0, 1, count)
    knots = np.unique(np.quantile(values, ranks))
    return knots if len(knots) == count else np.unique(np.quantile(distinct, ranks))


def _interval(x: FloatArray, knots: FloatArray) -> IntArray:
    """Number (n,) of the interval, the last knot belonging to the last one."""
    return (np.searchsorted(knots, x, side="right") - 1).clip(0, len(knots) - 2)


def _scaled(x: FloatArray, knots: FloatArray) -> FloatArray:
    """0 at the first knot, 1 at the last."""
    scaled: FloatArray = (x - knots[0]) / (knots[-1] - knots[0])
    return scaled


def _between(x: FloatArray, knots: FloatArray) -> FloatArray:
    return _scaled(x, knots).clip(0, 1)
