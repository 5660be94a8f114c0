"""One candidate: fitted fold by fold inside the time that it is given."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from assay.core.arrays import Float32Array, IntArray
from assay.core.clock import Budget, Deadline
from assay.core.members import member
from assay.core.progress import Progress, Silence
from assay.core.seeds import derive_seed
from assay.families._base import Family, Learning, Surroundings
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.fitting._work import Encodings, Work
from assay.fitting.checkpoint import Checkpoint, Unit
from assay.fitting.plan import Candidate

FAMILIES = "assay.families"
_TRAIN_SIDE_ROWS, _TRAIN_SIDE_NUMBERS = 5_000, 250_000  # at most, of each fold


@dataclass(frozen=True)
class Candidature:
    """A candidate of the plan at work."""

    work: Work
    number: int
    candidate: Candidate
    encodings: Encodings
    checkpoint: Checkpoint | None
    budget: Budget
    progress: Progress = field(default_factory=Silence)
    events: Path | None = None

    @property
    def family(self) -> Family:
        """Its family."""
        return member(FAMILIES, Family, self.candidate.family)()  # type: ignore[type-abstract]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The family's defaults under the candidate's settings."""
        return {**self.family.defaults, **self.candidate.settings}

    @property
    def recipe(self) -> Recipe:
        """The features that it reads."""
        return self.family.recipe(self.work.data.schema, self.work.task, self.settings)

    def unit(self, number: int, deadline: Deadline) -> Unit:
        """Fit on a fold, or take what an earlier process has fitted; later folds are left their part of the time.

        Encoding comes first and is not in the fold's part: later candidates of the recipe need not do it again.
        """
        return self._kept_or(number, lambda: self._fitted(number, deadline))

    def again(self, last: Unit) -> Unit:
        """Fit on all rows as the last fold was fitted, with all that the clock and its other rows decided there."""
        return self._kept_or(len(self.work.folds), lambda: self._fitted_on_all(last))

    def asked(self, number: int) -> IntArray:
        """Positions in a fold's training rows whose train-side outputs are kept as evidence."""
        rows = self.work.folds[number].train
        n, most = len(rows), min(_TRAIN_SIDE_ROWS, _TRAIN_SIDE_NUMBERS // len(self.work.task.labels))
        if n <= most:
            return np.arange(n)
        random = np.random.default_rng(derive_seed(self.work.plan.seed, "train-side", number))
        sequence = self.work.task.sequence(self.work.y[rows])
        if sequence is None:
            return np.sort(random.choice(n, most, replace=False))
        numbers = np.unique(sequence)  # sequences stay whole
        some = random.choice(numbers, max(1, len(numbers) * most // n), replace=False)
        return np.flatnonzero(np.isin(sequence, some))

    def _kept_or(self, number: int, make: Callable[[], Unit]) -> Unit:
        """The unit in the checkpoint, else a made one, which is kept there."""
        kept = self.checkpoint.load(self.candidate.name, number, type(self.family)) if self.checkpoint else None
        if kept is not None:
            return kept
        unit = make()
        if self.checkpoint:
            self.checkpoint.save(self.candidate.name, number, unit, self.budget.elapsed)
        return unit

    def _fitted(self, number: int, deadline: Deadline) -> Unit:
        started = time.monotonic()
        train, valid = self.encodings.of(self.recipe, number)
        share = deadline.share(1 / (len(self.work.folds) - number))
        learning, fixed = self._learning(number, train, valid, share), self.candidate.fixed
        fitted = self.family.fit(learning, {**self.settings, **(fixed[number] if fixed else {})})
        asked = train.rows(self.asked(number))
        return Unit(
            predictor=fitted.predictor,
            fixed=fitted.fixed,
            notes=fitted.notes,
            valid=_outputs32(fitted.predictor.predict(valid)),
            train=_outputs32(fitted.predictor.predict(asked)),
            seconds=time.monotonic() - started,
            training=fitted.training,
        )

    def _fitted_on_all(self, last: Unit) -> Unit:
        started, number = time.monotonic(), len(self.work.folds)
        train, valid = self.encodings.of(self.recipe, number)
        settings = {**self.settings, **last.fixed}
        fitted = self.family.fit(self._learning(number, train, valid, Deadline()), settings)
        nothing = np.zeros((0, len(self.work.task.labels)), np.float32)
        seconds = time.monotonic() - started
        return Unit(fitted.predictor, fitted.fixed, fitted.notes, valid=nothing, train=nothing, seconds=seconds)

    def _learning(self, number: int, train: Matrix, valid: Matrix, deadline: Deadline) -> Learning:
        work, fold = self.work, self.work.fold(number)
        return Learning(
            task=work.task,
            train=train,
            y=work.y[fold.train],
            weight=work.weight[fold.train],
            valid=valid,
            valid_y=work.y[fold.valid],
            valid_weight=work.weight[fold.valid],
            seed=derive_seed(work.plan.seed, self.candidate.name, number),
            threads=work.plan.threads,
            deadline=deadline,
            device=work.plan.device,
            surroundings=self._surroundings(number),
        )

    def _surroundings(self, number: int) -> Surroundings:
        name, folds = self.candidate.name, len(self.work.folds)
        return Surroundings(
            name=f"{name}, fold {number + 1} of {folds}" if number < folds else f"{name}, all rows",
            events=None if self.events is None else self.events / quote(name, safe="") / f"fold-{number + 1}",
            in_full=number == 0,
            scratch=self.checkpoint.scratch(name, number) if self.checkpoint else None,
            progress=self.progress,
        )


def _outputs32(outputs: Any) -> Float32Array:
    return np.asarray(outputs, dtype=np.float32)
