"""What the numbers say: who is better on each set, and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contest.results import Result, Results
from contest.scores import paired_interval
from contest.systems import ASSAY, ASSAY_30, AUTOGLUON, LIGHTGBM, LOGISTIC

Table = Mapping[tuple[str, str], Result]


@dataclass(frozen=True)
class Duel:
    """Assay against one rival on one set by log loss; ``low`` to ``high`` is the 95% interval of the difference.

    A negative difference is in Assay's favour. If Assay failed, the difference is infinite. ``gain`` is Assay's
    accuracy less the rival's.
    """

    set: str
    kind: str
    rival: str
    ours: float
    theirs: float
    low: float
    high: float
    gain: float

    @property
    def no_worse(self) -> bool:
        """Strictly: not one digit worse."""
        return self.ours <= self.theirs

    @property
    def outcome(self) -> str:
        """``win`` or ``loss`` where the interval leaves no doubt, else ``tie``."""
        return "win" if self.high < 0 else "loss" if self.low > 0 else "tie"


@dataclass(frozen=True)
class Verdicts:
    """Duels of Assay with the better baseline and with each rival, and with AutoGluon in half the time."""

    baselines: Sequence[Duel]
    rivals: Mapping[str, Sequence[Duel]]
    half: Sequence[Duel]

    def against(self, rival: str, kind: str) -> list[Duel]:
        """Those with a rival on sets of a kind."""
        return [each for each in self.rivals.get(rival, ()) if each.kind == kind]


def tabulate(results: Iterable[Result]) -> dict[tuple[str, str], Result]:
    """Results by set and system."""
    return {(each.set, each.system): each for each in results}


def judge(table: Table, results: Results) -> Verdicts:
    """Hold Assay against everybody, on each set where it was tried and the rival has numbers."""
    rivals = sorted({system for _, system in table} - {ASSAY, ASSAY_30})
    return Verdicts(
        baselines=against_baselines(table, results),
        rivals={rival: against(rival, table, results) for rival in rivals},
        half=against(AUTOGLUON, table, results, ours=ASSAY_30),
    )


def against_baselines(table: Table, results: Results) -> list[Duel]:
    """Assay against the better of logistic regression and LightGBM, on each set that all three were tried on."""
    return [
        _duel(table[name, ASSAY], min(rivals, key=lambda each: each.log_loss), results)
        for name in _sets(table, (ASSAY, LOGISTIC, LIGHTGBM))
        if (rivals := [table[name, each] for each in (LOGISTIC, LIGHTGBM) if not table[name, each].failure])
    ]


def against(rival: str, table: Table, results: Results, ours: str = ASSAY) -> list[Duel]:
    """Assay against a rival, on each set where the rival has numbers and Assay was tried."""
    return [
        _duel(table[name, ours], table[name, rival], results)
        for name in _sets(table, (ours, rival))
        if not table[name, rival].failure
    ]


def _sets(table: Table, systems: Sequence[str]) -> list[str]:
    names = sorted({name for name, _ in table})
    return [name for name in names if all((name, each) in table for each in systems)]


def _duel(ours: Result, theirs: Result, results: Results) -> Duel:
    if ours.failure:
        low = high = ours_loss = float("inf")
    else:
        ours_loss = ours.log_loss
        low, high = paired_interval(results.losses(ours), results.losses(theirs))
    gain = ours.accuracy - theirs.accuracy
    return Duel(ours.set, ours.kind, theirs.system, ours_loss, theirs.log_loss, low, high, gain)
