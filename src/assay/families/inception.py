"""Inception: windows of several sizes side by side."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily

if TYPE_CHECKING:
    from torch import nn

_SHAPE = ("layers", "width", "norm")


class Inception(ClassicFamily):
    """Inception v1 (Szegedy et al. 2015), with batch norm unless ``norm = "none"`` asks for none.

    Settings: ``layers`` (10, 16, and 22 for GoogLeNet), ``width`` of the first layer (64 in the paper), ``norm``,
    ``drop_prob``, those of `ClassicFamily`, and all options of the training.
    """

    name = "inception"
    title = "Inception v1"
    defaults = MappingProxyType(
        {**CLASSIC_TRAINING, "layers": 22, "width": 64, "norm": "batch", "drop_prob": 0.4, "rate": 0.001}
    )
    of_net = (*_SHAPE, "drop_prob")
    priority = 75
    for_small = MappingProxyType({"layers": 10, "width": 16, "drop_prob": 0.1, "rate": 0.005})
    small = MappingProxyType(
        {"layers": 10, "width": 4, "norm": "none", "drop_prob": 0.0, "epochs": 12, "batch": 32, "rate": 0.01}
    )

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.inception import Inception as Body

        body = Body(facts["shape"], **{key: facts[key] for key in _SHAPE})
        return self.headed(body, body.features, facts)
