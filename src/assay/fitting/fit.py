"""The fit: candidates in their order inside a budget, then one model of them, with its evidence.

The ladder, from the top: `fit_plan` -> `Fit.run` -> `Fit.attempt` (a candidate) -> `Candidature.unit` (one of its
folds) -> `Family.fit`; then `Fit.finish` combines, scores and builds the model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from assay.core.arrays import AnyArray, Float32Array
from assay.core.clock import Budget, Deadline
from assay.core.errors import Interrupted, NotEnoughTime, PlanError, TrainingError, UserError, listed
from assay.core.progress import Progress, Silence
from assay.core.state import weigh
from assay.core.threads import blas_threads
from assay.features._encoding import Encoding, Recipe
from assay.fitting._candidate import Candidature
from assay.fitting._combine import Combination, Combiner
from assay.fitting._work import Encodings, Work
from assay.fitting.checkpoint import Checkpoint, Unit
from assay.fitting.ensemble import mix, seconds_of_score
from assay.fitting.evidence import Evidence, Trial
from assay.fitting.interval import bootstrap_interval
from assay.fitting.model import Member, Model
from assay.fitting.plan import Candidate, Plan

_LEAST_SECONDS = 0.2
_GENEROSITY = 1.5
_MOST_SHARE = 0.75


@dataclass(frozen=True)
class Outcome:
    """A model, how it came about, and the plan that makes it again."""

    model: Model
    evidence: Evidence
    plan: Plan


def fit_plan(
    work: Work,
    *,
    budget: Budget,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    events: Path | None = None,
) -> Outcome:
    """Fit the candidates of a plan on its data, as far as the budget goes, and combine them.

    Args:
        work: Data, plan and task.
        budget: Of time.
        progress: Who listens.
        checkpoint: Where finished pieces are kept.
        events: A folder for what nets show of their training.

    Raises:
        Interrupted: The person stopped it; what is done is in the checkpoint.
    """
    fit = Fit(work, budget, progress or Silence(), checkpoint, events)
    try:
        with blas_threads(work.plan.threads):
            return fit.run()
    except KeyboardInterrupt as error:
        if checkpoint:
            checkpoint.keep_time(budget.elapsed)
        raise Interrupted("stopped; what is done so far is kept") from error


@dataclass
class Fit:
    """One fit at work."""

    work: Work
    budget: Budget
    progress: Progress
    checkpoint: Checkpoint | None
    events: Path | None = None
    encodings: Encodings = field(init=False)
    done: dict[int, list[Unit]] = field(default_factory=dict)
    given_up: dict[int, str] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    scoring: float = 0.0

    def __post_init__(self) -> None:
        self.encodings = Encodings(self.work)

    def run(self) -> Outcome:
        """Try every candidate, then combine those that were fitted."""
        plan = self.work.plan
        with self.progress.stage("Fitting", len(plan.candidates) * len(self.work.folds)):
            for number, candidate in enumerate(plan.candidates):
                self.attempt(number, candidate)
        if not self.done:
            raise self.errors[0] if self.errors else self._nothing_fitted()
        with self.progress.stage("Combining"):
            return self.finish()

    def attempt(self, number: int, candidate: Candidate) -> None:
        """Fit a candidate on all folds, or say why not."""
        reason = self._no_use(number, candidate)
        if reason is None:
            try:
                candidature = self._candidature(number, candidate)
                candidature.family.load()
                self._all_folds(candidature, self._deadline(number))
                return
            except NotEnoughTime as error:
                reason = str(error)
            except Exception as error:  # one family that breaks must not cost the person the others
                if isinstance(error, UserError) and not isinstance(error, TrainingError):
                    raise
                self.errors.append(error)
                reason = f"failed: {type(error).__name__}: {error}"
                self.progress.say(f"{candidate.name} {reason}")
        self.given_up[number] = reason
        if self.checkpoint:
            self.checkpoint.give_up(candidate.name, reason, self.budget.elapsed)

    def finish(self) -> Outcome:
        """Combine what was fitted, score it on rows that chose nothing, and build the model."""
        work, rows = self.work, self.work.scored
        fitted = sorted(self.done)
        blocks = {number: self._out_of_fold(self.done[number]) for number in fitted}
        contenders = self._contenders(fitted)
        combiner = Combiner(
            task=work.task,
            metric=work.metric,
            rounds=work.plan.ensemble_rounds,
            blocks=[blocks[number][rows].astype(np.float64) for number in contenders],
            y=work.y[rows],
            weight=work.weight[rows],
            fold=self._fold_numbers()[rows],
        )
        found, outputs, decided = combiner.best(try_calibration=work.plan.calibrate)
        weights = dict.fromkeys(fitted, 0.0) | dict(zip(contenders, found.weights.tolist(), strict=True))
        trials = tuple(self._trial(number, blocks.get(number), weights) for number in range(len(work.plan.candidates)))
        mixed = mix(combiner.blocks, found.weights)
        evidence = self._evidence(trials, rows, outputs.astype(np.float32), decided)
        evidence = replace(evidence, notices=work.task.remarks(mixed))
        on_all = self._fits_on_all(weights)
        model = self._model(weights, found, on_all=on_all)
        plan = replace(self._fitted_plan(), refit="always" if on_all else "never")
        return Outcome(model, replace(evidence, seconds=self.budget.elapsed), plan)

    def _contenders(self, fitted: list[int]) -> list[int]:
        """Who may be in the ensemble: a baseline changes few decisions, so a score of these would not keep it out."""
        candidates = self.work.plan.candidates
        real = [number for number in fitted if not self._candidature(number, candidates[number]).family.baseline]
        return real if real and self.work.metric.uses_decisions else fitted

    def _nothing_fitted(self) -> PlanError:
        names = [candidate.name for candidate in self.work.plan.candidates]
        return PlanError(
            f"no candidate that could be fitted: {listed(f'{names[n]} ({why})' for n, why in self.given_up.items())}",
            expected="one that fits into its time",
            fix="give more --time, or add the family prior, which takes none, to the plan",
        )

    # -- time ---------------------------------------------------------------------------------------------------------

    def _deadline(self, number: int) -> Deadline:
        """What a candidate may take: its share of the rest by appetite, generously, since most finish early."""
        if self.work.plan.is_fixed or np.isinf(self.budget.seconds):
            return Deadline()
        appetites = [self._appetite(other) for other in range(number, len(self.work.plan.candidates))]
        most = 1.0 if len(appetites) == 1 else _MOST_SHARE
        share = self._left() * min(most, _GENEROSITY * appetites[0] / sum(appetites))
        return Deadline.after(share if self._has_more_than_baselines else max(share, _LEAST_SECONDS))

    def _appetite(self, number: int) -> float:
        """A family's appetite for its first settings, a quarter of it for its second, a ninth for its third."""
        before = sum(self._kin(other) == self._kin(number) for other in range(number))
        candidature = self._candidature(number, self.work.plan.candidates[number])
        return candidature.family.hunger(candidature.settings) / (before + 1) ** 2

    def _kin(self, number: int) -> str:
        candidature = self._candidature(number, self.work.plan.candidates[number])
        return candidature.family.kin(candidature.settings)

    def _left(self) -> float:
        """Seconds left for candidates: the rest without what combining and writing will need."""
        reserve = float(np.clip(0.06 * self.budget.seconds, 0.3, 4.0))
        return max(0.0, self.budget.remaining - reserve - self._combining() - self._refitting())

    def _refitting(self) -> float:
        """Seconds of fitting all candidates on all rows, if all of them came into the model."""
        return (
            min(self._seconds_on_all(self.done), self.budget.seconds / 3) if self.work.plan.refit == "always" else 0.0
        )

    def _seconds_on_all(self, numbers: Iterable[int]) -> float:
        """Seconds that fits on all rows take, by those of the last fold."""
        more = len(self.work.fold(len(self.work.folds)).train) / len(self.work.folds[-1].train)
        return more * sum(self.done[number][-1].seconds for number in numbers)

    def _fits_on_all(self, weights: Mapping[int, float]) -> bool:
        """Whether the model is made of fits on all rows: if the plan says so, or leaves it to the time that is left."""
        refit, members = self.work.plan.refit, [number for number, weight in weights.items() if weight > 0]
        spare = 0.9 * self.budget.remaining > self._seconds_on_all(members)
        return refit == "always" or (refit == "time left" and spare)

    def _combining(self) -> float:
        """Seconds of choosing the weights, for each fold and for all, if one more candidate comes to those there are.

        Of many labels or tags it takes as long as a candidate; it may take no more than a third of the time.
        """
        scores = self.work.plan.ensemble_rounds * (len(self.done) + 1) * (len(self.work.folds) + 1)
        return min(self.scoring * scores, self.budget.seconds / 3)

    def _no_use(self, number: int, candidate: Candidate) -> str | None:
        """Why a candidate is not even begun."""
        kept = self.checkpoint.given_up(candidate.name) if self.checkpoint else None
        if kept is not None or not self._has_more_than_baselines or self.work.plan.is_fixed:
            return kept
        if np.isinf(self.budget.seconds):
            return None
        left = self._left()
        if left < max(_LEAST_SECONDS, 2 * self._candidature(number, candidate).family.loading):
            return "no time was left"
        cost = self._cost_of_sibling(number)
        if cost is not None and left < 0.3 * cost:
            return f"{left:.1f} s were left, its sibling took {cost:.1f} s"
        return None

    @property
    def _has_more_than_baselines(self) -> bool:
        """Whether there is something to use already; until then nothing is left undone for want of time."""
        candidates = self.work.plan.candidates
        return not all(self._candidature(number, candidates[number]).family.baseline for number in self.done)

    def _cost_of_sibling(self, number: int) -> float | None:
        costs = [
            sum(unit.seconds for unit in units)
            for other, units in self.done.items()
            if self._kin(other) == self._kin(number)
        ]
        return min(costs, default=None)

    # -- folds --------------------------------------------------------------------------------------------------------

    def _candidature(self, number: int, candidate: Candidate) -> Candidature:
        return Candidature(
            self.work, number, candidate, self.encodings, self.checkpoint, self.budget, self.progress, self.events
        )

    def _all_folds(self, candidature: Candidature, deadline: Deadline) -> None:
        units, folds = [], len(self.work.folds)
        for number in range(folds):
            units.append(candidature.unit(number, deadline))
            self.progress.step(f"{candidature.candidate.name}, fold {number + 1} of {folds}")
        self.done[candidature.number] = units
        if not np.isinf(self.budget.seconds) and not self.work.plan.is_fixed:
            self.scoring = self.scoring or self._seconds_of_score(units)

    def _seconds_of_score(self, units: list[Unit]) -> float:
        work, rows = self.work, self.work.scored
        block = self._out_of_fold(units)[rows].astype(np.float64)
        return seconds_of_score(block, work.y[rows], work.weight[rows], task=work.task, metric=work.metric)

    def _fold_numbers(self) -> AnyArray:
        numbers = np.full(len(self.work.data), -1, np.int64)
        for number, fold in enumerate(self.work.folds):
            numbers[fold.valid] = number
        return numbers

    def _out_of_fold(self, units: list[Unit]) -> Float32Array:
        block = np.full((len(self.work.data), len(self.work.task.labels)), np.nan, np.float32)
        for fold, unit in zip(self.work.folds, units, strict=True):
            block[fold.valid] = unit.valid
        return block

    def _train_side(self, number: int, units: list[Unit]) -> Float32Array:
        """Mean outputs of the fits that learned from a row."""
        candidature = self._candidature(number, self.work.plan.candidates[number])
        total = np.zeros((len(self.work.data), len(self.work.task.labels)))
        count = np.zeros((len(self.work.data), 1))
        for fold_number, (fold, unit) in enumerate(zip(self.work.folds, units, strict=True)):
            rows = fold.train[candidature.asked(fold_number)]
            total[rows] += unit.train
            count[rows] += 1
        mean: Float32Array = np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
        return mean

    # -- results ------------------------------------------------------------------------------------------------------

    def _trial(self, number: int, block: Float32Array | None, weights: Mapping[int, float]) -> Trial:
        candidate = self.work.plan.candidates[number]
        trial = Trial(candidate.name, candidate.family, dict(candidate.settings), "fitted", 0.0)
        if block is None:
            return replace(trial, status=self.given_up.get(number, "not begun"))
        units = self.done[number]
        weighed = [weigh(unit.predictor.state()) for unit in units]
        return replace(
            trial,
            seconds=sum(unit.seconds for unit in units),
            score=self._own_score(block),
            weight=weights[number],
            out_of_fold=block,
            train_side=self._train_side(number, units),
            notes=tuple(unit.notes for unit in units),
            training=tuple(unit.training for unit in units if unit.training),
            parameters=max(numbers for numbers, _ in weighed),
            size=sum(size for _, size in weighed),
        )

    def _own_score(self, block: Float32Array) -> float:
        work, rows = self.work, self.work.scored
        outputs, y, weight = block[rows].astype(np.float64), work.y[rows], work.weight[rows]
        rule = work.task.tune_rule(y, outputs, weight, work.metric)
        decided = work.task.decide(outputs, rule, work.task.sequence(y))
        return work.metric.score(y, outputs, decided, weight)

    def _evidence(
        self, trials: tuple[Trial, ...], rows: AnyArray, outputs: Float32Array, decided: AnyArray
    ) -> Evidence:
        work = self.work
        given = (work.y[rows], outputs.astype(np.float64), decided, work.weight[rows])
        everywhere = np.full((len(work.data), outputs.shape[1]), np.nan, np.float32)
        everywhere[rows] = outputs
        gap = np.nan if np.issubdtype(decided.dtype, np.floating) else -1
        decisions = np.full((len(work.data), *decided.shape[1:]), gap, decided.dtype)
        decisions[rows] = decided
        return Evidence(
            y=work.y,
            weight=work.weight,
            fold=self._fold_numbers(),
            trials=trials,
            outputs=everywhere,
            decided=decisions,
            score=work.metric.score(*given),
            interval=bootstrap_interval(
                work.metric, *given, seed=work.plan.seed, sequence=work.task.sequence(work.y[rows])
            ),
            scores={name: metric.score(*given) for name, metric in work.task.metrics.items()},
            seconds=self.budget.elapsed,
        )

    def _model(self, weights: Mapping[int, float], found: Combination, *, on_all: bool) -> Model:
        places: dict[tuple[str, int], int] = {}
        encodings: list[Encoding] = []
        members = []
        for number, weight in weights.items():
            if weight <= 0:
                continue
            candidate, recipe = self.work.plan.candidates[number], self._recipe(number)
            parts = []
            for fold, unit in self._parts(number, on_all=on_all):
                if (recipe.key, fold) not in places:
                    places[recipe.key, fold] = len(encodings)
                    encodings.append(self.encodings.encoding(recipe, fold))
                parts.append((places[recipe.key, fold], unit.predictor))
            members.append(Member(candidate.name, candidate.family, weight, tuple(parts)))
        schema, task = self.work.data.schema, self.work.task
        return Model(schema, task, tuple(encodings), tuple(members), found.calibration, found.rule)

    def _parts(self, number: int, *, on_all: bool) -> list[tuple[int, Unit]]:
        """What a candidate gives for the model, each with the number of its fold."""
        units = self.done[number]
        if not on_all:
            return list(enumerate(units))
        return [(len(units), self._candidature(number, self.work.plan.candidates[number]).again(units[-1]))]

    def _recipe(self, number: int) -> Recipe:
        return self._candidature(number, self.work.plan.candidates[number]).recipe

    def _fitted_plan(self) -> Plan:
        """The plan with what was fitted, and with what each fit fixed."""
        plan = self.work.plan
        fitted = [
            replace(plan.candidates[number], fixed=tuple(dict(unit.fixed) for unit in self.done[number]))
            for number in sorted(self.done)
        ]
        return replace(plan, folds=len(self.work.folds), candidates=tuple(fitted))
