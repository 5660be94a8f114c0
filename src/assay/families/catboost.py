"""Boosted oblivious trees by CatBoost, where it is installed; the model answers without it."""

import json
import math
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import FloatArray, IntArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, RunError
from assay.core.state import State, take, take_array
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._bounds import check_bounds
from assay.families._links import Softmax
from assay.families._oblivious import Oblivious
from assay.families._rates import affordable
from assay.families.boosted import Boosted
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import Limit, at_least, whole

_MOST_ROUNDS = 60  # over the rate
_PROBE_ROUNDS = 5
_UNSEEN = -20.0  # the score of a class that no training row had
_BOUNDS: Mapping[str, Limit | list[str]] = {
    "rate": Limit("a number above 0, at most 1", lambda value: 0 < value <= 1),
    "depth": whole(1, 16),
    "l2": Limit("a number, 0 or more", lambda value: value >= 0),
    "patience": at_least(1),
    "rounds": at_least(0),
}


class CatBoostPredictor(Predictor):
    """Trees whose scores are those of ``classes`` (c,) out of k; two classes that were seen have one, the second's."""

    def __init__(self, trees: Oblivious, classes: IntArray, n_outputs: int) -> None:
        self.trees, self.classes, self.n_outputs = trees, classes, n_outputs

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k)."""
        scores = self.trees.scores(matrix.table())
        every = np.full((len(scores), self.n_outputs), _UNSEEN)
        every[:, self.classes] = scores if scores.shape[1] > 1 else np.hstack([np.zeros_like(scores), scores])
        return Softmax().outputs(every)

    def state(self) -> State:
        """Trees, and the classes that their scores are for."""
        return {"trees": self.trees.state(), "classes": self.classes, "n_outputs": self.n_outputs}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        trees = Oblivious.from_state(take(state, "trees", dict))
        classes, n_outputs = take_array(state, "classes", ndim=1, dtype=np.int64), take(state, "n_outputs", int)
        scores = len(classes) if len(classes) > 2 else 1
        inside = bool(((classes >= 0) & (classes < n_outputs)).all()) and len(np.unique(classes)) == len(classes) >= 2
        if not inside or len(trees.bias) != scores:
            raise RunError(
                f"{len(trees.bias)} scores for {len(classes)} of {n_outputs} classes",
                expected="a score for each class, or one for two",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(trees, classes, n_outputs)


class CatBoost(Family):
    """Gradient boosting of oblivious trees (CatBoost, Prokhorenkova et al. 2018), categories by their class shares.

    Settings: ``rate`` of learning, ``depth`` of trees, ``l2`` penalty, ``patience`` in rounds, and ``rounds`` (0 to
    stop early).
    """

    name = "catboost"
    title = "Boosted oblivious trees (CatBoost)"
    suits = "trees that ask the same on a whole level overfit less"
    predictor = CatBoostPredictor
    extra = "catboost"
    defaults = MappingProxyType({"rate": 0.06, "depth": 6, "l2": 3.0, "patience": 60, "rounds": 0})
    priority = 22
    appetite = 3.0
    loading = 1.0

    def missing(self) -> str | None:
        """That CatBoost is not installed."""
        return None if find_spec("catboost") else "the package catboost is not installed"

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Where the package is not there."""
        return None if self.missing() is None else "it needs a package: pip install 'assay[catboost]'"

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """As boosted trees."""
        return Boosted().unfit_for(schema, task, n_rows)

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """As it is, and with deeper trees."""
        return ({}, {"rate": 0.08, "depth": 8})

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; and by the bounds of its settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As boosted trees', so that encodings are shared."""
        return Boosted().recipe(schema, task, Boosted.defaults)

    def load(self) -> None:
        """Import CatBoost."""
        import catboost  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Boost until the validation loss no longer falls, or as long as told."""
        pools, rounds, rate, stopped = _Pools.of(learning, settings), settings["rounds"], settings["rate"], "as told"
        if rounds:
            model = pools.trained(rate, rounds)
        else:
            rate = affordable(rate, pools.seconds_per_round(rate, learning.deadline), learning.deadline)
            watch = _Watch(learning.deadline)
            patience = max(10, round(settings["patience"] * settings["rate"] / rate))
            model = pools.trained(rate, round(_MOST_ROUNDS / rate), patience, watch)
            rounds, stopped = model.tree_count_, "clock" if watch.passed else "validation"
        trees = Oblivious.of(_as_json(model), pools.n_features)
        predictor = CatBoostPredictor(trees, pools.classes, len(learning.task.labels))
        return Fitted(predictor, {"rate": rate, "rounds": rounds}, {"rounds": rounds, "stopped": stopped})


class _Watch:
    """Stops a training when the clock says so."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline, self.passed = deadline, False

    def after_iteration(self, info: Any) -> bool:
        """Whether to go on."""
        self.passed = self.deadline.passed
        return not self.passed


@dataclass
class _Pools:
    """Training and validation rows as CatBoost takes them, of the classes that training rows have."""

    settings: Settings
    train: Any
    valid: Any
    classes: IntArray
    n_features: int
    seed: int
    threads: int

    @classmethod
    def of(cls, learning: Learning, settings: Settings) -> Self:
        """Those of a fold; validation rows of other classes are left out."""
        from catboost import Pool

        table, classes = learning.train.table(), np.unique(learning.y)
        known = np.flatnonzero(np.isin(learning.valid_y, classes))
        if len(classes) < 2:
            raise NotEnoughTime("all training rows are of one class")
        train = Pool(table, np.searchsorted(classes, learning.y), weight=learning.weight)
        valid = learning.valid.rows(known).table(), np.searchsorted(classes, learning.valid_y[known])
        return cls(
            settings,
            train,
            Pool(*valid, weight=learning.valid_weight[known]),
            classes.astype(np.int64),
            table.shape[1],
            learning.seed,
            learning.threads,
        )

    def trained(self, rate: float, rounds: int, patience: int = 0, watch: _Watch | None = None) -> Any:
        """A model of at most so many rounds; with patience, of those that have the least validation loss."""
        from catboost import CatBoostClassifier

        model = CatBoostClassifier(
            iterations=rounds,
            learning_rate=rate,
            depth=self.settings["depth"],
            l2_leaf_reg=self.settings["l2"],
            loss_function="Logloss" if len(self.classes) == 2 else "MultiClass",
            boosting_type="Plain",
            random_seed=self.seed,
            thread_count=self.threads,
            early_stopping_rounds=patience or None,
            allow_writing_files=False,
            verbose=0,
        )
        watched = {"eval_set": self.valid, "callbacks": [watch]} if watch else {}
        return model.fit(self.train, **watched)

    def seconds_per_round(self, rate: float, deadline: Deadline) -> float:
        """Measured on some rounds.

        Raises:
            NotEnoughTime: There is no time for these.
        """
        if deadline.passed:
            raise NotEnoughTime("there was no time for a round of trees")
        started = time.monotonic()
        self.trained(rate, _PROBE_ROUNDS, 1, _Watch(deadline))
        return 0.0 if math.isinf(deadline.moment) else (time.monotonic() - started) / _PROBE_ROUNDS


def _as_json(model: Any) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.json"
        model.save_model(str(file), format="json")
        read: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return read
