"""Which steps are watched: many at the start, where faults begin, then as few as cost little."""

from collections import deque
from statistics import median

SHARE = 0.015
_LEAST, _MOST = 64, 2**16
_FREE = 32


class Pace:
    """Steps 0 to 4, then one in each doubling, then every ``k``-th.

    ``k`` is a power of two, 64 or more, such that watching takes about 1.5% of the time. So two trainings of the same
    net watch the same steps, or the one every second of the other's.

    Args:
        k: Fixes it; 0 to go by what is measured.
    """

    def __init__(self, k: int = 0) -> None:
        self.fixed, self.k = bool(k), k or _LEAST
        self._costs: deque[float] = deque(maxlen=5)
        self._plain, self._plain_steps = 0.0, 0

    def gap(self, step: int) -> int:
        """Steps from one watched step to the next, around this one."""
        if self.fixed:
            return self.k
        return min(self.k, 1 if step < 4 else 2 ** (step.bit_length() - 1))

    def took(self, watched: float, plain: float, plain_steps: int) -> None:
        """Take note of the seconds of a watched step, and of those of the steps before it that were not."""
        self._plain += plain
        self._plain_steps += plain_steps
        if self.fixed or self._plain_steps < _FREE:
            return
        usual = self._plain / self._plain_steps
        self._costs.append(max(0.0, watched - usual))
        self.k = _LEAST
        while self.k < _MOST and median(self._costs) > SHARE * self.k * usual:
            self.k *= 2
