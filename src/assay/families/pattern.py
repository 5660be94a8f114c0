"""A convolutional net that is written down as a pattern."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.data.schema import Kind, Schema
from assay.families._base import Settings
from assay.families._picture_net import PICTURE_TRAINING, PictureFamily
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

if TYPE_CHECKING:
    from torch import nn

_STAGE, _END = "[CONV -> RELU]*2", "[FC -> RELU]*1 -> FC"
_MOST_STAGES, _LEAST_SIDE = 3, 4


class Pattern(PictureFamily):
    """A net by its pattern, e.g. ``INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC``.

    Settings: ``pattern`` (see `assay.nn.pictures.pattern`), augmentation, views and all options of the training.
    """

    name = "pattern"
    title = "Net by a pattern"
    defaults = MappingProxyType(
        {**PICTURE_TRAINING, "pattern": f"INPUT -> [{_STAGE} -> POOL]*{_MOST_STAGES} -> {_END}"}
    )
    of_net = ("pattern",)
    priority = 75
    small = MappingProxyType(
        {
            "pattern": "INPUT -> CONV(8) -> RELU -> POOL(4) -> FC(16) -> RELU -> FC",
            "epochs": 12,
            "batch": 32,
            "rate": 0.01,
        }
    )

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It is there for nets that a person writes down."""
        return "a pattern is for nets that a person writes down in the plan"

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """The usual pattern with as many poolings as go into the pictures."""
        shape = _shape(schema)
        return ({"pattern": usual_pattern(shape[0], shape[1])} if shape else {},)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets of pictures, and that the pattern parses."""
        from assay.nn.pictures._pattern_text import parse

        super().check(settings, form)
        parse(settings.get("pattern", self.defaults["pattern"]))

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """As all nets of pictures.

        Raises:
            PlanError: The pattern does not fit pictures of this size, or so many classes.
        """
        from assay.nn.pictures._pattern_sizes import sized
        from assay.nn.pictures._pattern_text import parse

        shape = _shape(schema)
        if shape:
            sized(parse(settings["pattern"]), shape, len(task.labels))
        return super().recipe(schema, task, settings)

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights; the last FC is the head."""
        from assay.nn.pictures.pattern import Pattern as Body

        body = Body(facts["pattern"], facts["shape"], facts["outputs"])
        return self.headed(body, body.features, {**facts, "drop_prob": 0.0})


def usual_pattern(height: int, width: int) -> str:
    """``INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC`` as far as it goes into pictures of a size.

    Maps of odd sides are pooled by windows of 3 by 3 that overlap; maps with an even and an odd side are not pooled.
    """
    stages = list[str]()
    while len(stages) < _MOST_STAGES and min(height, width) >= _LEAST_SIDE and height % 2 == width % 2:
        stages.append(f"{_STAGE} -> {'POOL(3, stride=2)' if height % 2 else 'POOL'}")
        height, width = height // 2, width // 2
    if len(stages) > 1 and len(set(stages)) == 1:
        stages = [f"[{stages[0]}]*{len(stages)}"]
    return " -> ".join(["INPUT", *(stages or [_STAGE]), _END])


def _shape(schema: Schema) -> tuple[int, int, int] | None:
    """Height, width and channels of all columns of pictures together; None if there is none, or of different sizes."""
    shapes = [schema[name].shape for name in schema.features(Kind.PICTURE)]
    if len({shape[:2] for shape in shapes}) != 1:
        return None
    return shapes[0][0], shapes[0][1], sum(shape[2] for shape in shapes)
