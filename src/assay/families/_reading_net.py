"""What nets that read words in their order share: settings with bounds, and a body that is made of them."""

from abc import abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from assay.families._base import Settings
from assay.families._bounds import check_bounds
from assay.families._text_net import TEXT_TRAINING, TextFamily
from assay.tasks._base import Form
from assay.training.optimizers._limits import BELOW_ONE, Limit, whole

if TYPE_CHECKING:
    from torch import nn

    from assay.families._ways import AsTheyAre
    from assay.nn.texts.words import Reader

READING: Settings = MappingProxyType(
    {**TEXT_TRAINING, "epochs": 12, "clip": 1.0, "buckets": True, "drop_words": 0.2, "drop_inputs": 0.4}
)
SIZE, LAYERS = whole(1, 4_096), whole(1, 16)
DROPS = ("drop_words", "drop_inputs", "drop_prob")


class ReadingFamily(TextFamily):
    """A net of which ``bounds`` say what its settings may be, by a limit or names; `DROPS` aside, which all have."""

    bounds: ClassVar[Mapping[str, Limit | list[str]]]

    @abstractmethod
    def body(self, facts: Mapping[str, Any]) -> "Reader":
        """What reads the words, with first weights; ``facts`` are within the bounds."""

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets, and by the bounds of the net's own settings."""
        super().check(settings, form)
        self.check_net({**self.defaults, **settings})

    def check_net(self, settings: Mapping[str, Any]) -> None:
        """See that a net can be built.

        Raises:
            PlanError: A setting is out of its bounds.
        """
        check_bounds(self.name, settings, {**self.bounds, **dict.fromkeys(DROPS, BELOW_ONE)})

    def way(self, settings: Settings) -> "AsTheyAre":
        """In batches of like length, if ``buckets``."""
        from assay.families._ways import InBuckets

        return InBuckets() if settings["buckets"] else super().way(settings)

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        self.check_net(facts)
        body = self.body(facts)
        return self.headed(body, body.features, facts)
