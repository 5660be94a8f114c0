"""A small transformer that learns words from scratch."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.core.errors import PlanError
from assay.families._reading_net import LAYERS, READING, SIZE, ReadingFamily

if TYPE_CHECKING:
    from assay.nn.texts.words import Reader


class Transformer(ReadingFamily):
    """An encoder of the transformer (Vaswani et al. 2017), norms first, over learned vectors of words.

    Settings: ``width`` of a word's vector, ``heads``, ``layers``, ``hidden``: width inside of a layer, ``pool``: what
    is read out (``"mean"`` or ``"max"`` over the words), ``drop_words``: share of the words that are left out in
    training, ``drop_inputs`` and ``drop_prob``: of what the layers give on and the head is given, those of the encoder
    ``tokens``, and all options of the training. The schedule begins with a warm-up.
    """

    name = "transformer"
    title = "Transformer"
    defaults = MappingProxyType(
        {
            **READING,
            "width": 128,
            "heads": 4,
            "layers": 2,
            "hidden": 256,
            "pool": "mean",
            "drop_inputs": 0.2,
            "drop_prob": 0.3,
            "rate": 0.001,
        }
    )
    of_net = ("width", "heads", "layers", "hidden", "pool", "drop_words", "drop_inputs", "drop_prob")
    bounds = MappingProxyType({"width": SIZE, "heads": SIZE, "layers": LAYERS, "hidden": SIZE, "pool": ["mean", "max"]})
    priority = 67
    small = MappingProxyType(
        {
            "width": 16,
            "heads": 2,
            "layers": 1,
            "hidden": 16,
            "epochs": 12,
            "rate": 0.02,
            "batch": 32,
            "drop_inputs": 0.0,
        }
    )

    def check_net(self, settings: Mapping[str, Any]) -> None:
        """As all, and the width has to be even, and the same for all heads."""
        super().check_net(settings)
        width, heads = settings["width"], settings["heads"]
        if width % 2 or width % heads:
            raise PlanError(
                f"width = {width} beside heads = {heads} among the settings of {self.name}",
                expected="an even width that can be divided by heads",
                fix=f"set width to {2 * heads * max(1, round(width / (2 * heads)))}, or change heads",
            )

    def body(self, facts: Mapping[str, Any]) -> "Reader":
        """The encoder over its words."""
        from assay.nn.texts.transformer import Transformer as Body

        own = {key: facts[key] for key in self.of_net if key != "drop_prob"}
        return Body(facts["words"], **own)
