"""A bag of embeddings: the mean of a text's word vectors, and a linear layer on it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._base import Settings
from assay.families._bounds import check_bounds
from assay.families._text_net import TEXT_TRAINING, TextFamily
from assay.tasks._base import Form
from assay.training.optimizers._limits import BELOW_ONE, whole

if TYPE_CHECKING:
    from torch import nn

_BOUNDS = {"width": whole(1, 4_096), "pairs": whole(0, 10**7), "drop_words": BELOW_ONE, "drop_prob": BELOW_ONE}


class Bag(TextFamily):
    """The mean of learned vectors of words and of pairs of words, in the manner of fastText (Joulin et al. 2017).

    Settings: ``width`` of a vector, ``pairs``: how many vectors the pairs of neighbouring words share by their hash,
    ``drop_words``: share of words and pairs that a step leaves out, ``drop_prob``: share of the mean that it does,
    those of `TextFamily`, and all options of the training.
    """

    name = "bag"
    title = "Bag of embeddings"
    defaults = MappingProxyType(
        {
            **TEXT_TRAINING,
            "width": 64,
            "pairs": 20_000,
            "drop_words": 0.15,
            "drop_prob": 0.3,
            "rate": 0.005,
            "epochs": 12,
        }
    )
    of_net = ("width", "pairs", "drop_words", "drop_prob")
    priority = 62
    small = MappingProxyType(
        {"width": 16, "pairs": 100, "epochs": 30, "rate": 0.05, "batch": 32, "drop_words": 0.1, "drop_prob": 0.1}
    )

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets of texts, and by the bounds of the net's own settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.texts.bag import Bag as Body

        check_bounds(self.name, facts, _BOUNDS)
        body = Body(facts["words"], facts["width"], pairs=facts["pairs"], drop_words=facts["drop_words"])
        return self.headed(body, facts["width"], facts)
