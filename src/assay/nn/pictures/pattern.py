"""A net built from a pattern such as ``INPUT -> [[CONV -> RELU]*2 -> POOL]*3 -> [FC -> RELU]*1 -> FC``."""

from collections import Counter, OrderedDict
from collections.abc import Sequence

import torch
from torch import nn

from assay.nn.activations import make_activation
from assay.nn.dropout import Dropout
from assay.nn.initialise import initialise
from assay.nn.normalise import make_norm
from assay.nn.pictures._pattern_layers import is_activation
from assay.nn.pictures._pattern_sizes import Step, sized
from assay.nn.pictures._pattern_text import parse


class Pattern(nn.Sequential):
    """The layers of a pattern but for the last, to features (n, ``features``) of pictures (n, channels, h, w).

    The last FC is the head that scores classes, which also sees other columns (`assay.nn.headed`).

    The notation is that of CS231n (Karpathy, "Convolutional Networks", Stanford). Layers are joined by ``->``, and
    ``[...]*n`` stands n times. ``CONV(filters=, size=, stride=, pad=)``, ``POOL(size=, stride=, kind=max)`` (or
    ``mean``), ``FC(units=)``, ``DROP(share=)``; ``NORM`` is batch norm; RELU, TANH, GELU and other activations stand by
    name. The first value needs no name: ``CONV(64)``, ``POOL(3, stride=2)``. What is not given is as is usual: see
    `settled`.

    First weights keep the variance through the activation that follows each layer (He et al. 2015); they are drawn from
    torch's global generator.

    Args:
        pattern: The text.
        shape: Of a picture: height, width, channels.
        outputs: Number of classes.

    Raises:
        PlanError: The pattern does not parse, gives sizes that are not whole, or too large a net.
    """

    features: int

    def __init__(self, pattern: str, shape: Sequence[int], outputs: int) -> None:
        steps = sized(parse(pattern), shape, outputs)
        layers, counts, flat = OrderedDict[str, nn.Module](), Counter[str](), False
        for number, step in enumerate(steps[:-1]):
            if step.layer.kind == "FC" and not flat:
                layers["flat"], flat = nn.Flatten(), True
            kind = step.layer.kind
            counts[kind] += 1
            layers[f"{kind.lower()}{counts[kind]}"] = _made(step, normed=steps[number + 1].layer.kind == "NORM")
        if not flat:
            layers["flat"] = nn.Flatten()
        super().__init__(layers)
        self.features = int(torch.Size(steps[-1].before).numel())
        self._begin()

    def _begin(self) -> None:
        """First weights for each layer by the activation that comes next."""
        coming = "identity"
        for name, layer in reversed(list(self.named_children())):
            kind = name.rstrip("0123456789")
            if is_activation(kind):
                coming = kind
            elif isinstance(layer, nn.Conv2d | nn.Linear):
                if not layer.weight.is_meta:
                    initialise(layer, activation=coming, seed=int(torch.randint(2**31 - 1, (1,))))
                coming = "identity"


def _made(step: Step, *, normed: bool) -> nn.Module:
    kind, settings = step.layer.kind, step.settings
    if kind == "CONV":
        window = {"kernel_size": settings["size"], "stride": settings["stride"], "padding": settings["pad"]}
        return nn.Conv2d(step.before[0], settings["filters"], **window, bias=not normed)
    if kind == "POOL":
        pooling = nn.MaxPool2d if settings["kind"] == "max" else nn.AvgPool2d
        return pooling(settings["size"], settings["stride"])
    if kind == "FC":
        return nn.Linear(int(torch.Size(step.before).numel()), settings["units"], bias=not normed)
    if kind == "NORM":
        return make_norm("batch", step.before[0], dims=2 if len(step.before) == 3 else 1)
    return Dropout(settings["share"]) if kind == "DROP" else make_activation(kind.lower())
