"""Classifier chains: each label is learned with those before it in an order as features (Read et al. 2009, 2011)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import did_you_mean
from assay.core.seeds import derive_seed
from assay.core.state import State, take_array
from assay.data.schema import Schema
from assay.families import _of_binaries as of
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._bounds import check_bounds, out_of_bounds
from assay.families.relevance import FLOOR
from assay.features._base import Matrix
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import at_least

_ORDERS = ("frequency", "given", "random")
_EARLIER = ("true", "out-of-fold")
_INNER_FOLDS = 3
_MUCH = 100_000


@dataclass(frozen=True)
class ChainsPredictor(Predictor):
    """The mean of chains: in each a label's model reads the probabilities that the models before it gave.

    Attributes:
        parts: The first chain's models in its order, then the next one's.
        orders: (chains, k) numbers of labels.
    """

    parts: of.Parts
    orders: AnyArray

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k), none nearer than 1e-6 to 0 or 1."""
        chains, k = self.orders.shape
        total = np.zeros((len(matrix), k))
        for chain, order in enumerate(self.orders):
            answers = np.zeros((len(matrix), 0))
            for place in range(k):
                found = self.parts.predictors[chain * k + place].predict(extended(matrix, answers))[:, 1:]
                answers = np.hstack([answers, found])
            total[:, order] += answers
        mean: FloatArray = np.clip(total / chains, FLOOR, 1 - FLOOR)
        return mean

    def state(self) -> State:
        """The parts, and the orders."""
        return {**self.parts.state(), "orders": self.orders}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        orders, parts = take_array(state, "orders", ndim=2, dtype=np.int64), of.Parts.from_state(state)
        if (
            not orders.size
            or (np.sort(orders, axis=1) != np.arange(orders.shape[1])).any()
            or orders.size != len(parts)
        ):
            raise of.damaged(f"orders {orders.shape} for {len(parts)} models", "every label once in each chain")
        return cls(parts, orders)


class Chains(of.OfBinaries):
    """Chains of any family that learns two classes.

    Settings: those of `OfBinaries`; ``chains``: how many, whose probabilities are averaged; ``order`` of the first one:
    ``"frequency"`` (commonest labels first), ``"given"`` or ``"random"``, as all others are; ``earlier``: what stands
    for an earlier label while a later one is learned, ``"out-of-fold"`` probabilities, which are as unsure as those of
    a prediction but take three more fits, or its ``"true"`` values. Linear models do well with the true ones; trees
    trust them too much (Hamming loss on scene 0.133, and 0.090 with probabilities; 0.088 without a chain).
    """

    name = "chains"
    title = "Classifier chains"
    suits = "a label can tell of those that go with it"
    predictor = ChainsPredictor
    forms = frozenset({Form.LABELS})
    defaults = MappingProxyType({**of.DEFAULTS, "chains": 1, "order": "frequency", "earlier": "out-of-fold"})
    priority = 41
    small = MappingProxyType({"chains": 2})

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Some chains of linear models on true labels, then one of trees on what they would predict."""
        ways = {"linear": {"earlier": "true", "chains": 3}}
        return tuple({**found, **ways.get(found["base"], {})} for found in super().variants(schema, task, n_rows))

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Fits that wait for each other are for few rows or few labels."""
        if n_rows * len(task.labels) > _MUCH:
            return "its models are fitted one after the other, which takes long for so many rows and labels"
        return None

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families made of binary models; orders and kinds of earlier labels are those that there are."""
        super().check(settings, form)
        whole = {**self.defaults, **settings}
        for key, options in (("order", _ORDERS), ("earlier", _EARLIER)):
            if whole[key] not in options:
                hint = did_you_mean(whole[key], options)
                raise out_of_bounds(self.name, key, whole[key], f"one of: {', '.join(options)}", hint)
        check_bounds(self.name, whole, {"chains": at_least(1)})

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Fit the chains, several at once where that is safe."""
        orders = _orders(learning, settings)

        def chain(number: int, given: Learning) -> list[Fitted]:
            return _Chain(given, orders[number], settings, number).fitted()

        chained = of.side_by_side(chain, len(orders), learning, of.based(settings)[0])
        fits = [fit for chain in chained for fit in chain]
        predictor = ChainsPredictor(of.Parts(settings["base"], tuple(fit.predictor for fit in fits)), orders)
        notes = {"models": len(fits), "base": settings["base"], "chains": len(orders)}
        return Fitted(predictor, {"parts": [dict(fit.fixed) for fit in fits]}, notes)


@dataclass(frozen=True)
class _Chain:
    """One chain at work: ``order`` (k,) of its labels, ``number`` among the chains."""

    learning: Learning
    order: AnyArray
    settings: Settings
    number: int

    def fitted(self) -> list[Fitted]:
        """The fits, in order."""
        given, problems = self.learning, of.label_problems(self.learning)
        before, valid_before = np.zeros((len(given.y), 0)), np.zeros((len(given.valid_y), 0))
        fits: list[Fitted] = []
        pace = of.Pace(len(self.order))
        for place, label in enumerate(self.order.tolist()):
            pace.see(place, given.deadline)
            started = time.monotonic()
            link = replace(
                given,
                train=extended(given.train, before),
                valid=extended(given.valid, valid_before),
                seed=derive_seed(given.seed, "link", place),
                deadline=given.deadline.share(1 / (len(self.order) - place)),
            )
            fit, answers = self._link(link, problems[label], len(self.order) * self.number + place)
            fits.append(fit)
            before = np.hstack([before, answers[:, None]])
            valid_before = np.hstack([valid_before, fit.predictor.predict(link.valid)[:, 1:]])
            pace.took.append(time.monotonic() - started)
        return fits

    def _link(self, given: Learning, problem: of.Problem, part: int) -> tuple[Fitted, FloatArray]:
        """A label's fit, and what stands for the label (n,) while later ones are learned."""
        base, inner = of.based(self.settings)
        told = {**inner, **(self.settings["parts"][part] if self.settings["parts"] else {})}
        if self.settings["earlier"] == "true":
            fit = of.fit_one(given, problem, base, told)
            unknown = np.isnan(problem.y)
            return fit, np.where(
                unknown, fit.predictor.predict(given.train)[:, 1], problem.y
            ) if unknown.any() else problem.y
        hasty = replace(given, deadline=given.deadline.share(1 / (_INNER_FOLDS + 1)))
        fit = of.fit_one(hasty, problem, base, told)
        return fit, _out_of_fold(given, problem, base, {**told, **fit.fixed})


def _out_of_fold(given: Learning, problem: of.Problem, base: Family, settings: Settings) -> FloatArray:
    """Probabilities (n,) of rows by fits that have not seen them, made as the fit on all rows was."""
    n = len(problem.y)
    fold = np.random.default_rng(given.seed).permutation(n) % _INNER_FOLDS
    answers = np.empty(n)
    for number in range(_INNER_FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        held = given.train.rows(outside)
        part = replace(
            given,
            train=given.train.rows(inside),
            y=given.y[inside],
            weight=given.weight[inside],
            valid=held,
            valid_y=given.y[outside],
            valid_weight=given.weight[outside],
        )
        sides = of.Problem(problem.name, problem.y[inside], problem.y[outside])
        answers[outside] = of.fit_one(part, sides, base, settings).predictor.predict(held)[:, 1]
    return answers


def _orders(learning: Learning, settings: Settings) -> AnyArray:
    """The orders (chains, k) of labels."""
    k = len(learning.task.labels)
    draw = np.random.default_rng(derive_seed(learning.seed, "orders"))
    orders = [draw.permutation(k) for _ in range(settings["chains"])]
    if settings["order"] == "given":
        orders[0] = np.arange(k)
    elif settings["order"] == "frequency":
        orders[0] = np.argsort(-learning.task.prior(learning.y, learning.weight), kind="stable")
    return np.stack(orders).astype(np.int64)


def extended(matrix: Matrix, answers: FloatArray) -> Matrix:
    """A matrix with the answers of earlier labels (n, j) behind its dense features."""
    return replace(matrix, dense=np.hstack([matrix.dense, answers.astype(np.float32)]))
