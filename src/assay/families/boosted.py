"""Boosted trees by LightGBM: the family that is hardest to beat on tables."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.clock import Deadline
from assay.core.state import State, take
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._links import Link, link_of, read_link
from assay.families._rates import affordable
from assay.families._tree_text import read_trees, write_trees
from assay.families._trees import Trees, unreadable
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.tasks.regression import HUBER_DELTA, Regression

_BINARY = {"objective": "binary", "metric": "binary_logloss"}
_NUMBERS: Mapping[str, dict[str, Any]] = {
    "mse": {"objective": "regression", "metric": "l2"},
    "mae": {"objective": "regression_l1", "metric": "l1"},
    "huber": {"objective": "huber", "metric": "huber", "alpha": HUBER_DELTA},
    "quantile": {"objective": "quantile", "metric": "quantile", "alpha": 0.5},
}
_FEW_CELLS = 100_000
_DEEP = {"rate": 0.03, "leaves": 96, "min_rows": 5, "l2": 3.0, "columns": 0.6}
_DEEP_BY_CHANCE = {"rate": 0.03, "leaves": 96, "min_rows": 3, "columns": 0.8, "extra": True}
_NO_SETS = {"leaves": 40, "depth": 6, "columns": 0.4, "sets": False}
_MIDDLE = {"rate": 0.04, "leaves": 24, "columns": 0.7}
_PLAIN = {"rate": 0.04, "leaves": 50, "min_rows": 40, "l2": 0.0, "columns": 1.0, "rows": 0.75}
_FEW: tuple[Settings, ...] = (
    _NO_SETS,
    _MIDDLE,
    {"leaves": 8, "min_rows": 2, "columns": 0.5, "extra": True},
    _DEEP,
    _DEEP_BY_CHANCE,
)
_MORE: tuple[Settings, ...] = (
    _PLAIN,
    _DEEP_BY_CHANCE,
    _DEEP,
    _NO_SETS,
    {"leaves": 4, "min_rows": 10, "l2": 10.0, "columns": 0.3},
)
_MANY: tuple[Settings, ...] = (
    {},
    _NO_SETS,
    {"rate": 0.04, "leaves": 127, "min_rows": 40, "l2": 5.0, "columns": 0.5},
    {"rate": 0.03, "leaves": 16, "columns": 0.5},
)
_MOST_ROUNDS = 60  # over the rate; beyond it a loss that still falls only falls on these few rows
_PROBE_ROUNDS = 5
_WRITING = 1.5e-4  # seconds that a tree takes to become an array and back


class BoostedPredictor(Predictor):
    """Trees whose scores stand beside each other, and the link from scores to outputs (n, ``n_outputs``).

    Classes have one set of trees, labels one each; a number has one for the prediction, and one for each end of its
    interval.
    """

    def __init__(self, trees: tuple[Trees, ...], n_outputs: int, link: Link) -> None:
        self.trees, self.n_outputs, self.link = trees, n_outputs, link

    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k) by the link."""
        table = matrix.table()
        threads = 1 if len(table) < 1_000 else 0
        scores = [booster.predict(table, num_threads=threads, raw_score=True) for booster in self._boosters]
        wide = np.hstack([found.reshape(len(table), self.trees[0].n_scores) for found in scores])
        # Two classes have one score, that of the second.
        return self.link.outputs(np.hstack([np.zeros_like(wide), wide]) if self.n_outputs > wide.shape[1] else wide)

    def state(self) -> State:
        """The trees, how many columns they read, how many outputs there are, and the link."""
        sizes = {"n_features": self.trees[0].n_features, "n_outputs": self.n_outputs}
        return {"trees": [trees.state() for trees in self.trees], **sizes, "link": self.link.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or holds no sound trees.
        """
        n_features, n_outputs = take(state, "n_features", int), take(state, "n_outputs", int)
        link, found = read_link(take(state, "link", dict)), take(state, "trees", list)
        classes = link.form is Form.CLASSES
        if len(found) != (1 if classes else n_outputs) or n_outputs < 1:
            raise unreadable(f"trees of {len(found)} models for {n_outputs} outputs")
        n_scores = n_outputs if classes and n_outputs > 2 else 1
        trees = tuple(Trees.from_state(entry, n_features=n_features, n_scores=n_scores) for entry in found)
        return cls(trees, n_outputs, link)

    @cached_property
    def _boosters(self) -> list[Any]:
        import lightgbm

        return [lightgbm.Booster(model_str=write_trees(trees)) for trees in self.trees]


class Boosted(Family):
    """Gradient boosting (Friedman 2001) on histograms with leaf-wise trees (LightGBM, Ke et al. 2017).

    Settings: ``rate`` of learning, ``leaves`` and ``min_rows`` per leaf, ``l2`` penalty, shares of ``columns`` per tree
    and ``rows`` per round, ``extra`` (random thresholds), largest ``depth`` (0 for any), whether categories are parted
    as ``sets``, else by how frequent they are, ``patience`` in rounds; ``rounds`` (0 to stop early), and ``ends``: rate
    and rounds for each end of an interval, or for each label but the first (empty to find them).
    """

    name = "boosted"
    title = "Boosted trees (LightGBM)"
    suits = "trees are the best single model on most tables"
    predictor = BoostedPredictor
    forms = frozenset({Form.CLASSES, Form.LABELS, Form.NUMBERS})
    defaults = MappingProxyType(
        {
            "rate": 0.05,
            "leaves": 31,
            "min_rows": 20,
            "l2": 1.0,
            "columns": 0.8,
            "rows": 0.8,
            "extra": False,
            "depth": 0,
            "sets": True,
            "patience": 60,
            "rounds": 0,
            "ends": (),
        }
    )
    priority = 20
    appetite = 4.0
    loading = 0.5
    threadsafe = True

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and more rows than a leaf holds."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        if isinstance(task, Regression) and task.loss not in _NUMBERS:
            return f"LightGBM does not have the loss {task.loss}"
        return "trees need 20 rows or more" if n_rows < 20 else None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """By size, those that add most to each other on many tables: see `fitting.portfolio`."""
        return _FEW if n_rows < 3_000 else _MORE if n_rows < 20_000 else _MANY

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Numbers and dates as they are, categories by number and by class share, main directions of texts."""
        wanted = [
            ("raw", (Kind.NUMERIC, Kind.BOOLEAN, Kind.DATETIME)),
            ("calendar", (Kind.DATETIME,)),
            ("ordinal", (Kind.CATEGORICAL,)),
            ("target_mean", (Kind.CATEGORICAL,)),
            ("topics", (Kind.TEXT,)),
            ("length", (Kind.TEXT,)),
        ]
        return Recipe(tuple((name, {}) for name, kinds in wanted if schema.features(*kinds)))

    def load(self) -> None:
        """Import LightGBM."""
        import lightgbm  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Add trees until the validation loss has not improved for ``patience`` rounds, or the clock stops it."""
        data, objectives = _Histograms(learning, settings), _objectives(learning.task)
        grown = []
        for number, objective in enumerate(objectives):
            told = _told(settings, number)
            deadline = learning.deadline.share(1 / (len(objectives) - number))
            grown.append(_grown(data.aiming_at(objective, number), told, deadline))
        first, *ends = grown
        predictor = BoostedPredictor(tuple(one.trees for one in grown), len(learning.task.labels), data.link)
        fixed: dict[str, Any] = {"rate": first.rate, "rounds": first.rounds}
        if ends:
            fixed["ends"] = [[one.rate, one.rounds] for one in ends]
        return Fitted(predictor, fixed, {"rounds": first.rounds, "stopped": first.stopped})


@dataclass(frozen=True)
class _Grown:
    """Trees, the rate and the rounds that made them, and what stopped them."""

    trees: Trees
    rate: float
    rounds: int
    stopped: str


def _told(settings: Settings, number: int) -> Settings:
    """The settings for the prediction, or for an end of its interval, which has a rate and rounds of its own."""
    if not number:
        return settings
    rate, rounds = settings["ends"][number - 1] if settings["ends"] else (settings["rate"], 0)
    return {**settings, "rate": rate, "rounds": rounds}


def _grown(data: "_Histograms", settings: Settings, deadline: Deadline) -> _Grown:
    rate, rounds, stopped = settings["rate"], settings["rounds"], "as told"
    if rounds:
        data.probed(rate, Deadline())
        booster = data.trained(rate, rounds)
    else:
        booster, rate, stopped = _searched(data, settings, deadline)
        rounds = max(1, booster.best_iteration)
    return _Grown(read_trees(booster.model_to_string(num_iteration=rounds)), rate, rounds, stopped)


class _Histograms:
    """Training and validation rows as LightGBM holds them, with the parameters of the settings."""

    def __init__(self, learning: Learning, settings: Settings) -> None:
        import lightgbm

        table = learning.train.table()
        self.n_features, self.link = table.shape[1], link_of(learning)
        self.params = _params(learning, settings, few=table.size < _FEW_CELLS)
        self.y, self.valid_y = self.link.target(learning.y), self.link.target(learning.valid_y)
        self.weight, self.valid_weight = learning.weight, learning.valid_weight
        first_code = learning.train.dense.shape[1]
        self.train = lightgbm.Dataset(
            table,
            _first(self.y),
            weight=learning.weight,
            categorical_feature=list(range(first_code, self.n_features)) if settings["sets"] else [],
            params=self.params,
        )
        self.valid = self.train.create_valid(
            learning.valid.table(), _first(self.valid_y), weight=learning.valid_weight, params=self.params
        )

    def aiming_at(self, objective: Mapping[str, Any], number: int) -> Self:
        """Itself with another objective, and of several labels another; rows of which it is not known count nothing."""
        self.params |= objective
        if self.y.ndim == 2:
            _relabelled(self.train, self.y[:, number], self.weight)
            _relabelled(self.valid, self.valid_y[:, number], self.valid_weight)
        return self

    def trained(self, rate: float, rounds: int, watch: "_Watch | None" = None) -> Any:
        """A booster of at most so many rounds."""
        import lightgbm

        watched: dict[str, Any] = {"valid_sets": [self.valid], "callbacks": [watch]} if watch else {}
        given = {**self.params, "learning_rate": rate}
        # Else it writes its text and reads it again, which takes a second for some thousand trees.
        return lightgbm.train(given, self.train, rounds, keep_training_booster=True, **watched)

    def probed(self, rate: float, deadline: Deadline) -> float:
        """Seconds of a round; from here on with one thread if that is faster than with all of them.

        Beside other processes it is several times faster. LightGBM's trees do not depend on the number of threads.
        """
        seconds: dict[int, float] = {}
        end = deadline
        for threads in sorted({1, self.params["num_threads"]}):
            self.params["num_threads"] = threads
            started, watch = time.monotonic(), _Watch(_PROBE_ROUNDS, end)
            self.trained(rate, _PROBE_ROUNDS, watch)
            seconds[threads] = watch.seconds_per_round
            end = Deadline(min(deadline.moment, 2 * time.monotonic() - started))  # the next may not take longer
        self.params["num_threads"] = min(seconds, key=seconds.__getitem__)
        return max(1e-6, min(seconds.values()))


def _first(y: AnyArray) -> AnyArray:
    """What the rows are first told: of several labels the first."""
    return y if y.ndim == 1 else np.nan_to_num(y[:, 0])


def _relabelled(data: Any, y: FloatArray, weight: FloatArray) -> None:
    known = np.isfinite(y)
    data.set_label(np.where(known, y, 0.0))
    data.set_weight(np.where(known, weight, 0.0))


class _Watch:
    """Stops a training when the validation loss no longer falls, or when the clock says so."""

    order = 30
    before_iteration = False

    def __init__(self, patience: int, deadline: Deadline) -> None:
        self.patience, self.deadline = patience, deadline
        self.best, self.best_round, self.rounds, self.stopped = math.inf, 0, 0, "out of rounds"
        self.second = time.monotonic()

    def __call__(self, env: Any) -> None:
        from lightgbm.callback import EarlyStopException

        loss, self.rounds = env.evaluation_result_list[0][2], env.iteration + 1
        if self.rounds == 1:
            self.second = time.monotonic()  # the first round also builds the histograms
        if loss < self.best:
            self.best, self.best_round = loss, env.iteration
        if self.rounds - self.best_round > self.patience:
            self.stopped = "validation"
        elif self.deadline.passed or self.deadline.remaining < _WRITING * env.model.num_trees():
            self.stopped = "clock"
        else:
            return
        raise EarlyStopException(self.best_round, env.evaluation_result_list)

    @property
    def seconds_per_round(self) -> float:
        """Measured after the first round; infinite if there was no other."""
        return (time.monotonic() - self.second) / (self.rounds - 1) if self.rounds > 1 else math.inf


def _searched(data: _Histograms, settings: Settings, deadline: Deadline) -> tuple[Any, float, str]:
    """A booster, the rate that the clock allows, and why it stopped."""
    rate, patience = settings["rate"], settings["patience"]
    rate = affordable(rate, data.probed(rate, deadline), deadline)
    watch = _Watch(max(10, round(patience * settings["rate"] / rate)), deadline)
    booster = data.trained(rate, round(_MOST_ROUNDS / rate), watch)
    if watch.stopped == "out of rounds":
        booster.best_iteration = watch.best_round + 1
    return booster, rate, watch.stopped


def _objectives(task: Task) -> list[dict[str, Any]]:
    """What LightGBM is to make small: one thing for classes; for numbers the loss, and a quantile for each end."""
    k = len(task.labels)
    if isinstance(task, Regression):
        ends = [{"objective": "quantile", "metric": "quantile", "alpha": level} for level in task.levels]
        return [_NUMBERS[task.loss], *ends]
    if task.form is Form.LABELS:
        return [_BINARY] * k
    if k == 2:
        return [_BINARY]
    return [{"objective": "multiclass", "metric": "multi_logloss", "num_class": k}]


def _params(learning: Learning, settings: Settings, *, few: bool) -> dict[str, Any]:
    return {
        "num_leaves": settings["leaves"],
        "min_data_in_leaf": settings["min_rows"],
        "min_sum_hessian_in_leaf": 1e-4,
        "lambda_l2": settings["l2"],
        "feature_fraction": settings["columns"],
        "bagging_fraction": settings["rows"],
        "bagging_freq": 1,
        "extra_trees": settings["extra"],
        "max_depth": settings["depth"] or -1,
        "cat_smooth": 20.0,
        "cat_l2": 10.0,
        "min_data_per_group": 25,
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "seed": learning.seed,
        "num_threads": 1 if few else learning.threads,
        "verbosity": -1,
    }
