"""How fast boosting must learn to be done in time."""

import math

from assay.core.clock import Deadline

_FASTEST = 0.3
_ROUNDS = 20  # over the rate: rounds that a training may take, from experience with early stopping


def affordable(rate: float, seconds_per_round: float, deadline: Deadline) -> float:
    """The rate, or a higher one at which a full training ends before the deadline."""
    if math.isinf(deadline.moment):
        return rate
    possible, wanted = deadline.remaining / max(seconds_per_round, 1e-6), _ROUNDS / rate
    return rate if possible >= wanted else float(round(min(_FASTEST, rate * wanted / max(possible, 1.0)), 3))
