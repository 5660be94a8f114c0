"""Boosted trees by LightGBM: the family that is hardest to beat on tables."""

import math
import time
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.clock import Deadline
from assay.core.state import State, Text, take
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._trees import check_trees, only_trees, unreadable
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Task

_FLOOR = 1e-6
_FEW_CELLS = 100_000
_MOST_ROUNDS = 60  # over the rate; beyond it a loss that still falls only falls on these few rows
_PROBE_ROUNDS = 5
_WRITING = 1e-4  # seconds that a tree takes to become text


class BoostedPredictor(Predictor):
    """A LightGBM model in its own text form; ``n_features`` and ``n_classes`` are what it must fit."""

    def __init__(self, text: str, n_features: int, n_classes: int) -> None:
        self.text, self.n_features, self.n_classes = text, n_features, n_classes

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k), none below 1e-6 before they are scaled to sum to one."""
        table = _table(matrix)
        threads = 1 if len(table) < 1_000 else 0
        found: AnyArray = self._booster.predict(table, num_threads=threads)
        outputs = np.stack([1 - found, found], axis=1) if self.n_classes == 2 else found.reshape(-1, self.n_classes)
        outputs = np.maximum(outputs, _FLOOR)
        floored: FloatArray = outputs / outputs.sum(axis=1, keepdims=True)
        return floored

    def state(self) -> State:
        """The text and its dimensions."""
        return {"text": Text(self.text), "n_features": self.n_features, "n_classes": self.n_classes}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or the text is not a sound LightGBM model.
        """
        n_features, n_classes = take(state, "n_features", int), take(state, "n_classes", int)
        text = str(take(state, "text", Text))
        check_trees(text, n_features=n_features, n_outputs=1 if n_classes == 2 else n_classes)
        return cls(text, n_features, n_classes)

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        try:
            return lightgbm.Booster(model_str=self.text)
        except lightgbm.basic.LightGBMError as error:
            raise unreadable(error) from error


class Boosted(Family):
    """Gradient boosting (Friedman 2001) on histograms with leaf-wise trees (LightGBM, Ke et al. 2017).

    Settings: ``rate`` of learning, ``leaves`` and ``min_rows`` per leaf, ``l2`` penalty, shares of ``columns`` per tree
    and ``rows`` per round, ``extra`` (random thresholds), ``patience`` in rounds; ``rounds`` (0 to stop early).
    """

    name = "boosted"
    title = "Boosted trees (LightGBM)"
    suits = "trees are the best single model on most tables"
    predictor = BoostedPredictor
    defaults = MappingProxyType(
        {
            "rate": 0.05,
            "leaves": 31,
            "min_rows": 20,
            "l2": 1.0,
            "columns": 0.8,
            "rows": 0.8,
            "extra": False,
            "patience": 60,
            "rounds": 0,
        }
    )
    priority = 20
    appetite = 4.0
    loading = 0.5

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and more rows than a leaf holds."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        return "trees need 20 rows or more" if n_rows < 20 else None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """By size: small and shy trees for few rows, larger for many; then random thresholds; then the other way."""
        if n_rows < 2_000:
            return (
                {"rate": 0.03, "leaves": 8, "min_rows": 5, "l2": 5.0, "columns": 0.5},
                {"rate": 0.05, "leaves": 8, "min_rows": 2, "l2": 1.0, "columns": 0.5, "extra": True},
                {"rate": 0.05, "leaves": 4, "min_rows": 10, "l2": 10.0, "columns": 0.3},
            )
        large = {"rate": 0.04, "leaves": 127, "min_rows": 40, "l2": 5.0, "columns": 0.5}
        small = {"rate": 0.08, "leaves": 10, "min_rows": 20, "l2": 10.0, "columns": 0.6}
        first, last = ({}, large) if n_rows > 20_000 else ({"rate": 0.04, "leaves": 24, "columns": 0.7}, small)
        return (first, {"extra": True, "columns": 0.5, "leaves": 48, "min_rows": 5}, last)

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
        """Add trees until the validation log loss has not improved for ``patience`` rounds, or the clock stops it."""
        data = _Histograms(learning, settings)
        rate, rounds, stopped = settings["rate"], settings["rounds"], "as told"
        if rounds:
            data.probed(rate, Deadline())
            booster = data.trained(rate, rounds)
        else:
            booster, rate, stopped = _searched(data, learning, settings)
            rounds = max(1, booster.best_iteration)
        k = len(learning.task.labels)
        text = only_trees(booster.model_to_string(num_iteration=rounds))
        predictor = BoostedPredictor(text, data.n_features, k)
        return Fitted(predictor, {"rate": rate, "rounds": rounds}, {"rounds": rounds, "stopped": stopped})


class _Histograms:
    """Training and validation rows as LightGBM holds them, with the parameters of the settings."""

    def __init__(self, learning: Learning, settings: Settings) -> None:
        import lightgbm

        table = _table(learning.train)
        self.n_features = table.shape[1]
        k = len(learning.task.labels)
        self.params = _params(learning, settings, few=table.size < _FEW_CELLS, k=k)
        first_code = learning.train.dense.shape[1]
        self.train = lightgbm.Dataset(
            table,
            learning.y,
            weight=learning.weight,
            categorical_feature=list(range(first_code, self.n_features)),
            params=self.params,
        )
        self.valid = self.train.create_valid(
            _table(learning.valid), learning.valid_y, weight=learning.valid_weight, params=self.params
        )

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


def _searched(data: _Histograms, learning: Learning, settings: Settings) -> tuple[Any, float, str]:
    """A booster, the rate that the clock allows, and why it stopped."""
    rate, patience, deadline = settings["rate"], settings["patience"], learning.deadline
    rate = _affordable(rate, data.probed(rate, deadline), deadline)
    watch = _Watch(max(10, round(patience * settings["rate"] / rate)), deadline)
    booster = data.trained(rate, round(_MOST_ROUNDS / rate), watch)
    if watch.stopped == "out of rounds":
        booster.best_iteration = watch.best_round + 1
    return booster, rate, watch.stopped


def _affordable(rate: float, seconds_per_round: float, deadline: Deadline) -> float:
    """The rate at which a full training ends before the deadline."""
    if math.isinf(deadline.moment):
        return rate
    possible = deadline.remaining / seconds_per_round
    wanted = 20 / rate  # rounds that a training of this rate may take, from experience with early stopping
    return rate if possible >= wanted else float(round(min(0.3, rate * wanted / max(possible, 1.0)), 3))


def _params(learning: Learning, settings: Settings, *, few: bool, k: int) -> dict[str, Any]:
    objective = {"objective": "binary"} if k == 2 else {"objective": "multiclass", "num_class": k}
    return {
        **objective,
        "metric": "binary_logloss" if k == 2 else "multi_logloss",
        "num_leaves": settings["leaves"],
        "min_data_in_leaf": settings["min_rows"],
        "min_sum_hessian_in_leaf": 1e-4,
        "lambda_l2": settings["l2"],
        "feature_fraction": settings["columns"],
        "bagging_fraction": settings["rows"],
        "bagging_freq": 1,
        "extra_trees": settings["extra"],
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


def _table(matrix: Matrix) -> Float32Array:
    """Dense features, then codes, as (n, d) float32; LightGBM wants one column at least."""
    if not matrix.codes.shape[1]:
        return matrix.dense if matrix.dense.shape[1] else np.zeros((len(matrix), 1), np.float32)
    return np.hstack([matrix.dense, matrix.codes.astype(np.float32)])
