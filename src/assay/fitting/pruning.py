"""An ensemble without the members that it can do without: it answers faster, from a smaller model.

Members are taken away one at a time, each time the one that is missed least, while the loss stays within noise of that
of the whole (backward selection of an ensemble, Caruana et al. 2004). Noise is the standard error of the mean
difference of the two losses over parts of the rows.
"""

import numpy as np

from assay.core.arrays import FloatArray
from assay.fitting.ensemble import Looks

# How many standard errors worse than the whole ensemble the one that is kept may be.
PREFER = {"fast": 1.0, "balanced": 0.1, "best": 0.0}


def needed(weights: FloatArray, looks: Looks, *, errors: float) -> list[int]:
    """Numbers of the members to keep of those with a weight (m,), which is of one sum, in their order.

    Args:
        weights: Of the m candidates of the looks.
        looks: At the rows that decide; their parts show the noise.
        errors: How many standard errors the loss may rise; with 0 no member is taken away.
    """
    kept = [int(number) for number in np.flatnonzero(weights)]
    parts = [looks.of_part(number) for number in np.unique(looks.part)]
    if not errors or len(parts) < 2:
        return kept

    def losses(members: list[int]) -> FloatArray:
        own = np.zeros_like(weights)
        own[members] = weights[members] / weights[members].sum()
        return np.array([part.loss(own) for part in parts])

    whole = losses(kept)
    while len(kept) > 1:
        rises = {member: losses([other for other in kept if other != member]) - whole for member in kept}
        least = min(kept, key=lambda member: float(rises[member].mean()))
        if rises[least].mean() > errors * rises[least].std(ddof=1) / np.sqrt(len(parts)):
            break
        kept.remove(least)
    return kept
