"""What nets that see pictures share: pixels, other columns, augmentation that is found out, and more than one look."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Kind, Schema
from assay.families._augmenting import LIMITS, Found, find
from assay.families._base import Fitted, Learning, Settings
from assay.families._bounds import out_of_bounds
from assay.families._net_family import TRAINING, NetFamily
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

if TYPE_CHECKING:
    from torch import Tensor, nn

    from assay.families._ways import AsTheyAre

_FOUND = "-found.json"
PICTURE_TRAINING: Settings = {
    **TRAINING,
    "optimizer": "adamw",
    "rate": 0.002,
    "decay": 0.01,
    "schedule": "one_cycle",
    "epochs": 20,
    "batch": 128,
    "flip": "auto",
    "crop": "auto",
    "colour": "auto",
    "cutout": "auto",
    "mixup": "auto",
    "views": False,
}


class PictureFamily(NetFamily):
    """A net that sees pictures.

    Its ``forward`` takes (n, channels, height, width), 0 to 255 in uint8 or float32, and, if there are other columns,
    (n, d) float32.

    Settings: ``flip`` (true or false), ``crop`` and ``cutout`` in pixels, ``colour`` (strength, 0 to 1) and ``mixup``;
    ``"auto"`` for what a short check finds. With ``views`` a prediction is the mean over the picture, its mirror image
    if flips were learned, and the picture moved by a pixel if crops were.
    """

    sizes = ("shape", "columns", "views")

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
        """``shape`` of a picture, ``columns``: how many other features, ``views``; and the net's own settings.

        ``views`` are two numbers, whether there are mirror images, and by how many pixels pictures are moved.
        """
        from assay.training.augment import Augmentation

        pixels = _pixels(matrix)
        own = {key: settings[key] for key in self.of_net}
        learned = Augmentation.of(settings if settings["views"] else {})
        views = [int(learned.flip), min(1, learned.crop)]
        return {**own, "shape": list(pixels.shape[1:]), "columns": matrix.as_dense().shape[1], "views": views}

    def headed(self, body: "nn.Module", features: int, facts: Mapping[str, Any]) -> "nn.Module":
        """A net that scales pixels, sees them with ``body`` to (n, features), and scores that and the other columns."""
        from torch import nn

        from assay.nn.pictures.standardise import Standardise
        from assay.nn.pictures.views import Viewed

        seen = nn.Sequential(OrderedDict(scale=Standardise(facts["shape"][2]), net=body))
        given = {key: facts[key] for key in ("columns", "outputs", "drop_prob")}
        net = Viewed(seen, features, **given)
        net.mirror, net.shift = bool(facts["views"][0]), facts["views"][1]
        return net

    def scores(self, net: "nn.Module", inputs: tuple["Tensor", ...]) -> "Tensor":
        """Scores (n, k), a mean over the views that the net was made for."""
        from assay.nn.pictures.views import Viewed

        scores: Tensor = net.over_views(*inputs) if isinstance(net, Viewed) else net(*inputs)
        return scores

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets, and that each augmentation is ``"auto"`` or one that can be."""
        own = {key: value for key, value in settings.items() if key in LIMITS}
        for key, value in own.items():
            if value != "auto" and not LIMITS[key].holds(value):
                raise out_of_bounds(self.name, key, value, f"'auto' or {LIMITS[key].words}")
        mixup = own.get("mixup", self.defaults["mixup"])
        others = {key: value for key, value in settings.items() if key not in own}
        super().check(others | {"mixup": _number(mixup)}, form)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Find out what the settings leave open, then train."""
        found = self._kept(learning, settings)
        fitted = super().fit(learning, {**settings, **found.settings})
        notes = {**fitted.notes, **found.notes}
        return replace(fitted, fixed={**fitted.fixed, **found.settings}, notes=notes)

    def way(self, settings: Settings) -> "AsTheyAre":
        """Augmented, and scored as pictures are."""
        from assay.families._ways import AsPictures

        return AsPictures()

    def find(self, learning: Learning, settings: Settings) -> Found:
        """What the settings leave open: which augmentations help. A member can add to it."""
        return find(learning, settings, self.inputs(learning.train, self.facts(settings, learning.train)))

    def _kept(self, learning: Learning, settings: Settings) -> Found:
        """What is found out, or was by a process that was stopped: a training goes on only as it began."""
        scratch = learning.surroundings.scratch
        file = None if scratch is None else scratch.with_name(scratch.name + _FOUND)
        found = Found.read(file) or self.find(learning, settings)
        if file:
            found.write(file)
        return found

    def before(self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings) -> None:
        """Scale pixels by what those of the training rows are like."""
        from assay.nn.pictures.standardise import Standardise, looked_at

        for module in net.modules():
            if isinstance(module, Standardise):
                module.fit(inputs[0][: looked_at(inputs[0])])

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Pictures (n, channels, height, width) uint8, a view whose channels lie innermost; other columns if any."""
        import torch

        pixels = torch.from_numpy(np.ascontiguousarray(_pixels(matrix))).permute(0, 3, 1, 2)
        columns = matrix.as_dense()
        return (pixels, torch.from_numpy(columns)) if columns.shape[1] else (pixels,)


def _number(value: Any) -> Any:
    return 0.0 if value == "auto" else value


def _pixels(matrix: Matrix) -> Any:
    if matrix.pictures is None:
        raise PlanError("a table without pictures", expected="a column of pictures", fix="name it with --picture")
    return matrix.pictures
