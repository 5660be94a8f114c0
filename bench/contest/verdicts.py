"""What the numbers say: who is better on each set, how sure that is, and ranks over all sets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from contest.results import Result, Results
from contest.scores import paired_interval
from contest.systems import ASSAY, AUTOGLUON, LIGHTGBM, LOGISTIC

Table = Mapping[tuple[str, str], Result]


@dataclass(frozen=True)
class Duel:
    """Assay against one rival on one set by log loss; ``low`` to ``high`` is the 95% interval of the difference.

    A negative difference is in Assay's favour. If Assay failed, the difference is infinite.
    """

    set: str
    rival: str
    ours: float
    theirs: float
    low: float
    high: float

    @property
    def no_worse(self) -> bool:
        """Strictly: not one digit worse."""
        return self.ours <= self.theirs

    @property
    def outcome(self) -> str:
        """``win`` or ``loss`` where the interval leaves no doubt, else ``tie``."""
        return "win" if self.high < 0 else "loss" if self.low > 0 else "tie"


def tabulate(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """Results by set and system."""
    return {(each.set, each.system): each for each in results}


def against_baselines(table: Table, results: Results) -> list[Duel]:
    """Assay against the better of logistic regression and LightGBM, on each set that all three were tried on."""
    return [
        _duel(table[name, ASSAY], min(rivals, key=lambda each: each.log_loss), results)
        for name in _sets(table, (ASSAY, LOGISTIC, LIGHTGBM))
        if (rivals := [table[name, each] for each in (LOGISTIC, LIGHTGBM) if not table[name, each].failure])
    ]


def against_autogluon(table: Table, results: Results) -> list[Duel]:
    """Assay against AutoGluon, on each set where AutoGluon has numbers and Assay was tried."""
    return [
        _duel(table[name, ASSAY], table[name, AUTOGLUON], results)
        for name in _sets(table, (ASSAY, AUTOGLUON))
        if not table[name, AUTOGLUON].failure
    ]


def mean_ranks(table: Table) -> tuple[dict[str, float], int]:
    """Mean rank by log loss of each system (1 is best, ties share), and the number of sets that all have numbers on."""
    from scipy.stats import rankdata

    systems = sorted({system for _, system in table})
    names = [name for name in _sets(table, systems) if not any(table[name, each].failure for each in systems)]
    if not names:
        return {}, 0
    losses = np.array([[table[name, each].log_loss for each in systems] for name in names])
    means = rankdata(losses, axis=1).mean(axis=0)
    return dict(zip(systems, means.tolist(), strict=True)), len(names)


def _sets(table: Table, systems: Sequence[str]) -> list[str]:
    names = sorted({name for name, _ in table})
    return [name for name in names if all((name, each) in table for each in systems)]


def _duel(ours: Result, theirs: Result, results: Results) -> Duel:
    if ours.failure:
        low = high = ours_loss = float("inf")
    else:
        ours_loss = ours.log_loss
        low, high = paired_interval(results.losses(ours), results.losses(theirs))
    return Duel(ours.set, theirs.system, ours_loss, theirs.log_loss, low, high)
