"""How a fit stands: what its candidates have given so far, fold by fold."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assay.core.arrays import AnyArray, Float32Array
from assay.core.clock import Budget
from assay.core.progress import Progress
from assay.features._encoding import Recipe
from assay.fitting._candidate import Candidature
from assay.fitting._work import Encodings, Work
from assay.fitting.checkpoint import Checkpoint, Unit


@dataclass
class Standing:
    """What stands so far. Candidates go by their number in the plan.

    Attributes:
        work, budget, progress, checkpoint, events: As `fit_plan` was given them.
        encodings: Shared by the candidates of a fold.
        units: Of each candidate that was begun, what its folds gave.
        given_up: Why a candidate was given up.
    """

    work: Work
    budget: Budget
    progress: Progress
    checkpoint: Checkpoint | None
    events: Path | None = None
    encodings: Encodings = field(init=False)
    units: dict[int, list[Unit]] = field(default_factory=dict)
    given_up: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.encodings = Encodings(self.work)

    @property
    def done(self) -> dict[int, list[Unit]]:
        """Candidates that were fitted on every fold, in the plan's order."""
        return {number: units for number, units in sorted(self.units.items()) if len(units) == len(self.work.folds)}

    def is_begun(self, number: int) -> bool:
        """Whether a candidate has been fitted on some folds and is to be on others."""
        return 0 < len(self.units.get(number, ())) < len(self.work.folds)

    @property
    def has_more_than_baselines(self) -> bool:
        """Whether there is something to use already; until then nothing is left undone for want of time."""
        return not all(self.candidature(number).family.baseline for number in self.done)

    def candidature(self, number: int) -> Candidature:
        """A candidate at work."""
        return Candidature(
            self.work,
            number,
            self.work.plan.candidates[number],
            self.encodings,
            self.checkpoint,
            self.budget,
            self.progress,
            self.events,
        )

    def recipe(self, number: int) -> Recipe:
        """The features that a candidate reads."""
        return self.candidature(number).recipe

    def give_up(self, number: int, reason: str) -> None:
        """Say why a candidate is not fitted, here and to a fit that goes on with this one."""
        self.units.pop(number, None)
        self.given_up[number] = reason
        if self.checkpoint:
            self.checkpoint.give_up(self.work.plan.candidates[number].name, reason, self.budget.elapsed)

    def fold_numbers(self) -> AnyArray:
        """The fold (n,) that validates each row, -1 for none."""
        numbers = np.full(len(self.work.data), -1, np.int64)
        for number, fold in enumerate(self.work.folds):
            numbers[fold.valid] = number
        return numbers

    def out_of_fold(self, number: int) -> Float32Array:
        """Outputs (n, k) of a candidate by the folds that it has; NaN for rows that none of them validates."""
        block = np.full((len(self.work.data), len(self.work.task.labels)), np.nan, np.float32)
        for fold, unit in zip(self.work.folds, self.units[number], strict=False):
            block[fold.valid] = unit.valid
        return block

    def train_side(self, number: int) -> Float32Array:
        """Mean outputs (n, k) of a candidate's fits that learned from a row; NaN where none was asked."""
        candidature = self.candidature(number)
        total = np.zeros((len(self.work.data), len(self.work.task.labels)))
        count = np.zeros((len(self.work.data), 1))
        for fold_number, (fold, unit) in enumerate(zip(self.work.folds, self.units[number], strict=True)):
            rows = fold.train[candidature.asked(fold_number)]
            total[rows] += unit.train
            count[rows] += 1
        mean: Float32Array = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
        return mean
