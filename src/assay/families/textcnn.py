"""Convolutions over words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._reading_net import READING, SIZE, ReadingFamily
from assay.training.optimizers._limits import Limit, whole

if TYPE_CHECKING:
    from assay.nn.texts.words import Reader

_WIDTH, _MOST_WIDTHS = whole(1, 64), 16


class Textcnn(ReadingFamily):
    """Filters over runs of words, and the largest answer of each in a text (Kim 2014).

    Settings: ``vector``: numbers of a word's vector; ``widths``: how many words filters see; ``filters``: how many
    there are of each width; ``drop_words``, ``drop_inputs``, ``drop_prob``: shares of words, of numbers of their
    vectors and of answers that a step leaves out; those of `TextFamily`, and all options of the training.
    """

    name = "textcnn"
    title = "Convolutions over words (TextCNN)"
    defaults = MappingProxyType(
        {
            **READING,
            "epochs": 10,
            "vector": 128,
            "widths": [3, 4, 5],
            "filters": 100,
            "drop_prob": 0.5,
        }
    )
    of_net = ("vector", "widths", "filters", "drop_words", "drop_inputs", "drop_prob")
    bounds = MappingProxyType(
        {
            "vector": SIZE,
            "filters": SIZE,
            "widths": Limit(
                f"a list of 1 to {_MOST_WIDTHS} whole numbers from 1 to 64",
                lambda value: (
                    isinstance(value, list | tuple) and 0 < len(value) <= _MOST_WIDTHS and all(map(_WIDTH.holds, value))
                ),
            ),
        }
    )
    priority = 64
    small = MappingProxyType(
        {"vector": 16, "filters": 8, "widths": [2, 3], "epochs": 12, "rate": 0.02, "batch": 32, "drop_inputs": 0.0}
    )

    def body(self, facts: Mapping[str, Any]) -> "Reader":
        """The filters over their words."""
        from assay.nn.texts.textcnn import TextCnn

        return TextCnn(facts["words"], **{key: facts[key] for key in self.of_net if key != "drop_prob"})
