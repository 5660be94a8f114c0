"""The n sequences of tags with the highest scores of a chain (Viterbi 1967; n kept per tag: Schwartz and Chow 1990)."""

import numpy as np

from assay.core.arrays import BoolArray, FloatArray, IntArray

_NEVER = -1e30


def n_best(
    own: FloatArray, between: FloatArray, n: int, allowed: BoolArray | None = None
) -> tuple[IntArray, FloatArray]:
    """Tags (m, t) of one sequence of t steps, the best first, and their scores (m,), m <= n.

    Args:
        own: Scores (t, k) of the tags of each step.
        between: (k + 2, k): of going from the row's tag to the column's, then of beginning and of ending with a tag.
        n: How many are wanted.
        allowed: (k + 2, k) in the same order, which of these may be at all; None for all.
    """
    t, k = own.shape
    if not t:
        return np.zeros((1, 0), np.int64), np.zeros(1)
    pair = between if allowed is None else np.where(allowed, between, _NEVER)
    # Of each tag the w best ways to it, (k, w), and where each came from, as tag * w + place a step before.
    best = (own[0] + pair[-2])[:, None]
    origins = [np.zeros((k, 1), np.int64)]
    for scores in own[1:]:
        ways = (best[:, :, None] + pair[:-2, None, :]).reshape(-1, k)
        origin = _largest(ways, n)
        best = np.take_along_axis(ways, origin, axis=0).T + scores[:, None]
        origins.append(origin.T)
    ends = (best + pair[-1][:, None]).ravel()
    place = _largest(ends[:, None], n)[:, 0]
    place = place[ends[place] > _NEVER / 2]
    found, tags = ends[place], np.zeros((len(place), t), np.int64)
    for step in range(t - 1, -1, -1):
        tags[:, step], nth = np.divmod(place, origins[step].shape[1])
        place = origins[step][tags[:, step], nth]
    return tags, found


def _largest(values: FloatArray, n: int) -> IntArray:
    """Places (min(n, m), k) of the largest of each column of values (m, k), the largest first."""
    order: IntArray = np.argsort(-values, axis=0, kind="stable")[:n]
    return order
