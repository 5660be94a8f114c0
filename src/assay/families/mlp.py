"""A multilayer perceptron: learns with torch, predicts with NumPy, so that a model answers without loading torch."""

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from assay.core.arrays import Float32Array, FloatArray
from assay.core.errors import PlanError
from assay.core.state import State, take
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings
from assay.families._layers import Layer, unfit
from assay.families._links import LINKED, Link, Softmax, link_of, read_link
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.options import Options

if TYPE_CHECKING:
    from torch import Tensor

    from assay.nn.mlp import Mlp as Net

_PROBE = 512
_FEW, _MANY = 1_500, 10_000
_SHAPE = ("width", "depth", "activation", "parametric", "norm", "drop_prob")


class MlpPredictor(Predictor):
    """Layers one after the other, and the link to outputs at the end."""

    def __init__(self, layers: tuple[Layer, ...], link: Link | None = None) -> None:
        self.layers, self.link = layers, link or Softmax()

    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k) by the link."""
        x = inputs(matrix)
        for layer in self.layers:
            x = layer(x)
        return self.link.outputs(x.astype(np.float64))

    def state(self) -> State:
        """The layers and the link."""
        return {"layers": [layer.state() for layer in self.layers], "link": self.link.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or the layers do not fit each other.
        """
        layers = tuple(map(Layer.from_state, take(state, "layers", list)))
        shapes = [layer.weight.shape for layer in layers]
        if not layers or any(left[1] != right[0] for left, right in pairwise(shapes)):
            raise unfit(f"layers of the shapes {shapes}")
        return cls(layers, read_link(take(state, "link", dict)))


class Mlp(Family):
    """A multilayer perceptron in the manner of RealMLP-TD-S (Holzmueller et al. 2024).

    Settings: ``width`` and ``depth`` of the hidden layers, ``activation`` (``parametric``: each unit learns how much of
    it to take), ``norm``, ``drop_prob``, ``scheme`` of initialisation (empty for the NTK parametrisation) with
    ``scheme_options``, ``loss`` (empty for the one that suits the task) with ``loss_options``, and all options of the
    training.
    """

    name = "mlp"
    title = "Multilayer perceptron"
    suits = "a net errs elsewhere than trees, so that both together are better"
    predictor = MlpPredictor
    forms = LINKED
    defaults = MappingProxyType(
        {
            **Options.defaults(),
            "width": 256,
            "depth": 3,
            "activation": "selu",
            "parametric": True,
            "norm": "none",
            "drop_prob": 0.15,
            "scheme": "",
            "scheme_options": {},
            "loss": "",
            "loss_options": {},
            "optimizer": "adamw",
            "optimizer_options": {"betas": (0.9, 0.95)},
            "rate": 0.04,
            "decay": 0.02,
            "schedule": "coslog4",
            "epochs": 64,
        }
    )
    priority = 38
    appetite = 3.0
    loading = 2.0

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and enough rows for its many weights."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column that it reads"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """For few rows one hidden layer, since deeper nets learn them by heart; restarts and fewer epochs for many.

        Measured on held-out parts of the training rows of 14 tables. The second net for few rows differs from the first
        in how its weights begin and learn, which is worth something in an ensemble.
        """
        epochs = {"epochs": int(np.clip(1_000_000 / n_rows, 16, 200))}
        if n_rows < _FEW:
            slow = {"schedule": "one_cycle", "epochs": 200, "patience": 60, "batch": 64, "width": 128, "depth": 1}
            plain = {"scheme": "kaiming_normal", "activation": "relu", "parametric": False}
            return ({**slow, **plain, "rate": 0.003, "drop_prob": 0.3}, {**slow, "rate": 0.01, "drop_prob": 0.1})
        if n_rows < _MANY:
            return ({**epochs, "schedule": "one_cycle", "rate": 0.01, "decay": 0.1},)
        return ({**epochs, "width": 256 if n_rows < 20_000 else 128},)

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

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families, and by what the net, the loss and the training have to say of their own options."""
        import torch

        from assay.families._nets import check

        super().check({key: value for key, value in settings.items() if key not in Options.defaults()}, form)
        whole = {**self.defaults, **settings}
        check(whole, form)
        for key in ("width", "depth"):
            if whole[key] < (key == "width"):
                raise PlanError(f"{key} = {whole[key]}", expected="a positive number", fix=f"change {key}")
        self.net(whole, torch.linspace(-1, 1, 8)[:, None], 2, seed=0)

    def net(self, settings: Settings, x: "Tensor", outputs: int, *, seed: int) -> "Net":
        """The net for rows like ``x`` (n, d), with its first weights.

        Raises:
            PlanError: There is no such activation, norm or scheme, or an option of it is out of its range.
        """
        from assay.nn.initialise import initialise
        from assay.nn.mlp import Mlp as Net

        scheme, shape = settings["scheme"], {key: settings[key] for key in _SHAPE}
        net = Net(x.shape[1], outputs, **shape, ntk=not scheme, seed=seed)
        if scheme:
            rows = x[:_PROBE] if scheme == "lsuv" else None
            options = {"activation": settings["activation"], "inputs": rows, "seed": seed}
            initialise(net, scheme, **options, **settings["scheme_options"])
            net.quieten()
        return net

    def load(self) -> None:
        """Import torch, and what its first optimizer imports."""
        from assay.families._nets import warm_up

        warm_up()

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Train, and keep the epoch that validation rows like best."""
        import torch

        from assay.families._export import exported
        from assay.families._nets import train

        x, x_valid = (torch.from_numpy(inputs(matrix)) for matrix in (learning.train, learning.valid))
        net = self.net(settings, x, len(learning.task.labels), seed=learning.seed)
        trained = train(net, learning, (x,), (x_valid,), settings)
        predictor = MlpPredictor(exported(net), link_of(learning))
        return Fitted(predictor, trained.history.fixed, trained.notes, trained.seen)


def inputs(matrix: Matrix) -> Float32Array:
    """What the net reads: dense features, then one-hot ones, (n, d) float32."""
    return matrix.as_dense()
