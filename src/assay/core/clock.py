"""Wall-clock time as something that is given out, spent and never overdrawn."""

import math
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deadline:
    """A moment on the monotonic clock (seconds); ``math.inf`` never comes."""

    moment: float = math.inf

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment that is ``seconds`` from now."""
        return cls(time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.moment - time.monotonic())

    def share(self, part: float) -> "Deadline":
        """A nearer deadline, after ``part`` (0 to 1) of the time that is left."""
        return self if math.isinf(self.moment) else Deadline.after(self.remaining * part)

    @property
    def passed(self) -> bool:
        """Whether the moment is behind us."""
        return time.monotonic() >= self.moment


@dataclass
class Budget:
    """Seconds that a fit may take, of which ``spent`` were used before this process began (a resumed fit).

    Args:
        seconds: The whole budget; ``math.inf`` for none.
        spent: Seconds already used by earlier processes of the same fit.
    """

    seconds: float = math.inf
    spent: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """Seconds used so far, by this process and those before it."""
        return self.spent + time.monotonic() - self.started

    @property
    def remaining(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self.seconds - self.elapsed)

    def slice(self, share: float) -> Deadline:
        """A deadline after ``share`` (0 to 1) of what is left."""
        return Deadline() if math.isinf(self.seconds) else Deadline.after(self.remaining * share)
