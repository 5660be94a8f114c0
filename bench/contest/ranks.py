"""Mean ranks over sets, and which of them a Nemenyi test cannot tell apart (Demsar 2006)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from contest.systems import ASSAY
from contest.verdicts import Table

LEVEL = 0.05
KINDS = {"tabular": "Tables", "text": "Texts"}


@dataclass(frozen=True)
class Ranking:
    """``means`` is the mean rank of each system, the best first, over ``sets`` sets of a kind."""

    kind: str
    means: Mapping[str, float]
    sets: int

    @property
    def title(self) -> str:
        """The kind, for people."""
        return KINDS[self.kind]

    @property
    def difference(self) -> float:
        """Mean ranks nearer than this cannot be told apart: ``q sqrt(k (k + 1) / 6 N)`` at the level of 0.05.

        ``q`` is the quantile of the studentised range over sqrt(2), for k systems and N sets (Demsar 2006, eq. 6).
        """
        from scipy.stats import studentized_range

        k = len(self.means)
        q = float(studentized_range.ppf(1 - LEVEL, k, np.inf)) / sqrt(2)
        return q * sqrt(k * (k + 1) / (6 * self.sets))

    @property
    def alike(self) -> list[tuple[str, ...]]:
        """Groups of systems, as large as may be, of which no two can be told apart."""
        names, means, reach = list(self.means), np.array(list(self.means.values())), self.difference
        ends = np.searchsorted(means, means + reach, side="right")
        before = [0, *ends[:-1].tolist()]
        starts = [at for at, end in enumerate(ends) if end > at + 1 and end > before[at]]
        return [tuple(names[at : ends[at]]) for at in starts]


def rankings(table: Table) -> list[Ranking]:
    """Those of all kinds that can be ranked."""
    return [ranking for kind in KINDS if (ranking := rank(table, kind))]


def rank(table: Table, kind: str) -> Ranking | None:
    """Rank by log loss on every set of a kind that Assay was tried on; ties share, who failed is last.

    Systems that are not measured on all of these sets yet are left out; None if there are fewer than two.
    """
    from scipy.stats import rankdata

    sets = sorted({name for name, system in table if system == ASSAY and table[name, system].kind == kind})
    systems = sorted({system for _, system in table if sets and all((name, system) in table for name in sets)})
    if len(systems) < 2:
        return None
    found = [[table[name, system] for system in systems] for name in sets]
    losses = np.array([[np.inf if each.failure else each.log_loss for each in row] for row in found])
    means = dict(zip(systems, rankdata(losses, axis=1).mean(axis=0).tolist(), strict=True))
    return Ranking(kind, dict(sorted(means.items(), key=lambda each: each[1])), len(sets))
