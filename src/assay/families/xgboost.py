"""Boosted trees by XGBoost, where it is installed; the model is kept, and answers, as that of `families.boosted`."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._bounds import check_bounds
from assay.families._links import link_of
from assay.families._rates import affordable
from assay.families._xgboost_trees import read_trees
from assay.families.boosted import Boosted, BoostedPredictor
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import Limit, at_least, whole

_MOST_ROUNDS = 60  # over the rate
_PROBE_ROUNDS = 5
_SHARE = Limit("a share above 0, at most 1", lambda value: 0 < value <= 1)
_NOT_LESS = Limit("a number, 0 or more", lambda value: value >= 0)
_BOUNDS: Mapping[str, Limit | list[str]] = {
    "rate": _SHARE,
    "depth": whole(1, 16),
    "min_weight": _NOT_LESS,
    "l2": _NOT_LESS,
    "columns": _SHARE,
    "rows": _SHARE,
    "patience": at_least(1),
    "rounds": at_least(0),
}


class XGBoost(Family):
    """Gradient boosting of trees that grow level by level (XGBoost, Chen and Guestrin 2016).

    Settings: ``rate`` of learning, ``depth`` of trees, ``min_weight`` of a leaf (sum of second derivatives), ``l2``
    penalty, shares of ``columns`` per level and of ``rows`` per round, ``patience`` in rounds, and ``rounds`` (0 to
    stop early).
    """

    name = "xgboost"
    title = "Boosted trees (XGBoost)"
    suits = "trees that grow level by level err a little elsewhere than those that grow leaf by leaf"
    predictor = BoostedPredictor
    extra = "xgboost"
    defaults = MappingProxyType(
        {
            "rate": 0.08,
            "depth": 6,
            "min_weight": 1e-5,
            "l2": 1.0,
            "columns": 0.9,
            "rows": 0.65,
            "patience": 60,
            "rounds": 0,
        }
    )
    priority = 35
    appetite = 2.0
    loading = 1.0

    def missing(self) -> str | None:
        """That XGBoost is not installed."""
        return None if find_spec("xgboost") else "the package xgboost is not installed"

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Where the package is not there."""
        return None if self.missing() is None else "it needs a package: pip install 'assay[xgboost]'"

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """As boosted trees."""
        return Boosted().unfit_for(schema, task, n_rows)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; and by the bounds of its settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As boosted trees', so that encodings are shared."""
        return Boosted().recipe(schema, task, Boosted.defaults)

    def load(self) -> None:
        """Import XGBoost."""
        import xgboost  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Boost until the validation loss no longer falls, or as long as told."""
        rows, rounds, rate, stopped = _Rows.of(learning, settings), settings["rounds"], settings["rate"], "as told"
        if rounds:
            booster = rows.trained(rate, rounds)
        else:
            rate = affordable(rate, rows.seconds_per_round(rate, learning.deadline), learning.deadline)
            patience = max(10, round(settings["patience"] * settings["rate"] / rate))
            booster = rows.trained(rate, round(_MOST_ROUNDS / rate), patience, learning.deadline)
            rounds, stopped = booster.num_boosted_rounds(), "clock" if learning.deadline.passed else "validation"
        predictor = BoostedPredictor((read_trees(booster),), len(learning.task.labels), link_of(learning))
        return Fitted(predictor, {"rate": rate, "rounds": rounds}, {"rounds": rounds, "stopped": stopped})


@dataclass
class _Rows:
    """Training and validation rows as XGBoost holds them, with the parameters of the settings."""

    params: Mapping[str, Any]
    train: Any
    valid: Any

    @classmethod
    def of(cls, learning: Learning, settings: Settings) -> Self:
        """Those of a fold."""
        import xgboost

        largest = np.finfo(np.float32).max
        tables = (np.clip(part.table(), -largest, largest) for part in (learning.train, learning.valid))
        train = xgboost.QuantileDMatrix(next(tables), learning.y, weight=learning.weight, nthread=learning.threads)
        valid = xgboost.QuantileDMatrix(
            next(tables), learning.valid_y, weight=learning.valid_weight, ref=train, nthread=learning.threads
        )
        return cls(_params(learning, settings), train, valid)

    def trained(self, rate: float, rounds: int, patience: int = 0, deadline: Deadline | None = None) -> Any:
        """A booster of at most so many rounds; with patience, of those that have the least validation loss."""
        import xgboost

        watched: dict[str, Any] = {}
        if deadline is not None:
            best = xgboost.callback.EarlyStopping(rounds=patience, save_best=True)
            watched = {"evals": [(self.valid, "valid")], "callbacks": [best, _watch(deadline)], "verbose_eval": False}
        return xgboost.train({**self.params, "learning_rate": rate}, self.train, rounds, **watched)

    def seconds_per_round(self, rate: float, deadline: Deadline) -> float:
        """Measured on some rounds.

        Raises:
            NotEnoughTime: There is no time for these.
        """
        if deadline.passed:
            raise NotEnoughTime("there was no time for a round of trees")
        started = time.monotonic()
        self.trained(rate, _PROBE_ROUNDS, _PROBE_ROUNDS, deadline)
        return 0.0 if math.isinf(deadline.moment) else (time.monotonic() - started) / _PROBE_ROUNDS


def _params(learning: Learning, settings: Settings) -> Mapping[str, Any]:
    k = len(learning.task.labels)
    classes = {"objective": "binary:logistic"} if k == 2 else {"objective": "multi:softprob", "num_class": k}
    return {
        **classes,
        "eval_metric": "logloss" if k == 2 else "mlogloss",
        "tree_method": "hist",
        "max_depth": settings["depth"],
        "min_child_weight": settings["min_weight"],
        "lambda": settings["l2"],
        "colsample_bylevel": settings["columns"],
        "subsample": settings["rows"],
        "seed": learning.seed,
        "nthread": learning.threads,
        "verbosity": 0,
    }


def _watch(deadline: Deadline) -> Any:
    """Stops a training when the clock says so."""
    import xgboost

    class Watch(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            return deadline.passed

    return Watch()
