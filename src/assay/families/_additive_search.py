"""How long an additive fit goes on, and with which pairs of columns: validation rows say it, or a plan does.

From strong smoothing each round goes to a weaker one where the training rows ask for it; so the rounds are a path, and
the best place on it is kept. Then trees take steps that splines leave, of columns and of pairs. What is fixed is how
many rounds were gone: going them again gives the same model.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import FloatArray, IntArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime
from assay.families._additive_fit import Sum
from assay.families._additive_losses import aim_of
from assay.families._additive_pairs import screened
from assay.families._additive_steps import Trees, telling_pairs
from assay.families._additive_terms import Cells, Term, pair, single
from assay.families._base import Learning, Settings
from assay.families._shapes import Shape, merged, purified
from assay.tasks._base import Form

_MOST_ROUNDS = (25, 25)
_PATIENCE = 2.0  # standard errors
_ENOUGH = 1e-3
_MOST_WIDTH, _MOST_OF_ONE, _CURVES_OF_PAIRS = 1_000, 100, (4, 12)
_MOST_WORK = 2e11
_FIRST_PENALTY, _PAIR_PENALTY = 10.0, 100.0
_WORK_PER_SECOND = 5e9
_RATE, _AT_ONCE, _STEPS_PATIENCE, _MOST_TREES = 0.04, 5, 60, 3_000
_MOST_PAIRED, _SHARE_OF_SCREENING = 40, 0.3


class Fit:
    """Training rows in the cells of a grid, and the sum that is learned on them."""

    def __init__(self, learning: Learning, knots: int) -> None:
        aim = aim_of(learning)
        self.learning, self.cells = learning, Cells.of(learning.train, aim.weight)
        self.valid = self.cells.grid.located(learning.valid)
        self.sum = Sum(aim, aim.start(learning.task.prior(learning.y, learning.weight)))
        terms = [single(self.cells, column, knots, self._width()) for column in range(len(self.cells.grid))]
        self._add([term for term in terms if term is not None], _FIRST_PENALTY)
        self.steps: list[Shape] = []

    def pair_up(self, pairs: Sequence[Sequence[int]]) -> None:
        """Add terms of pairs."""
        wide = min(_MOST_WIDTH, len(self.learning.y))
        curves = int(np.clip((wide / max(1, len(pairs))) ** 0.5, *_CURVES_OF_PAIRS))
        self._add([pair(self.cells, one, two, curves) for one, two in pairs], _PAIR_PENALTY)

    def _add(self, terms: Sequence[Term], penalty: float) -> None:
        self.sum.add([(term, term.located(self.cells.rows)) for term in terms], penalty)

    def trees(self, sets: Sequence[Sequence[int]]) -> Trees:
        """Trees over these columns or pairs, none grown, that go on from here."""
        return Trees(self.sum.aim, self.cells, self.scores(), sets, rate=_RATE, seed=self.learning.seed)

    def singles(self) -> list[tuple[int, ...]]:
        """The columns that have a term."""
        return [term.columns for term, _ in self.sum.terms if len(term.columns) == 1]

    def take(self, trees: Trees, rounds: int) -> None:
        """Keep what the first rounds of trees add."""
        self.steps += trees.shapes(rounds)

    def scores(self) -> FloatArray:
        """Scores (n, c) of the training rows."""
        return self.sum.scores() + self._stepped(self.cells.rows, len(self.learning.y))

    def valid_scores(self) -> FloatArray:
        """Scores (m, c) of the validation rows."""
        n = len(self.learning.valid_y)
        return self.sum.scores_in(self.valid, n) + self._stepped(self.valid, n)

    def _stepped(self, cells: Sequence[IntArray], n: int) -> FloatArray:
        return sum((shape.added(cells) for shape in self.steps), np.zeros((n, self.sum.aim.n_scores)))

    def losses(self, scores: FloatArray | None = None) -> FloatArray:
        """Of the validation rows (m,), with their own ``scores`` (m, c) unless others are given."""
        learning, link = self.learning, self.sum.aim.link
        scores = self.valid_scores() if scores is None else scores
        binary = self.sum.aim.n_scores == 1 and link.form is Form.CLASSES
        outputs = link.outputs(np.hstack([np.zeros_like(scores), scores]) if binary else scores)
        return learning.task.row_loss(learning.valid_y, outputs)

    def importance(self) -> FloatArray:
        """How much each column (columns,) adds by itself."""
        importance = np.zeros(len(self.cells.grid))
        for (term, rows), weights in zip(self.sum.terms, self.sum.weights, strict=True):
            if len(term.columns) == 1:
                importance[term.columns[0]] = np.abs((term.basis @ weights)[rows]).sum()
        return importance

    def promising(self) -> tuple[tuple[int, int], ...]:
        """Pairs of columns by what they promise."""
        return tuple(screened(self.sum.aim, self.sum.scores(), self.cells, self.importance()))

    def telling(self) -> list[tuple[int, int]]:
        """Pairs of the columns that add most, by what trees find in them."""
        importance = self.importance()
        columns = sorted(np.argsort(-importance, kind="stable")[:_MOST_PAIRED].tolist())
        there = [column for column in columns if importance[column] > 0]
        deadline = self.learning.deadline.share(_SHARE_OF_SCREENING)
        return telling_pairs((self.sum.aim, self.cells, self.scores()), there, self.learning.seed, deadline)

    @property
    def work(self) -> float:
        """Multiplications of a round."""
        return len(self.learning.y) * self.sum.width**2 * self.sum.aim.n_scores

    def _width(self) -> int:
        """Coefficients of a column: no more in all than rows, and fewer where a round would take too long."""
        columns, scores = max(1, len(self.cells.grid)), self.sum.aim.n_scores
        rows = len(self.learning.y)
        affordable = min(_MOST_WIDTH, rows, (_MOST_WORK / (rows * scores)) ** 0.5) / columns
        return int(np.clip(affordable, 4, _MOST_OF_ONE))

    def shapes(self) -> tuple[FloatArray, tuple[Shape, ...]]:
        """The intercept, and what each term adds as a table, pairs freed of what their columns tell alone."""
        found = []
        for (term, _), weights in zip(self.sum.terms, self.sum.weights, strict=True):
            sides = tuple(int(own.max()) + 1 for own in term.coarse) or (len(term.basis),)
            mass = self.cells.mass_in(term).reshape(sides)
            found.append(Shape(term.columns, (term.basis @ weights).reshape(*sides, -1), mass, term.coarse))
        return purified(self.sum.intercept, merged([*found, *self.steps]))


def walked(learning: Learning, settings: Settings) -> Fit:
    """As many rounds as the settings say, and then as many of trees, without clock or validation rows."""
    fit = Fit(learning, settings["knots"])
    alone, paired = settings["rounds"]
    for _ in range(alone):
        fit.sum.round()
    fit.pair_up(settings["pairs"])
    for _ in range(paired):
        fit.sum.round()
    singles = fit.singles()
    for sets, rounds in zip((singles, settings["crossed"]), settings["steps"], strict=False):
        if sets and rounds:
            trees = fit.trees(sets)
            trees.grow(rounds)
            fit.take(trees, rounds)
    return fit


def searched(learning: Learning, settings: Settings) -> tuple[Fit, Settings, str]:
    """Rounds until the validation loss gets no better, alone and then with pairs; what was gone, and what stopped it.

    Raises:
        NotEnoughTime: Not even one round can be gone.
    """
    fit, clock = Fit(learning, settings["knots"]), learning.deadline
    if clock.passed or fit.work / _WORK_PER_SECOND > clock.remaining:
        raise NotEnoughTime("its first round would take longer than is left")
    alone = _path(fit, clock, _MOST_ROUNDS[0])
    pairs = () if alone.cut else fit.promising()[: settings["interactions"]]
    paired = _Stop(0, alone.loss, alone.cut)
    if pairs:
        before = fit.sum.memory()
        fit.pair_up(pairs)
        paired = _path(fit, clock, _MOST_ROUNDS[1])
        if paired.loss >= alone.loss:
            fit.sum.restore(before)
            pairs, paired = (), _Stop(0, alone.loss, paired.cut)
    steps, crossed, cut = _steps(fit, clock, pairs, settings["interactions"])
    fixed = {
        "rounds": [alone.rounds, paired.rounds],
        "pairs": [list(columns) for columns in pairs],
        "steps": list(steps),
        "crossed": [list(columns) for columns in crossed],
    }
    return fit, fixed, "clock" if paired.cut or cut else "validation"


def _steps(
    fit: Fit, clock: Deadline, pairs: Sequence[tuple[int, int]], most: int
) -> tuple[tuple[int, int], list[tuple[int, int]], bool]:
    """Rounds of trees over columns and over pairs, the pairs that these may read, and whether the clock ended it."""
    alone, cut = _grown(fit, clock, fit.singles())
    if cut or not most:
        return (alone, 0), [], cut
    crossed = list(dict.fromkeys([*pairs, *fit.telling()]))[:most]
    crossing, cut = _grown(fit, clock, crossed)
    return (alone, crossing), crossed if crossing else [], cut


def _grown(fit: Fit, clock: Deadline, sets: Sequence[Sequence[int]]) -> tuple[int, bool]:
    """Rounds of trees until the validation loss no longer falls, of which the best are kept; whether the clock cut."""
    if not sets:
        return 0, False
    trees, scores, weight = fit.trees(sets), fit.valid_scores(), fit.learning.valid_weight
    least, best, gone, longest = float(weight @ fit.losses(scores)), 0, 0, 0.0
    cut = False
    while gone - best < _STEPS_PATIENCE and gone < _MOST_TREES // fit.sum.aim.n_scores:
        if clock.passed or clock.remaining < 2 * longest:
            cut = True
            break
        began = time.monotonic()
        trees.grow(_AT_ONCE)
        scores = scores + trees.added(fit.valid, gone, _AT_ONCE)
        gone += _AT_ONCE
        longest = max(longest, time.monotonic() - began)
        loss = float(weight @ fit.losses(scores))
        if loss < least:
            least, best = loss, gone
    fit.take(trees, best)
    return best, cut


@dataclass(frozen=True)
class _Stop:
    """The place on a path that is kept: rounds gone, the validation loss there, and whether the clock ended it."""

    rounds: int
    loss: float
    cut: bool


def _path(fit: Fit, clock: Deadline, most: int) -> _Stop:
    """Go until the penalised loss rests or the validation loss got worse; keep the last place that is not worse."""
    memories, losses, longest, cut = [fit.sum.memory()], [fit.losses()], 0.0, False
    weight = fit.learning.valid_weight / fit.learning.valid_weight.sum()
    fell = math.inf
    while fell > _ENOUGH and len(losses) <= most and not _is_worse(losses, weight, _PATIENCE):
        if clock.passed or clock.remaining < max(longest, fit.work / _WORK_PER_SECOND):
            cut = True
            break
        began = time.monotonic()
        fell = fit.sum.round()
        longest = max(longest, time.monotonic() - began)
        memories.append(fit.sum.memory())
        losses.append(fit.losses())
    best = int(np.argmin([weight @ rows for rows in losses])) if _is_worse(losses, weight, 1.0) else len(losses) - 1
    fit.sum.restore(memories[best])
    return _Stop(best, float(weight @ losses[best]), cut)


def _is_worse(losses: Sequence[FloatArray], weight: FloatArray, errors: float) -> bool:
    """Whether the last losses of the rows are above the best ones by more than so many standard errors."""
    best = min(losses, key=lambda rows: float(weight @ rows))
    risen = losses[-1] - best
    mean = float(weight @ risen)
    return mean > errors * float(np.sqrt(weight**2 @ (risen - mean) ** 2))
