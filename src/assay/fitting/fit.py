"""The fit: candidates in their order inside a budget, then one model of them, with its evidence.

The ladder, from the top: `fit_plan` -> `Fit.run` -> `Fit.attempt` (a candidate) -> `Candidature.unit` (one of its
folds) -> `Family.fit`; then `assemble` combines, scores and builds the model.
"""

from dataclasses import dataclass, field
from pathlib import Path

from assay.core.clock import Budget
from assay.core.errors import Interrupted, NotEnoughTime, PlanError, TrainingError, UserError, listed
from assay.core.progress import Progress, Silence
from assay.core.threads import blas_threads
from assay.fitting._schedule import Schedule
from assay.fitting._standing import Standing
from assay.fitting._work import Work
from assay.fitting.assembly import Outcome, assemble
from assay.fitting.checkpoint import Checkpoint


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
    fit = Fit(Standing(work, budget, progress or Silence(), checkpoint, events))
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

    standing: Standing
    schedule: Schedule = field(init=False)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.standing)

    def run(self) -> Outcome:
        """Try every candidate, then combine those that were fitted."""
        plan, progress = self.standing.work.plan, self.standing.progress
        with progress.stage("Fitting", len(plan.candidates) * len(self.standing.work.folds)):
            for number in self.schedule.order():
                self.attempt(number)
        if not self.standing.done:
            raise self.errors[0] if self.errors else self._nothing_fitted()
        with progress.stage("Combining"):
            return assemble(self.standing, self.schedule)

    def attempt(self, number: int) -> None:
        """Fit a candidate on all folds, or on one if it is to wait then, or say why not."""
        reason = self.schedule.no_use(number)
        if reason is None:
            try:
                self._fit(number)
                return
            except NotEnoughTime as error:
                reason = str(error)
            except Exception as error:  # one family that breaks must not cost the person the others
                if isinstance(error, UserError) and not isinstance(error, TrainingError):
                    raise
                self.errors.append(error)
                reason = f"failed: {type(error).__name__}: {error}"
                self.standing.progress.say(f"{self.standing.work.plan.candidates[number].name} {reason}")
        self.standing.give_up(number, reason)

    def _fit(self, number: int) -> None:
        candidature, folds = self.standing.candidature(number), len(self.standing.work.folds)
        candidature.family.load()
        deadline = self.schedule.deadline(number)
        units = self.standing.units.setdefault(number, [])
        while len(units) < folds:
            units.append(candidature.unit(len(units), deadline))
            self.standing.progress.step(f"{candidature.candidate.name}, fold {len(units)} of {folds}")
            if self.schedule.sets_aside(number):
                return
        self.schedule.finished(number)

    def _nothing_fitted(self) -> PlanError:
        names = [candidate.name for candidate in self.standing.work.plan.candidates]
        told = listed(f"{names[number]} ({why})" for number, why in self.standing.given_up.items())
        return PlanError(
            f"no candidate that could be fitted: {told}",
            expected="one that fits into its time",
            fix="give more --time, or add the family prior, which takes none, to the plan",
        )
