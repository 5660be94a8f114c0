"""LeNet-5: the first convolutional net that read digits."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily

if TYPE_CHECKING:
    from torch import nn


class Lenet(ClassicFamily):
    """LeNet-5 (LeCun et al. 1998) with ReLU and max pooling.

    Settings: ``drop_prob``, those of `ClassicFamily`, and all options of the training.
    """

    name = "lenet"
    title = "LeNet-5"
    defaults = MappingProxyType({**CLASSIC_TRAINING, "drop_prob": 0.0})
    of_net = ("drop_prob",)
    priority = 71
    small = MappingProxyType({"epochs": 20, "batch": 32, "rate": 0.01})

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.lenet import LeNet

        body = LeNet(facts["shape"][2])
        return self.headed(body, body.features, facts)
