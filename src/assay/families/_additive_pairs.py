"""Which pairs of columns are worth a term: those whose joint cells still tell something of what is not explained.

After FAST (Lou, Caruana, Gehrke and Hooker 2013, "Accurate intelligible models with pairwise interactions"): a pair is
scored on a coarse grid by how far the loss would fall if each cell of it had an effect of its own.
"""

import numpy as np

from assay.core.arrays import FloatArray, IntArray
from assay.families._additive_losses import Aim
from assay.families._additive_terms import Cells

_CELLS = 8
_MOST_COLUMNS = 40
_MOST_SCORES = 8
_SHRUNK = 1.0


def screened(aim: Aim, scores: FloatArray, cells: Cells, importance: FloatArray) -> list[tuple[int, int]]:
    """Pairs of columns, those that promise most first; none that promises less than chance would.

    Args:
        aim: The loss.
        scores: (n, c) so far.
        cells: Where the rows lie.
        importance: (columns,) how much each adds; where columns are many, only the first ones are paired.
    """
    columns = np.sort(np.argsort(-importance, kind="stable")[:_MOST_COLUMNS])
    columns = columns[importance[columns] > 0]
    maps = [cells.coarser(column, _CELLS) for column in columns]
    rows = [own[cells.rows[column]] for column, own in zip(columns, maps, strict=True)]
    if len(rows) < 2:
        return []
    starts = np.cumsum([0, *(int(own.max()) + 1 for own in maps)])
    flags = np.zeros((len(scores), starts[-1]), np.float32)
    for start, own in zip(starts[:-1], rows, strict=True):
        flags[np.arange(len(own)), start + own] = 1.0
    each = [_gains(aim, scores, column, flags, starts) for column in _heaviest(aim, scores)]
    gains = np.sum(each, axis=0)
    one, two = np.triu_indices(len(columns), 1)
    order = np.argsort(-gains[one, two], kind="stable")
    return [(int(columns[one[at]]), int(columns[two[at]])) for at in order if gains[one[at], two[at]] > 0]


def _heaviest(aim: Aim, scores: FloatArray) -> list[int]:
    """Score columns with the most bend, which those of common classes have."""
    bends = [float(aim.bends(scores, column)[1].sum()) for column in range(aim.n_scores)]
    return sorted(range(aim.n_scores), key=lambda column: -bends[column])[:_MOST_SCORES]


def _gains(aim: Aim, scores: FloatArray, column: int, flags: FloatArray, starts: IntArray) -> FloatArray:
    """For each pair (d, d) the fall of the loss over what chance would give."""
    slope, bend = aim.bends(scores, column)
    noise = aim.noise(slope, bend, 1.0)
    pull = flags.T @ (flags * slope[:, None].astype(np.float32))
    bent = flags.T @ (flags * bend[:, None].astype(np.float32))
    fall = pull.astype(np.float64) ** 2 / (bent + _SHRUNK) / noise - bent / (bent + _SHRUNK)
    return np.add.reduceat(np.add.reduceat(fall, starts[:-1], axis=0), starts[:-1], axis=1)
