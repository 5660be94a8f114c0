"""TabM-mini: an ensemble of small nets that share nearly all weights, for tables."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.data.schema import Kind, Schema
from assay.families._base import Fitted, Learning, Settings
from assay.families._bounds import check_bounds
from assay.families._links import link_of
from assay.families._net_family import TRAINING, NetFamily
from assay.families.mlp import Mlp
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import whole

if TYPE_CHECKING:
    from torch import Tensor, nn

_BOUNDS = {**dict.fromkeys(("members", "width", "depth", "bins"), whole(1, 4_096)), "embedding": whole(0, 4_096)}
_FEW, _SMALL = 2_000, 5_000
_WIDEST = 256
_ENOUGH = 1_000
_AROUND = 1e-3  # seconds that the optimizer and all else take in a step


class TabM(NetFamily):
    """TabM-mini (Gorishniy et al. 2025): ``members`` nets that share all but a first adapter and their heads.

    Settings: ``members`` (the paper's k), ``width`` and ``depth`` of the shared layers, ``drop_prob``, ``embedding``:
    width of the numbers' piecewise-linear embeddings (0 for none) with ``bins`` each, and all options of the training.
    """

    name = "tabm"
    title = "TabM-mini"
    defaults = MappingProxyType(
        {
            **TRAINING,
            "members": 8,
            "width": 128,
            "depth": 2,
            "drop_prob": 0.1,
            "bins": 16,
            "embedding": 8,
            "optimizer": "adamw",
            "rate": 0.008,
            "decay": 0.0003,
            "schedule": "cosine",
            "epochs": 40,
            "batch": 128,
            "patience": 16,
            "clip": 1.0,
        }
    )
    forms = frozenset({Form.CLASSES})  # the net itself takes the mean of its members' probabilities
    of_net = ("members", "width", "depth", "drop_prob", "bins", "embedding")
    sizes = ("numbers", "others")
    priority = 39
    small = MappingProxyType(
        {"members": 4, "width": 32, "embedding": 4, "bins": 8, "epochs": 12, "batch": 32, "rate": 0.01}
    )

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and enough rows for its many weights."""
        return Mlp().unfit_for(schema, task, n_rows)

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Few rows are the multilayer perceptron's (measured on two such tables); more are a matter of time."""
        if n_rows < _FEW:
            return "on so few rows the multilayer perceptron is as good"
        return "the multilayer perceptron is tried; both take the time of two"

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Narrower embeddings for more numbers, and none for few rows; then the other way round.

        Measured on six tables in equal CPU time: 8 members are as good as 16, which take twice as long; batches of 128
        and a rate four times the paper's make up for the few epochs that a CPU has time for.
        """
        embedding = _embedding(len(schema.features(Kind.NUMERIC, Kind.BOOLEAN)))
        if n_rows < _FEW:
            few = {"rate": 0.005, "batch": 32, "epochs": 100}
            return ({**few, "embedding": 0}, {**few, "embedding": min(4, embedding), "bins": 8})
        epochs = int(np.clip(400_000 / n_rows, 12, 100))
        whole = {"epochs": epochs, "batch": 64 if n_rows < _SMALL else 128}
        return ({**whole, "embedding": embedding}, {**whole, "embedding": 0, "members": 16})

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As the multilayer perceptron's, so that encodings are shared."""
        return Mlp().recipe(schema, task, Mlp.defaults)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets; sizes must be positive, but the embedding may be left away."""
        super().check(settings, form)
        wanted = {**self.defaults, **settings}
        check_bounds(self.name, wanted, _BOUNDS)
        self.net({**wanted, "numbers": 1, "others": 0, "outputs": 2})

    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """``numbers``: dense columns; ``others``: one-hot ones; and the net's own settings."""
        own = {key: settings[key] for key in self.of_net}
        others = 0 if matrix.sparse is None else int(matrix.sparse.shape[1])
        return {**own, "numbers": int(matrix.dense.shape[1]), "others": others}

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.tabm import TabM as Net

        own = {key: facts[key] for key in self.of_net}
        return Net(facts["numbers"], facts["others"], facts["outputs"], **own)

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Dense columns, then one-hot ones, (n, d) float32."""
        import torch

        return (torch.from_numpy(matrix.as_dense()),)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """As all nets; where the clock leaves few steps, with half the members, and batches twice as large."""
        if not settings["best"] and _steps_left(self, learning, settings) < _ENOUGH:
            quick = {"members": max(1, settings["members"] // 2), "rate": 1.5 * settings["rate"]}
            settings = {**settings, **quick, "batch": 2 * settings["batch"]}
        fitted = super().fit(learning, settings)
        return replace(fitted, fixed={**fitted.fixed, "members": settings["members"]})

    def before(self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings) -> None:
        """Bins by the quantiles of the training rows, and the shares of the classes to begin with."""
        import torch

        scores = link_of(learning).scores(learning.task.prior(learning.y, learning.weight))
        net.begin(inputs[0], torch.from_numpy(scores).float())  # type: ignore[operator]


def _steps_left(family: TabM, learning: Learning, settings: Settings) -> float:
    """How many steps of its batch the clock leaves, by the quicker of two."""
    if math.isinf(learning.deadline.remaining) or not all(_is_number(settings[key]) for key in ("batch", "rate")):
        return math.inf
    import torch

    from assay.training.modes import own_draws

    facts = {**family.facts(settings, learning.train), "outputs": len(learning.task.labels)}
    (rows,) = family.inputs(learning.train.rows(np.arange(min(len(learning.y), settings["batch"]))), facts)
    took = []
    with own_draws(learning.seed, torch.device("cpu")):
        net = family.net(facts)
        for _ in range(2):
            started = time.monotonic()
            net(rows).square().mean().backward()
            took.append(time.monotonic() - started + _AROUND)
    return learning.deadline.remaining / min(took)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _embedding(numbers: int) -> int:
    """Width of an embedding with which all numbers make no more than 256 inputs: they cost more than all else."""
    return next((width for width in (8, 4, 2) if numbers * width <= _WIDEST), 0)
