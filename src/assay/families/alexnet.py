"""AlexNet: the net with which deep learning of large pictures began."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily

if TYPE_CHECKING:
    from torch import nn

_SHAPE = ("width", "dense", "norm", "groups", "drop_prob")


class Alexnet(ClassicFamily):
    """AlexNet (Krizhevsky et al. 2012), with batch norm unless ``norm = "local"`` asks for the paper's.

    Settings: ``width`` of the first layer, ``dense``: units of the two dense layers, ``norm``, ``groups``,
    ``drop_prob``, those of `ClassicFamily`, and all options of the training.
    """

    name = "alexnet"
    title = "AlexNet"
    defaults = MappingProxyType(
        {**CLASSIC_TRAINING, "width": 96, "dense": 4096, "norm": "batch", "groups": 1, "drop_prob": 0.5, "rate": 0.001}
    )
    of_net = _SHAPE
    priority = 72
    for_small = MappingProxyType({"width": 24, "dense": 256, "drop_prob": 0.3, "rate": 0.002})
    small = MappingProxyType({"width": 3, "dense": 16, "drop_prob": 0.0, "epochs": 12, "batch": 32, "rate": 0.01})

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.alexnet import AlexNet

        body = AlexNet(facts["shape"], **{key: facts[key] for key in _SHAPE})
        return self.headed(body, body.features, facts)
