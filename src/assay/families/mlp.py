"""A multilayer perceptron: learns with torch, predicts with NumPy, so that a model answers without loading torch."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.core.errors import RunError
from assay.core.state import State, take, take_array
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Task

_ALPHA, _GAIN = np.float32(1.6732632423543772), np.float32(1.0507009873554805)
_FLOOR = 1e-6
Layers = tuple[tuple[Float32Array, Float32Array], ...]


class MlpPredictor(Predictor):
    """Layers ``x W + b``, (in, out) and (out,), with SELU between them and softmax at the end."""

    def __init__(self, layers: Layers) -> None:
        self.layers = layers

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k), none below 1e-6 before they are scaled to sum to one."""
        x = inputs(matrix)
        for weight, bias in self.layers[:-1]:
            x = _selu(x @ weight + bias)
        weight, bias = self.layers[-1]
        scores = (x @ weight + bias).astype(np.float64)
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs = np.maximum(powers / powers.sum(axis=1, keepdims=True), _FLOOR)
        floored: FloatArray = outputs / outputs.sum(axis=1, keepdims=True)
        return floored

    def state(self) -> State:
        """Matrices and biases."""
        return {"layers": [{"weight": weight, "bias": bias} for weight, bias in self.layers]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or the layers do not fit each other.
        """
        layers = tuple(map(_layer, take(state, "layers", list)))
        shapes = [weight.shape for weight, _ in layers]
        chained = all(left[1] == right[0] for left, right in pairwise(shapes))
        if not layers or not chained or any(weight.shape[1] != len(bias) for weight, bias in layers):
            raise RunError(
                f"layers of the shapes {shapes} that do not fit each other",
                expected="each layer as wide as the one before it is long",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls(layers)


class Mlp(Family):
    """A multilayer perceptron in the manner of RealMLP-TD-S (Holzmueller et al. 2024).

    Settings: ``width`` and ``depth`` of the hidden layers, ``batch`` in rows, ``rate`` of learning, ``decay`` of
    weights, ``epochs`` of the schedule, ``best`` (the epoch to stop after; 0 to choose it by validation log loss), and
    with ``best`` the number of ``threads``, on which the last bits depend.
    """

    name = "mlp"
    title = "Multilayer perceptron"
    predictor = MlpPredictor
    defaults = MappingProxyType(
        {
            "width": 256,
            "depth": 3,
            "batch": 256,
            "rate": 0.04,
            "decay": 0.02,
            "dropout": 0.15,
            "epochs": 64,
            "best": 0,
            "threads": 1,
        }
    )
    priority = 38
    appetite = 3.0
    loading = 2.0

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and enough rows for its many weights."""
        if not schema.features():
            return "there is no feature column"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """A smaller net that learns more slowly for few rows; for many, fewer epochs, and a smaller net again."""
        epochs = int(np.clip(400_000 / n_rows, 16, 100))
        if n_rows < 2_000:
            return ({"epochs": epochs, "width": 128, "batch": 64, "rate": 0.02, "dropout": 0.2},)
        return ({"epochs": epochs, "width": 256 if n_rows < 20_000 else 128},)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Scaled numbers, categories one-hot and by class share, parts of dates, main directions of texts."""
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {"max_levels": 32}, (Kind.CATEGORICAL,)),
            ("target_mean", {}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
            ("topics", {}, (Kind.TEXT,)),
            ("length", {}, (Kind.TEXT,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def load(self) -> None:
        """Import torch, and what its first optimizer imports."""
        from assay.families._training import warm_up

        warm_up()

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Train, and keep the best epoch by validation log loss."""
        from assay.families._training import train

        found = train(learning, inputs(learning.train), inputs(learning.valid), settings)
        (first, bias), *rest = found.layers
        layers: Layers = ((found.scale[:, None] * first, bias), *rest)
        fixed = {"epochs": found.epochs, "best": found.best, "threads": found.threads}
        notes = {"epochs": found.epochs, "best": found.best, "stopped": found.stopped}
        return Fitted(MlpPredictor(layers), fixed, notes)


def _layer(entry: Any) -> tuple[Float32Array, Float32Array]:
    given = take({"layer": entry}, "layer", dict)
    return take_array(given, "weight", ndim=2, dtype=np.float32), take_array(given, "bias", ndim=1, dtype=np.float32)


def inputs(matrix: Matrix) -> Float32Array:
    """What the net reads: dense features, then one-hot ones, (n, d) float32."""
    if matrix.sparse is None:
        return np.ascontiguousarray(matrix.dense)
    return np.hstack([matrix.dense, matrix.sparse.toarray()])


def _selu(x: Float32Array) -> Float32Array:
    # Klambauer et al. 2017; the exponential of the positive part would overflow, so it is not taken.
    below: AnyArray = _ALPHA * np.expm1(np.minimum(x, 0))
    return _GAIN * np.where(x > 0, x, below)
