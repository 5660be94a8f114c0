"""A bag of embeddings: the mean of a text's word vectors, and a linear layer on it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._text_net import TEXT_TRAINING, TextFamily

if TYPE_CHECKING:
    from torch import nn


class Bag(TextFamily):
    """The mean of learned vectors of words and of pairs of words, in the manner of fastText (Joulin et al. 2017).

    Settings: ``width`` of a vector, ``pairs``: how many vectors the pairs of neighbouring words share by their hash,
    ``drop_prob``, those of the encoder ``tokens``, and all options of the training.
    """

    name = "bag"
    title = "Bag of embeddings"
    defaults = MappingProxyType({**TEXT_TRAINING, "width": 64, "pairs": 20_000, "drop_prob": 0.3, "rate": 0.01})
    of_net = ("width", "drop_prob")
    priority = 62
    small = MappingProxyType({"width": 16, "pairs": 100, "epochs": 30, "rate": 0.05, "batch": 32})

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.texts.bag import Bag as Body

        return self.headed(Body(facts["words"], facts["width"]), facts["width"], facts)
