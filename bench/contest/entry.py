"""One line of a list of work."""

from dataclasses import dataclass

from contest.sets import DataSet
from contest.systems import System


@dataclass(frozen=True)
class Entry:
    """A contestant on a set, in a group of such; ``seconds`` count only if it knows a budget."""

    group: str
    data: DataSet
    system: System
    seconds: float
