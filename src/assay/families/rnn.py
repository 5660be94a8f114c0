"""A plain or gated recurrent net over words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._reading_net import LAYERS, READING, SIZE, ReadingFamily

if TYPE_CHECKING:
    from assay.nn.texts.words import Reader


class Rnn(ReadingFamily):
    """Elman's recurrent net (1990), or gated recurrent units (Cho et al. 2014), over learned vectors of words.

    Settings: ``cell`` (``"gru"`` or ``"elman"``), ``vector``: width of a word's vector, ``width`` of a state,
    ``layers``, ``bidirectional``: read from both ends, ``pool``: what is read out (``"last"`` state, ``"max"`` or
    ``"mean"`` over the words), ``drop_words``: share of the words that are left out in training, ``drop_inputs`` and
    ``drop_prob``: of what the cells and the head are given, those of the encoder ``tokens``, and all options of the
    training.
    """

    name = "rnn"
    title = "Recurrent net"
    defaults = MappingProxyType(
        {
            **READING,
            "cell": "gru",
            "vector": 128,
            "width": 64,
            "layers": 1,
            "bidirectional": True,
            "pool": "max",
            "drop_prob": 0.3,
        }
    )
    of_net = ("cell", "vector", "width", "layers", "bidirectional", "pool", "drop_words", "drop_inputs", "drop_prob")
    bounds = MappingProxyType(
        {"cell": ["gru", "elman"], "vector": SIZE, "width": SIZE, "layers": LAYERS, "pool": ["last", "max", "mean"]}
    )
    priority = 65
    small = MappingProxyType({"vector": 16, "width": 16, "epochs": 12, "rate": 0.02, "batch": 32, "drop_inputs": 0.0})

    def body(self, facts: Mapping[str, Any]) -> "Reader":
        """The recurrent layers over their words."""
        from assay.nn.texts.recurrent import Recurrent

        own = {key: facts[key] for key in self.of_net if key != "drop_prob"}
        return Recurrent(facts["words"], **own)
