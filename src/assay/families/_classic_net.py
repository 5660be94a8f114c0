"""Families of nets that see pictures in stages: they can begin with the weights of a file, and hold stages still."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Kind, Schema
from assay.families._base import Fitted, Learning, Settings
from assay.families._picture_net import PICTURE_TRAINING, PictureFamily
from assay.features._base import Matrix
from assay.tasks._base import Form, Task

if TYPE_CHECKING:
    from torch import Tensor, nn

CLASSIC_TRAINING: Settings = {**PICTURE_TRAINING, "weights": "", "strict": True, "stages_frozen": 0}
_LARGE = 64
# Of a size that every net takes: whether it takes those of the data is seen when they are there.
_ANY = Matrix(
    np.zeros((1, 0), np.float32), np.zeros((1, 0), np.int32), None, pictures=np.zeros((1, 224, 224, 3), np.uint8)
)


class ClassicFamily(PictureFamily):
    """A net of stages (`assay.nn.pictures._staged`).

    Settings of all of them: ``weights``, a file to begin with; ``strict``: whether it must fit; ``stages_frozen``: how
    many of the first stages do not learn, for good or until ``unfreeze`` epochs are over.

    Attributes:
        for_small: Settings for pictures whose shorter side is below 64 pixels.
    """

    for_small: ClassVar[Settings] = {}

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """The paper's net for large pictures, a smaller one for small pictures."""
        sides = [min(schema[name].shape[:2]) for name in schema.features(Kind.PICTURE)]
        return (dict(self.for_small) if sides and min(sides) < _LARGE else {},)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets; and by what the net says, and whether the file of weights can be read."""
        from assay.families._weight_file import read_weights
        from assay.nn.dropout import checked

        super().check(settings, form)
        whole = {**self.defaults, **settings}
        checked(whole["drop_prob"])
        net = self._sketch(whole, _ANY, 2)
        _frozen(net, whole["stages_frozen"])
        if whole["weights"]:
            read_weights(whole["weights"])

    def before(self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings) -> None:
        """As all nets that see pictures; then the weights of the file."""
        super().before(net, learning, inputs, settings)
        if settings["weights"]:
            from assay.families._transfer import Transfer
            from assay.families._weight_file import read_weights

            weights = read_weights(settings["weights"])
            Transfer.between(net, weights).apply(net, weights)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Train, from the weights of the file if there is one; the notes tell what was taken.

        Raises:
            PlanError: The weights do not fit, or there are not so many stages.
        """
        if not settings["weights"] and not settings["stages_frozen"]:
            return super().fit(learning, settings)
        net = self._sketch(settings, learning.train, len(learning.task.labels))
        patterns = _frozen(net, settings["stages_frozen"])
        told = _transferred(net, settings["weights"], settings["strict"]) if settings["weights"] else {}
        freeze = " ".join([*settings["freeze"].split(), *patterns])
        fitted = super().fit(learning, {**settings, "freeze": freeze})
        return replace(fitted, notes={**fitted.notes, **told})

    def _sketch(self, settings: Settings, matrix: Matrix, outputs: int) -> "nn.Module":
        """The net without memory for its weights."""
        import torch

        facts = self.facts({**settings, "views": False}, matrix)
        with torch.device("meta"):
            return self.net({**facts, "outputs": outputs})


def _transferred(net: "nn.Module", file: str, strict: bool) -> dict[str, str]:
    """What will be taken from a file, for the evidence."""
    from assay.families._transfer import Transfer
    from assay.families._weight_file import read_weights

    transfer = Transfer.between(net, read_weights(file))
    transfer.check(file, strict=strict)
    return {"weights": file, **transfer.told()}


def _frozen(net: "nn.Module", count: int) -> list[str]:
    """Patterns of the first stages' parameters."""
    from assay.nn.pictures._staged import Staged

    prefix, body = next((name, module) for name, module in net.named_modules() if isinstance(module, Staged))
    stages = body.stage_patterns()
    if not 0 <= count <= len(stages):
        raise PlanError(
            f"stages_frozen = {count}",
            expected=f"0 to {len(stages)}: the net has {len(stages)} stages, and its head always learns",
            fix=f"set stages_frozen to {min(max(count, 0), len(stages))}",
        )
    return [f"{prefix}.{pattern}" for stage in stages[:count] for pattern in stage]
