"""The net that pictures are learned by unless a person says otherwise: small, and quick to learn."""

import math
from collections.abc import Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Schema
from assay.families._augmenting import Found
from assay.families._base import Learning, Settings
from assay.families._picture_net import PICTURE_TRAINING, PictureFamily
from assay.tasks._base import Form, Task

if TYPE_CHECKING:
    from torch import Tensor, nn

_WIDTHS = ((8, 16, 32), (16, 32, 64), (32, 64, 128), (32, 128, 128), (64, 256, 256))
_PICTURES, _ENOUGH, _OF_THE_TIME, _TIMED = 1_200_000, 400_000, 0.8, 256


class Cnn(PictureFamily):
    """A small convolutional net in the airbench manner (Jordan 2024, arXiv 2404.00498).

    Settings: ``widths``, channels of each group (empty for what the time allows), ``drop_prob``; augmentation, views
    and all options of the training.
    """

    name = "cnn"
    title = "Small convolutional net"
    suits = "it learns most about pictures in the time that there is"
    defaults = MappingProxyType(
        {
            **PICTURE_TRAINING,
            "widths": [],
            "drop_prob": 0.0,
            "views": True,
            "rate": 0.01,
            "schedule": "trapezoid",
            "schedule_options": {"fall": 0.5},
            "warmup": 0.05,
        }
    )
    of_net = ("widths", "drop_prob")
    priority = 30
    small = MappingProxyType({"widths": [8, 16], "epochs": 12, "batch": 16})

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It is the one that is tried."""
        return None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """As many epochs as show it a million pictures or so, if the time allows them."""
        return ({"epochs": int(np.clip(_PICTURES / max(1, n_rows), 16, 80))},)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets of pictures, and that widths are whole numbers above 0."""
        widths = settings.get("widths", [])
        if not isinstance(widths, list | tuple) or not all(type(width) is int and width > 0 for width in widths):
            raise PlanError(
                f"widths = {widths!r} among the settings of {self.name}",
                expected="a list of whole numbers above 0, channels of each group, e.g. [32, 64, 128]",
                fix="change widths in the plan, or leave it out",
            )
        super().check(settings, form)

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.fast import Fast

        height, width, channels = facts["shape"]
        body = Fast(channels, (height, width), facts["widths"])
        return self.headed(body, body.features, facts)

    def before(self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings) -> None:
        """Scale pixels, and whiten patches, by what those of the training rows are like."""
        from assay.nn.pictures.fast import Fast
        from assay.nn.pictures.standardise import looked_at

        super().before(net, learning, inputs, settings)
        scale, body = net.body.scale, net.body.net  # type: ignore[union-attr]
        if isinstance(body, Fast):
            body.whiten.fit(scale(inputs[0][: looked_at(inputs[0])]))  # type: ignore[operator]

    def find(self, learning: Learning, settings: Settings) -> Found:
        """Augmentation, and how wide the net can be in the time that is left."""
        found = super().find(learning, settings)
        if settings["widths"]:
            return found
        return Found({**found.settings, "widths": list(self._widest(learning, settings))}, found.notes)

    def _widest(self, learning: Learning, settings: Settings) -> tuple[int, ...]:
        """The widest net that the time lets see each row often enough, measured on some rows; narrow for few rows."""
        n = len(learning.y)
        choice = [widths for widths in _WIDTHS[:-1] if widths[0] <= max(16, n // 100)]
        if math.isinf(learning.deadline.moment):
            return choice[-1]
        passes = float(np.clip(_ENOUGH / n, 6, 40))
        most = _OF_THE_TIME * learning.deadline.remaining / (n * passes)
        within = takewhile(lambda widths: self._pace(learning, settings, widths) <= most, choice[1:])
        return [choice[0], *within][-1]

    def _pace(self, learning: Learning, settings: Settings, widths: tuple[int, ...]) -> float:
        """Seconds for a row of a training of a net of these widths."""
        import torch

        from assay.families._trials import pace
        from assay.training.augment import Augmented
        from assay.training.batches import Batch, Resident
        from assay.training.device import choose_device
        from assay.training.modes import own_draws

        few = np.arange(min(len(learning.y), _TIMED))
        facts = self.facts({**settings, "widths": widths}, learning.train)
        inputs = self.inputs(learning.train.rows(few), facts)
        rows = Augmented(Resident.on(Batch(inputs, torch.from_numpy(learning.y[few]))))
        device = choose_device(learning.device if settings["device"] == "auto" else settings["device"])
        with own_draws(0, torch.device("cpu")):
            net = self.net({**facts, "outputs": len(learning.task.labels)}).to(device)
            return pace(net, rows, learning.threads, learning.deadline.remaining / 100)[0]
