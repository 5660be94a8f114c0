"""A comparison of optimizers on a table: the net that the family mlp builds for it, with nothing but them to decide."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from assay.core.arrays import IntArray
from assay.core.errors import PlanError, listed
from assay.core.progress import Progress
from assay.families.mlp import Mlp, inputs
from assay.fitting._work import Encodings, Work
from assay.fitting.about import describe
from assay.nn.activations import scheme_of
from assay.nn.losses._base import make_loss
from assay.tasks._base import Form
from assay.training.batches import Resident
from assay.training.compare import Curve, Rate, compare
from assay.training.options import Options

_ROWS_OF_ALL_EPOCHS, _FEWEST_EPOCHS, _MOST_EPOCHS = 200_000, 4, 60
_UNTIL_THE_CLOCK = 100_000
# The net has its usual depth also where rows are few: a shallow one shows little of what optimizers differ in.
_PLAIN = MappingProxyType(
    {
        **{key: Mlp.defaults[key] for key in ("depth", "activation", "parametric")},
        **{"optimizer_options": {}, "drop_prob": 0.0, "decay": 0.0, "schedule": "trapezoid"},
    }
)


@dataclass(frozen=True)
class Comparison:
    """What came of a comparison.

    Attributes:
        source, target: Where the rows came from, and the column that was learned.
        rows, valid_rows: How many rows the net learned from, and on how many others its epochs were scored.
        net: The net in words.
        shared: The settings of the family mlp that were the same for all.
        curves: One for each optimizer, the lowest validation loss first, those that failed last.
        notices: What the person should know about the rows.
    """

    source: str
    target: str
    rows: int
    valid_rows: int
    net: str
    shared: Mapping[str, Any]
    curves: tuple[Curve, ...]
    notices: tuple[str, ...] = ()

    def settings(self, optimizer: str) -> dict[str, Any]:
        """Settings of a candidate of the family mlp in a plan, to train as here with one of the optimizers.

        Raises:
            PlanError: It was not compared, or no rate was found for it.
        """
        curve = next((curve for curve in self.curves if curve.optimizer == optimizer and curve.rate is not None), None)
        if curve is None:
            names = listed(curve.optimizer for curve in self.curves if curve.rate is not None)
            raise PlanError(f"no curve of {optimizer!r}", expected=f"one of: {names}", fix="change the name")
        return {"optimizer": optimizer, "rate": curve.rate, **self.shared}


def compare_on(
    work: Work,
    source: str,
    *,
    names: Sequence[str],
    rates: Mapping[str, Rate] = MappingProxyType({}),
    epochs: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare optimizers on the rows of one fold.

    The net has the shape that the family mlp gives it for such rows; but its weights are not in the NTK
    parametrisation, since the rates that methods suggest are not meant for that, and there is no dropout, no decay and
    one schedule for all (level, then straight down), so that nothing but the optimizer decides.

    Args:
        work: Rows, folds, seed, threads, device, and as ``plan.seconds`` the time for all trainings together, 0 for
            none. Of folds by time the last is taken, which has most rows to learn from, else the first.
        source: Where the rows came from, for people.
        names: The optimizers.
        rates: As in `assay.training.compare.compare`.
        epochs: Passes over the rows for each optimizer; None for as many as suit their number, or the time.
        progress: Who listens.

    Raises:
        PlanError: A net cannot learn from such rows, there is no such optimizer, or none of them came to an epoch.
    """
    if work.task.form is not Form.CLASSES:
        raise PlanError(
            f"a {work.task.name} task",
            expected="a target of classes, for the loss that all optimizers have in common",
            fix="name another column with --target",
        )
    family, settings = Mlp(), _settings(work)
    number = len(work.folds) - 1 if work.plan.scheme == "time" else 0
    fold, timed = work.folds[number], work.plan.seconds > 0
    recipe = family.recipe(work.data.schema, work.task, settings)
    x, x_valid = (torch.from_numpy(inputs(matrix)) for matrix in Encodings(work).of(recipe, number))
    net = family.net(settings, x, len(work.task.labels), seed=work.plan.seed)
    settings["epochs"] = (_UNTIL_THE_CLOCK if timed else _epochs(len(x))) if epochs is None else epochs
    curves = compare(
        net,
        make_loss("cross_entropy"),
        Options.of(settings, device=work.plan.device),
        _resident(work, x, fold.train),
        _resident(work, x_valid, fold.valid),
        names=names,
        rates=rates,
        seed=work.plan.seed,
        threads=work.plan.threads,
        seconds=work.plan.seconds or math.inf,
        progress=progress,
    )
    if all(curve.best is None for curve in curves):
        raise _nothing_trained(curves)
    return Comparison(
        source=source,
        target=work.plan.wishes.target,
        rows=len(x),
        valid_rows=len(x_valid),
        net=_in_words(net, settings, x.shape[1], len(work.task.labels)),
        shared={key: settings[key] for key in (*_PLAIN, "scheme", *(() if timed else ("epochs",)))},
        curves=tuple(sorted(curves, key=_place)),
        notices=tuple(describe(work, source)["notices"]),
    )


def _settings(work: Work) -> dict[str, Any]:
    chosen = next((candidate for candidate in work.plan.candidates if candidate.family == Mlp.name), None)
    if chosen is None:
        rows = int((work.y >= 0).sum())
        raise PlanError(
            f"rows that no net can learn from: {Mlp().unfit_for(work.data.schema, work.task, rows)}",
            expected="a table for which `assay fit` would train a net",
            fix="give more rows or columns",
        )
    settings = {**Mlp.defaults, **chosen.settings, **_PLAIN}
    return {**settings, "scheme": scheme_of(settings["activation"])}


def _epochs(rows: int) -> int:
    return int(np.clip(_ROWS_OF_ALL_EPOCHS // rows, _FEWEST_EPOCHS, _MOST_EPOCHS))


def _resident(work: Work, x: torch.Tensor, rows: IntArray) -> Resident:
    weight = work.weight[rows]
    even = bool((weight == weight[0]).all())
    scaled = None if even else torch.from_numpy((weight / weight.mean()).astype(np.float32))
    return Resident([x], torch.from_numpy(work.y[rows]), scaled)


def _in_words(net: torch.nn.Module, settings: Mapping[str, Any], n_inputs: int, n_outputs: int) -> str:
    weights = sum(parameter.numel() for parameter in net.parameters())
    hidden = f"{settings['depth']} hidden layers of {settings['width']} units ({settings['activation']})"
    return f"{n_inputs} inputs, {hidden}, {n_outputs} outputs, {weights:,} weights"


def _place(curve: Curve) -> tuple[bool, float]:
    best = curve.best
    return bool(curve.reason), math.inf if best is None or best.valid_loss is None else best.valid_loss


def _nothing_trained(curves: Sequence[Curve]) -> PlanError:
    return PlanError(
        f"no optimizer that came to the end of an epoch: {listed(f'{c.optimizer} ({c.reason})' for c in curves)}",
        expected="one that trains",
        fix="give more --time or fewer --optimizers, or change --rate",
    )
