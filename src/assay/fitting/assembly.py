"""What comes of a fit: of what its candidates gave, one model, with the evidence, and the plan that makes it again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from assay.core.arrays import AnyArray, Float32Array
from assay.core.state import weigh
from assay.features._encoding import Encoding
from assay.fitting._combine import Combination, Combiner
from assay.fitting._schedule import Schedule
from assay.fitting._standing import Standing
from assay.fitting.checkpoint import Unit
from assay.fitting.ensemble import mix
from assay.fitting.evidence import Evidence, Trial
from assay.fitting.interval import bootstrap_interval
from assay.fitting.model import Member, Model
from assay.fitting.plan import Plan
from assay.fitting.pruning import PREFER


@dataclass(frozen=True)
class Outcome:
    """A model, how it came about, and the plan that makes it again."""

    model: Model
    evidence: Evidence
    plan: Plan


def assemble(standing: Standing, schedule: Schedule) -> Outcome:
    """Combine what was fitted, score it on rows that chose nothing, and build the model."""
    return _Assembly(standing).outcome(schedule)


@dataclass(frozen=True)
class _Assembly:
    """What is made of how a fit stands."""

    standing: Standing

    def outcome(self, schedule: Schedule) -> Outcome:
        """Model, evidence and plan."""
        standing, work = self.standing, self.standing.work
        blocks = {number: standing.out_of_fold(number) for number in standing.done}
        contenders, rows = self._contenders(), work.scored
        combiner = Combiner(
            task=work.task,
            metric=work.metric,
            rounds=work.plan.ensemble_rounds,
            blocks=[blocks[number][rows].astype(np.float64) for number in contenders],
            y=work.y[rows],
            weight=work.weight[rows],
            fold=standing.fold_numbers()[rows],
            errors=PREFER[work.plan.prefer],
        )
        found, outputs, decided = combiner.best(try_calibration=work.plan.calibrate)
        weights = dict.fromkeys(blocks, 0.0) | dict(zip(contenders, found.weights.tolist(), strict=True))
        trials = tuple(self._trial(number, blocks.get(number), weights) for number in range(len(work.plan.candidates)))
        evidence = self._evidence(trials, rows, outputs.astype(np.float32), decided)
        evidence = replace(evidence, notices=work.task.remarks(mix(combiner.blocks, found.weights)))
        on_all = schedule.fits_on_all(weights)
        model = self._model(weights, found, on_all=on_all)
        plan = replace(self._fitted_plan(), refit="always" if on_all else "never")
        return Outcome(model, replace(evidence, seconds=standing.budget.elapsed), plan)

    def _contenders(self) -> list[int]:
        """Who may be in the ensemble: a baseline changes few decisions, so a score of these would not keep it out."""
        fitted = list(self.standing.done)
        real = [number for number in fitted if not self.standing.candidature(number).family.baseline]
        return real if real and self.standing.work.metric.uses_decisions else fitted

    def _trial(self, number: int, block: Float32Array | None, weights: Mapping[int, float]) -> Trial:
        candidate = self.standing.work.plan.candidates[number]
        trial = Trial(candidate.name, candidate.family, dict(candidate.settings), "fitted", 0.0)
        if block is None:
            return replace(trial, status=self.standing.given_up.get(number, "not begun"))
        units = self.standing.units[number]
        weighed = [weigh(unit.predictor.state()) for unit in units]
        return replace(
            trial,
            seconds=sum(unit.seconds for unit in units),
            score=self._own_score(block),
            weight=weights[number],
            out_of_fold=block,
            train_side=self.standing.train_side(number),
            notes=tuple(unit.notes for unit in units),
            training=tuple(unit.training for unit in units if unit.training),
            parameters=max(numbers for numbers, _ in weighed),
            size=sum(size for _, size in weighed),
        )

    def _own_score(self, block: Float32Array) -> float:
        work, rows = self.standing.work, self.standing.work.scored
        outputs, y, weight = block[rows].astype(np.float64), work.y[rows], work.weight[rows]
        rule = work.task.tune_rule(y, outputs, weight, work.metric)
        decided = work.task.decide(outputs, rule, work.task.sequence(y))
        return work.metric.score(y, outputs, decided, weight)

    def _evidence(
        self, trials: tuple[Trial, ...], rows: AnyArray, outputs: Float32Array, decided: AnyArray
    ) -> Evidence:
        work = self.standing.work
        given = (work.y[rows], outputs.astype(np.float64), decided, work.weight[rows])
        everywhere = np.full((len(work.data), outputs.shape[1]), np.nan, np.float32)
        everywhere[rows] = outputs
        gap = np.nan if np.issubdtype(decided.dtype, np.floating) else -1
        decisions = np.full((len(work.data), *decided.shape[1:]), gap, decided.dtype)
        decisions[rows] = decided
        return Evidence(
            y=work.y,
            weight=work.weight,
            fold=self.standing.fold_numbers(),
            trials=trials,
            outputs=everywhere,
            decided=decisions,
            score=work.metric.score(*given),
            interval=bootstrap_interval(
                work.metric, *given, seed=work.plan.seed, sequence=work.task.sequence(work.y[rows])
            ),
            scores={name: metric.score(*given) for name, metric in work.task.metrics.items()},
            seconds=self.standing.budget.elapsed,
        )

    def _model(self, weights: Mapping[int, float], found: Combination, *, on_all: bool) -> Model:
        places: dict[tuple[str, int], int] = {}
        encodings: list[Encoding] = []
        members = []
        for number, weight in weights.items():
            if weight <= 0:
                continue
            candidate, recipe = self.standing.work.plan.candidates[number], self.standing.recipe(number)
            parts = []
            for fold, unit in self._parts(number, on_all=on_all):
                if (recipe.key, fold) not in places:
                    places[recipe.key, fold] = len(encodings)
                    encodings.append(self.standing.encodings.encoding(recipe, fold))
                parts.append((places[recipe.key, fold], unit.predictor))
            members.append(Member(candidate.name, candidate.family, weight, tuple(parts)))
        schema, task = self.standing.work.data.schema, self.standing.work.task
        return Model(schema, task, tuple(encodings), tuple(members), found.calibration, found.rule)

    def _parts(self, number: int, *, on_all: bool) -> list[tuple[int, Unit]]:
        """What a candidate gives for the model, each with the number of its fold."""
        units, candidature = self.standing.units[number], self.standing.candidature(number)
        if on_all or candidature.family.refits:
            return [(len(units), candidature.again(units[-1]))]
        return list(enumerate(units))

    def _fitted_plan(self) -> Plan:
        """The plan with what was fitted, and with what each fit fixed."""
        work = self.standing.work
        fitted = [
            replace(work.plan.candidates[number], fixed=tuple(dict(unit.fixed) for unit in units))
            for number, units in self.standing.done.items()
        ]
        return replace(work.plan, folds=len(work.folds), candidates=tuple(fitted))
