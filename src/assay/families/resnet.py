"""ResNet, and the plain net of the same layers to hold it against."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily

if TYPE_CHECKING:
    from torch import nn

_SHAPE = ("layers", "width", "norm", "skip", "zero_init", "stem")


class Resnet(ClassicFamily):
    """ResNet (He et al. 2016); with ``skip = false`` its plain twin, which gets harder to train the deeper it is.

    Settings: ``layers`` (20, 32, 44, 56, 110 with three stages; 18, 34, 50, 101, 152 with four), ``width`` of the first
    stage (0 for the paper's), ``norm``, ``skip``, ``zero_init``, ``stem``, see `assay.nn.pictures.resnet`;
    ``drop_prob``, those of `ClassicFamily`, and all options of the training.
    """

    name = "resnet"
    title = "ResNet"
    defaults = MappingProxyType(
        {
            **CLASSIC_TRAINING,
            "layers": 18,
            "width": 0,
            "norm": "batch",
            "skip": True,
            "zero_init": False,
            "stem": "auto",
            "drop_prob": 0.0,
        }
    )
    of_net = (*_SHAPE, "drop_prob")
    priority = 74
    for_small = MappingProxyType({"layers": 20, "rate": 0.005})
    small = MappingProxyType({"layers": 20, "width": 2, "norm": "group", "epochs": 12, "batch": 32, "rate": 0.01})

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.resnet import ResNet

        body = ResNet(facts["shape"], **{key: facts[key] for key in _SHAPE})
        return self.headed(body, body.features, facts)
