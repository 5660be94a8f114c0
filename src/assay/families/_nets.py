"""What the families of nets share: a fold's rows as tensors, the loss, the training, and what is told of it."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from assay.core.arrays import AnyArray
from assay.core.clock import Deadline
from assay.core.errors import PlanError
from assay.families._base import Learning
from assay.families._links import Link, link_for, link_of
from assay.families._ways import AsTheyAre
from assay.nn.losses._base import Loss, make_loss
from assay.nn.losses._members import OfMembers
from assay.tasks._base import Form
from assay.training.batches import Resident
from assay.training.health._hooks import Health
from assay.training.health._judge import judge
from assay.training.history import History
from assay.training.modes import evaluating, threads
from assay.training.optimizers._base import method, settled_options
from assay.training.options import Options
from assay.training.preflight import preflight
from assay.training.schedules import make_schedule
from assay.training.telling import Telling
from assay.training.tensorboard import EventFiles
from assay.training.trainer import Trainer

# Figures take a second after the training; a fit of few seconds does without.
_DRAWING, _TIME_FOR_PICTURES = 1.0, 5.0
_FOR = {
    "class": "classes",
    "labels": "labels that a row can have several of",
    "number": "numbers",
    "tags": "tags of sequences",
}
_TIMED, _TRAIN_SIDE, _MOST_ANSWERING = 64, 5_000, 0.2


@dataclass(frozen=True)
class Trained:
    """A training that is over.

    Attributes:
        history: Its epochs, and what it decided.
        seen: For the evidence, as JSON values: ``findings`` on its health, the gravest first (``healthy`` if nothing is
            wrong); of one fold also ``layers``, a table to be shown, ``preflight``, the same in numbers, and ``trace``,
            all that the health hooks saw.
    """

    history: History
    seen: Mapping[str, Any]

    @property
    def notes(self) -> dict[str, Any]:
        """Plain facts for the evidence."""
        history = self.history
        told = {"epochs": history.fixed["epochs"], "best": history.best, "stopped": history.stopped}
        return told | ({"events": "; ".join(history.events)} if history.events else {})


def train(
    net: nn.Module,
    learning: Learning,
    train: Sequence[Tensor],
    valid: Sequence[Tensor],
    settings: Mapping[str, Any],
    *,
    way: AsTheyAre | None = None,
) -> Trained:
    """Train a net on a fold's inputs; it ends with the weights of the epoch that validation rows like best.

    Args:
        net: Trained in place.
        learning: The fold.
        train: What the net reads of the rows to learn from.
        valid: The same of the other rows.
        settings: Of the family.
        way: How the rows come to the net.
    """
    around, health, way, link = learning.surroundings, Health(), way or AsTheyAre(), link_of(learning)
    rows = way.learned(_resident(train, link.target(learning.y), learning.weight / learning.weight.mean()), settings)
    scored = way.scored(_resident(valid, link.target(learning.valid_y), learning.valid_weight), settings)
    loss, options = _loss(net, learning, link, settings), _options(settings, learning.device)
    with threads(1):
        flown = preflight(net, rows.costliest_first, loss, options=options) if around.in_full else None
    trainer = Trainer(
        net,
        loss,
        options,
        measure=way.measure(scored, link),
        seed=learning.seed,
        threads=learning.threads,
        deadline=_without_answers(net, learning, scored, way),
        watchers=[health, Telling(around.progress, around.name), *_event_files(learning, health)],
        checkpoint=around.scratch,
    )
    if trainer.checkpoint:
        trainer.checkpoint.remove_damaged()
    history = trainer.fit(rows, scored)
    seen: dict[str, Any] = {"findings": [finding.state() for finding in judge(health.trace)]}
    if flown:
        seen |= {"layers": flown.table(), "preflight": flown.state(), "trace": health.trace.state()}
    return Trained(history, seen)


def check(settings: Mapping[str, Any], form: Form) -> None:
    """See that training can be done with all these settings.

    Raises:
        PlanError: It cannot.
    """
    options = Options.of(settings)
    settled_options(method(options.optimizer), options.optimizer_options)
    make_schedule(options.schedule, **options.schedule_options)
    link = link_for(form)
    loss = make_loss(settings["loss"] or link.plain_loss(), counts=[1, 1], **settings["loss_options"])
    if loss.target != link.takes:
        raise PlanError(
            f"loss = {settings['loss']!r}, which is for {_FOR[loss.target]}",
            expected=f"a loss for {_FOR[link.takes]}, such as {link.loss}",
            fix="change loss in the plan, or leave it out",
        )


def warm_up() -> None:
    """Make an optimizer and drop it: the first one in a process imports hundreds of modules (measured, 2 s)."""
    torch.optim.AdamW([torch.zeros(1, requires_grad=True)])


def _loss(net: nn.Module, learning: Learning, link: Link, settings: Mapping[str, Any]) -> Loss:
    """The loss of the settings; its mean over the members of a net that gives in training what each of them says."""
    counts = list(learning.task.census(learning.y).values())
    named, options = settings["loss"], settings["loss_options"]
    loss = make_loss(named, counts=counts, **options) if named else link.make_loss(**options)
    members = getattr(net, "members", None)
    return OfMembers(loss, members) if isinstance(members, int) else loss


def _options(settings: Mapping[str, Any], device: str) -> Options:
    """The settings' own device counts where they name one."""
    return Options.of(settings, **({"device": device} if settings["device"] == "auto" else {}))


def _event_files(learning: Learning, health: Health) -> list[EventFiles]:
    """What TensorBoard shows; the costly parts of one fold only."""
    around = learning.surroundings
    if around.events is None:
        return []
    level = "full" if _draws(learning) else "scalars"
    return [EventFiles(around.events, labels=learning.task.labels, level=level, health=health)]


def _draws(learning: Learning) -> bool:
    """Whether figures follow the training."""
    around = learning.surroundings
    return around.events is not None and around.in_full and learning.deadline.remaining > _TIME_FOR_PICTURES


def _resident(inputs: Sequence[Tensor], y: AnyArray, weight: AnyArray) -> Resident:
    equal = bool((weight == weight[0]).all())
    return Resident(inputs, torch.from_numpy(y), None if equal else torch.from_numpy(weight.astype(np.float32)))


def _without_answers(net: nn.Module, learning: Learning, scored: Resident, way: AsTheyAre) -> Deadline:
    """The deadline of the training: whoever asked for the fit will have all validation rows predicted, and some others.

    Two passes over some rows tell how long that takes, on one thread, since others may use the machine.
    Figures are drawn before the deadline too.
    """
    if not math.isfinite(learning.deadline.moment) or not len(scored):
        return learning.deadline
    some, took = next(scored.in_order(_TIMED)), []
    with threads(1), evaluating(net):
        for _ in range(2):
            started = time.monotonic()
            net(*some.inputs)
            took.append(time.monotonic() - started)
    rows = len(learning.valid) + min(len(learning.y), _TRAIN_SIDE)
    seconds = min(took) / way.rows_in(some) * getattr(net, "views", 1) * rows
    seconds += _DRAWING if _draws(learning) else 0.0
    return Deadline(learning.deadline.moment - min(seconds, _MOST_ANSWERING * learning.deadline.remaining))
