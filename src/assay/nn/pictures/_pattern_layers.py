"""The layers that a pattern can have, and the parameters of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from assay.core.errors import listed
from assay.nn.numpy_activations import ACTIVATIONS

FIRST_FILTERS, MOST_USUAL_FILTERS, UNITS, DROPPED = 32, 512, 128, 0.5
_WHOLE, _REAL = re.compile(r"\d{1,9}"), re.compile(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}")


@dataclass(frozen=True)
class Parameter:
    """What a layer can be told.

    Attributes:
        low, high: The range of a number, both ends included.
        whole: Whether it is a whole number.
        words: What it can be, if it is no number.
    """

    low: float = 0
    high: float = 0
    whole: bool = True
    words: tuple[str, ...] = ()

    def read(self, text: str) -> Any:
        """The value that is written so; None if it is none."""
        if self.words:
            return text.lower() if text.lower() in self.words else None
        if not (_WHOLE if self.whole else _REAL).fullmatch(text):
            return None
        value = int(text) if self.whole else float(text)
        return value if self.low <= value <= self.high else None

    @property
    def told(self) -> str:
        """What can be written, in words."""
        if self.words:
            return f"one of: {listed(self.words)}"
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"


# A window's first parameter is what it is mostly told by: filters of a convolution, the size of a pooling.
KINDS: Mapping[str, Mapping[str, Parameter]] = MappingProxyType(
    {
        "CONV": {
            "filters": Parameter(1, 4096),
            "size": Parameter(1, 64),
            "stride": Parameter(1, 64),
            "pad": Parameter(0, 63),
        },
        "POOL": {"size": Parameter(2, 64), "stride": Parameter(1, 64), "kind": Parameter(words=("max", "mean"))},
        "FC": {"units": Parameter(1, 16384)},
        "NORM": {},
        "DROP": {"share": Parameter(0, 0.95, whole=False)},
        **{name.upper(): {} for name in ACTIVATIONS if name != "identity"},
    }
)
ONCE_MORE: Mapping[str, str] = MappingProxyType({"SWISH": "SILU", "DROPOUT": "DROP", "BATCHNORM": "NORM"})
WINDOWS = MappingProxyType({"CONV": ("size", "stride", "pad"), "POOL": ("size", "stride")})


def is_activation(kind: str) -> bool:
    """Whether a layer is an activation."""
    return kind.lower() in ACTIVATIONS


def settled(kind: str, given: Mapping[str, Any], pools: int) -> dict[str, Any]:
    """All parameters of a layer: those that were given, the others as is usual.

    Filters are 32, twice as many after each pooling, up to 512; windows of a convolution are 3 by 3 with a border that
    keeps the size of the map, those of a pooling 2 by 2, side by side.

    Args:
        kind: Of the layer.
        given: What is written.
        pools: How many poolings lie before it.
    """
    if kind == "CONV":
        size = given.get("size", 3)
        filters = min(MOST_USUAL_FILTERS, FIRST_FILTERS << min(pools, 9))
        return {"filters": filters, "size": size, "stride": 1, "pad": (size - 1) // 2, **given}
    if kind == "POOL":
        return {"size": 2, "stride": given.get("size", 2), "kind": "max", **given}
    usual: Mapping[str, Mapping[str, Any]] = {"FC": {"units": UNITS}, "DROP": {"share": DROPPED}}
    return {**usual.get(kind, {}), **given}
