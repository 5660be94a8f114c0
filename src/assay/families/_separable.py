"""Whether planes part the classes without a mistake, answered by a linear program."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from assay.core.arrays import AnyArray, Float32Array, FloatArray

_MOST_NUMBERS = 4_000_000
_FOUND, _NONE = 0, 2


def is_separable(x: Float32Array, y: AnyArray, *, seconds: float) -> bool | None:
    """Whether some weights score each row's own class above all others; None if the time is not enough to know.

    Asked of HiGHS as: is there a W with ``(w_own - w_other) x >= 1`` for all rows (n, d) and other classes? An
    intercept is added. Larger problems than fit into a second or so are not tried.

    Args:
        x: (n, d) finite features.
        y: (n,) class numbers.
        seconds: That it may take.
    """
    from scipy.optimize import linprog

    classes = np.unique(y)
    numbers = len(x) * (x.shape[1] + 1) * (1 if len(classes) == 2 else 2 * (len(classes) - 1))
    if len(classes) < 2:
        return True
    if numbers > _MOST_NUMBERS or seconds <= 0:
        return None
    above: Any = _differences(np.hstack([x, np.ones((len(x), 1))]).astype(np.float64), y, classes)
    found = linprog(
        np.zeros(above.shape[1]),
        A_ub=-above,
        b_ub=-np.ones(above.shape[0]),
        bounds=(None, None),
        method="highs",
        options={"time_limit": seconds},
    )
    return {_FOUND: True, _NONE: False}.get(found.status)


def _differences(x: FloatArray, y: AnyArray, classes: AnyArray) -> csr_array:
    """A line for each row and other class, which times all weights is the score of the own class minus the other's."""
    if len(classes) == 2:
        return csr_array(np.where(y == classes[1], 1.0, -1.0)[:, None] * x)
    blocks = []
    for own in classes:
        rows, none = csr_array(x[y == own]), csr_array((int((y == own).sum()), x.shape[1]))
        for other in classes[classes != own]:
            signs = [rows if one == own else -rows if one == other else none for one in classes]
            blocks.append(hstack(signs))
    return csr_array(vstack(blocks))
