"""An LSTM that reads words from both ends."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._reading_net import LAYERS, READING, SIZE, ReadingFamily

if TYPE_CHECKING:
    from assay.nn.texts.words import Reader


class Lstm(ReadingFamily):
    """Long short-term memory (Hochreiter & Schmidhuber 1997) over learned vectors of words, from both ends.

    Settings: as those of ``rnn`` without ``cell``.
    """

    name = "lstm"
    title = "LSTM"
    defaults = MappingProxyType(
        {
            **READING,
            "vector": 128,
            "width": 64,
            "layers": 1,
            "bidirectional": True,
            "pool": "max",
            "drop_prob": 0.3,
        }
    )
    of_net = ("vector", "width", "layers", "bidirectional", "pool", "drop_words", "drop_inputs", "drop_prob")
    bounds = MappingProxyType({"vector": SIZE, "width": SIZE, "layers": LAYERS, "pool": ["last", "max", "mean"]})
    priority = 66
    small = MappingProxyType({"vector": 16, "width": 16, "epochs": 12, "rate": 0.02, "batch": 32, "drop_inputs": 0.0})

    def body(self, facts: Mapping[str, Any]) -> "Reader":
        """The LSTM layers over their words."""
        from assay.nn.texts.recurrent import Recurrent

        own = {key: facts[key] for key in self.of_net if key != "drop_prob"}
        return Recurrent(facts["words"], cell="lstm", **own)
