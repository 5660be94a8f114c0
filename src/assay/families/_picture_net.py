"""What nets that see pictures share: pixels, the other columns beside what was seen, and where they are used."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Kind, Schema
from assay.families._base import Learning, Settings
from assay.families._net_family import TRAINING, NetFamily
from assay.families._text_net import columns_of
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Task

if TYPE_CHECKING:
    from torch import Tensor, nn

_LOOKED_AT = 5_000
PICTURE_TRAINING: Settings = {
    **TRAINING,
    "optimizer": "adamw",
    "rate": 0.002,
    "decay": 0.01,
    "schedule": "one_cycle",
    "epochs": 20,
    "batch": 128,
}


class PictureFamily(NetFamily):
    """A net that sees pictures.

    Its ``forward`` takes (n, channels, height, width), 0 to 255 in uint8 or float32, and, if there are other columns,
    (n, d) float32.
    """

    sizes = ("shape", "columns")

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a column of pictures, and rows enough to learn from; several columns must be of one size."""
        shapes = {schema[name].shape[:2] for name in schema.features(Kind.PICTURE)}
        if not shapes:
            return "there is no column of pictures"
        if len(shapes) > 1:
            return "the columns of pictures are of different sizes"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """The small convolutional net gets further in the same time."""
        return "the family cnn learns small pictures in less time"

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Pixels; scaled numbers, categories one-hot, parts of dates."""
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("pictures", {}, (Kind.PICTURE,)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {"max_levels": 32}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """``shape`` of a picture, ``columns``: how many other features; and the net's own settings."""
        pixels = _pixels(matrix)
        own = {key: settings[key] for key in self.of_net}
        return {**own, "shape": list(pixels.shape[1:]), "columns": columns_of(matrix).shape[1]}

    def headed(self, body: "nn.Module", features: int, facts: Mapping[str, Any]) -> "nn.Module":
        """A net that scales pixels, sees them with ``body`` to (n, features), and scores that and the other columns."""
        from torch import nn

        from assay.nn.headed import Headed
        from assay.nn.pictures.standardise import Standardise

        seen = nn.Sequential(OrderedDict(scale=Standardise(facts["shape"][2]), net=body))
        given = {key: facts[key] for key in ("columns", "outputs", "drop_prob")}
        return Headed(seen, features, **given)

    def before(self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings) -> None:
        """Scale pixels by what those of the training rows are like."""
        from assay.nn.pictures.standardise import Standardise

        for module in net.modules():
            if isinstance(module, Standardise):
                module.fit(inputs[0][:_LOOKED_AT])

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Pictures (n, channels, height, width) uint8, a view whose channels lie innermost; other columns if any."""
        import torch

        pixels = torch.from_numpy(np.ascontiguousarray(_pixels(matrix))).permute(0, 3, 1, 2)
        columns = columns_of(matrix)
        return (pixels, torch.from_numpy(columns)) if columns.shape[1] else (pixels,)


def _pixels(matrix: Matrix) -> Any:
    if matrix.pictures is None:
        raise PlanError("a table without pictures", expected="a column of pictures", fix="name it with --picture")
    return matrix.pictures
