"""What comes next in a fit, and how much of the time it may take.

Candidates come in the plan's order. One whose first fold took long is set aside if what it adds there to the others is
not worth the time that its other folds will take; when the rest is done, those come again that promise most for their
time, as long as they may add anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from assay.core.clock import Deadline
from assay.fitting._mixture import Mixture
from assay.fitting._standing import Standing
from assay.fitting.ensemble import Looks, seconds_of_look

_LEAST_SECONDS = 0.2
_GENEROSITY = 2.0
_LEAST_SHARE, _MOST_SHARE = 0.25, 0.75
_SMALL_SHARE = 0.05  # of the budget: what takes less is not worth a question
_WORTH = 0.04  # by how much the loss must fall for the whole budget, as a share of it
_MOST_ASKED = 0.01
_NOTHING = 0.0005


@dataclass
class Schedule:
    """Gives out the time of a budget; ``looking`` is the seconds that one look at an ensemble takes."""

    standing: Standing
    looking: float = 0.0
    aside: dict[int, float] = field(default_factory=dict)
    mixture: Mixture = field(init=False)

    def __post_init__(self) -> None:
        self.mixture = Mixture(self.standing.work)

    def order(self) -> Iterator[int]:
        """Numbers of candidates as their turns come; those that were set aside get another, or are given up."""
        yield from range(len(self.standing.work.plan.candidates))
        while waiting := [number for number in self.aside if self.standing.is_begun(number)]:
            number = max(waiting, key=lambda each: self.aside[each] / self._rest(each))
            if self.aside[number] > _NOTHING:
                yield number
            else:
                told = f"on its first fold it took {self.aside[number]:.2%} at best off the loss of the others"
                self.standing.give_up(number, f"set aside: {told}, and {self._rest(number):.0f} s were to follow")

    def sets_aside(self, number: int) -> bool:
        """Whether a candidate is to wait after its first fold, since the time of the others is better spent now."""
        standing, units = self.standing, self.standing.units[number]
        if self.is_free or len(units) != 1 or number in self.aside or not standing.has_more_than_baselines:
            return False
        share = self._rest(number) / standing.budget.seconds
        if share < _SMALL_SHARE:
            return False
        gain = self.mixture.gain(standing.out_of_fold(number), standing.work.folds[0].valid)
        if gain.seen >= min(_MOST_ASKED, _WORTH * share):
            return False
        self.aside[number] = gain.possible
        return True

    @property
    def is_free(self) -> bool:
        """Whether the clock decides nothing: there is no limit, or the plan says all already."""
        return self.standing.work.plan.is_fixed or bool(np.isinf(self.standing.budget.seconds))

    def deadline(self, number: int) -> Deadline:
        """What a candidate may take: its share of the rest by appetite, generously, since most finish early.

        However many are to follow, it is never so little that nothing comes of it: those that come first matter most.
        """
        if self.is_free:
            return Deadline()
        later = range(number + 1, len(self.standing.work.plan.candidates))
        waiting = [other for other in (*later, *self.aside) if other != number and not self._is_over(other)]
        appetites = [self._appetite(other) for other in (number, *waiting)]
        most = 1.0 if len(appetites) == 1 else _MOST_SHARE
        least = most if number in self.aside else _LEAST_SHARE  # who waited has all but what others may want
        share = self.left() * float(np.clip(_GENEROSITY * appetites[0] / sum(appetites), least, most))
        return Deadline.after(share if self.standing.has_more_than_baselines else max(share, _LEAST_SECONDS))

    def no_use(self, number: int) -> str | None:
        """Why a candidate is not even begun."""
        standing, plan = self.standing, self.standing.work.plan
        name = plan.candidates[number].name
        kept = standing.checkpoint.given_up(name) if standing.checkpoint else None
        if kept is not None or not standing.has_more_than_baselines or self.is_free:
            return kept
        left = self.left()
        if left < max(_LEAST_SECONDS, 2 * standing.candidature(number).family.loading):
            return "no time was left"
        cost = self._cost_of_sibling(number)
        if cost is not None and left < 0.3 * cost:
            return f"{left:.1f} s were left, its sibling took {cost:.1f} s"
        return None

    def finished(self, number: int) -> None:
        """Take note of a candidate that was fitted on every fold."""
        if not self.is_free:
            self.looking = self.looking or self._seconds_of_look(number)
            self.mixture.add(self.standing.out_of_fold(number))

    def left(self) -> float:
        """Seconds left for candidates: the rest without what combining and writing will need."""
        budget = self.standing.budget
        reserve = float(np.clip(0.06 * budget.seconds, 0.3, 4.0))
        return max(0.0, budget.remaining - reserve - self._combining() - self._refitting())

    def fits_on_all(self, weights: Mapping[int, float]) -> bool:
        """Whether the model is made of fits on all rows: if the plan says so, or leaves it to the time that is left."""
        refit, members = self.standing.work.plan.refit, [number for number, weight in weights.items() if weight > 0]
        spare = 0.9 * self.standing.budget.remaining > self._seconds_on_all(members)
        return refit == "always" or (refit == "time left" and spare)

    def _is_over(self, number: int) -> bool:
        return number in self.standing.given_up or number in self.standing.done

    def _rest(self, number: int) -> float:
        """Seconds of a candidate's folds that are still to come, by those of its first."""
        units = self.standing.units[number]
        return units[0].seconds * (len(self.standing.work.folds) - len(units))

    def _appetite(self, number: int) -> float:
        """A family's appetite for its first settings, a quarter of it for its second, a ninth for its third."""
        before = sum(self._kin(other) == self._kin(number) for other in range(number))
        candidature = self.standing.candidature(number)
        return candidature.family.hunger(candidature.settings) / (before + 1) ** 2

    def _kin(self, number: int) -> str:
        candidature = self.standing.candidature(number)
        return candidature.family.kin(candidature.settings)

    def _refitting(self) -> float:
        """Seconds of the fits on all rows that will follow, if all candidates that make them came into the model."""
        standing = self.standing
        always = standing.work.plan.refit == "always"
        numbers = [number for number in standing.done if always or standing.candidature(number).family.refits]
        return min(self._seconds_on_all(numbers), standing.budget.seconds / 3)

    def _seconds_on_all(self, numbers: Iterable[int]) -> float:
        """Seconds that fits on all rows take, by those of the last fold."""
        work, done = self.standing.work, self.standing.done
        more = len(work.fold(len(work.folds)).train) / len(work.folds[-1].train)
        return more * sum(done[number][-1].seconds for number in numbers)

    def _combining(self) -> float:
        """Seconds of choosing the weights, for each fold and for all, if one more candidate comes to those there are.

        Of many labels or tags it takes as long as a candidate; it may take no more than a third of the time.
        """
        work, budget = self.standing.work, self.standing.budget
        candidates = len(self.standing.done) + 1
        looks = (work.plan.ensemble_rounds * candidates + candidates**2 / 2) * (len(work.folds) + 1)
        return min(self.looking * looks, budget.seconds / 3)

    def _cost_of_sibling(self, number: int) -> float | None:
        costs = [
            sum(unit.seconds for unit in units)
            for other, units in self.standing.done.items()
            if self._kin(other) == self._kin(number)
        ]
        return min(costs, default=None)

    def _seconds_of_look(self, number: int) -> float:
        work, rows = self.standing.work, self.standing.work.scored
        block = self.standing.out_of_fold(number)[rows].astype(np.float64)
        given = (work.y[rows], work.weight[rows], np.zeros(len(rows), np.int64))
        return seconds_of_look(Looks.of([block], *given, task=work.task, metric=work.metric))
