"""VGG: depth from small filters alone."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily

if TYPE_CHECKING:
    from torch import nn

_SHAPE = ("layers", "width", "norm", "dense", "drop_prob")


class Vgg(ClassicFamily):
    """VGG (Simonyan & Zisserman 2015), with batch norm unless ``norm = "none"`` asks for the paper's.

    Settings: ``layers`` (11, 13, 16, 19), ``width`` of the first stage, ``norm``, ``dense``: units of the two dense
    layers, 0 for the mean of the maps in their place, ``drop_prob``, those of `ClassicFamily`, and all options of the
    training.
    """

    name = "vgg"
    title = "VGG"
    defaults = MappingProxyType(
        {**CLASSIC_TRAINING, "layers": 16, "width": 64, "norm": "batch", "dense": 0, "drop_prob": 0.3, "rate": 0.001}
    )
    of_net = _SHAPE
    priority = 73
    for_small = MappingProxyType({"layers": 11, "width": 16, "drop_prob": 0.1, "rate": 0.002})
    small = MappingProxyType({"layers": 11, "width": 2, "drop_prob": 0.0, "epochs": 12, "batch": 32, "rate": 0.005})

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.vgg import Vgg as Body

        body = Body(facts["shape"], **{key: facts[key] for key in _SHAPE})
        return self.headed(body, body.features, facts)
