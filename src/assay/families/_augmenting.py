"""Which augmentations help is found by experiment: a small net learns a part of the rows with each, and without."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.core.files import write_json
from assay.families._base import Learning, Settings
from assay.training.optimizers._limits import FLAG, NOT_NEGATIVE, SHARE, Limit, whole

if TYPE_CHECKING:
    from torch import Tensor

    from assay.families._trials import Trials

LIMITS: Mapping[str, Limit] = MappingProxyType(
    {"flip": FLAG, "crop": whole(0, 1_000), "cutout": whole(0, 10_000), "colour": SHARE, "mixup": NOT_NEGATIVE}
)
OFF: Settings = MappingProxyType({"flip": False, "crop": 0, "cutout": 0, "colour": 0.0, "mixup": 0.0})
_NAMES = {"flip": "flips", "crop": "crops", "cutout": "cutout", "colour": "changes of colour", "mixup": "mixup"}
_FEWEST = 400
_LEAST_GAIN = 0.005


@dataclass(frozen=True)
class Found:
    """What was found out before a training: settings in place of those left open, and plain facts for the evidence."""

    settings: Settings = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path | None) -> "Found | None":
        """What `write` wrote; None if there is nothing, or nothing whole."""
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8"))) if file else None
        except (OSError, ValueError, TypeError):
            return None

    def write(self, file: Path) -> None:
        """Keep it for a process that goes on with the training."""
        write_json(file, asdict(self))


def find(learning: Learning, settings: Settings, inputs: Sequence["Tensor"]) -> Found:
    """Which augmentations that the settings leave open (``"auto"``) lower the loss on rows held out of training.

    They are tried one after the other, each beside those that were kept before: one stays only if it lowers the loss
    of the held-out rows by more than its standard error, and by half a percent. In little time only the first are
    tried; few rows cannot tell.
    """
    from assay.families._trials import trials

    open_ones = [key for key in OFF if settings.get(key, 0) == "auto"]
    found = {key: OFF[key] for key in open_ones}
    if not open_ones:
        return Found()
    if len(learning.y) < _FEWEST:
        return Found(found, {"augmentation": f"none: {len(learning.y)} pictures are too few to find out what helps"})
    tried = trials(learning, inputs, len(open_ones))
    if tried is None:
        return Found(found, {"augmentation": "none: there was no time to find out what helps"})
    fixed = {key: settings[key] for key in OFF if key not in open_ones}
    told = _tried(tried, found, fixed)
    return Found(found, {"augmentation": "; ".join(told)})


def _tried(tried: "Trials", found: dict[str, Any], fixed: Mapping[str, Any]) -> list[str]:
    """Try what is open in ``found``, and put there what is kept; a sentence on each."""
    told = []
    for number, (key, off) in enumerate(list(found.items())):
        if number >= tried.most:
            told.append(f"{_NAMES[key]} not tried for want of time")
            continue
        value = suggested(key, tried.size)
        without, with_it = {**fixed, **found}, {**fixed, **found, key: value}
        gain, error, losses = tried.compare(without, with_it)
        kept = gain > max(error, _LEAST_GAIN * losses[0])
        found[key] = value if kept else off
        amount = "" if isinstance(value, bool) else f" of {value}"
        told.append(
            f"{_NAMES[key]}{amount} {'kept' if kept else 'left out'}: "
            f"loss {losses[1]:.3g} with, {losses[0]:.3g} without"
        )
    return told


def suggested(key: str, size: tuple[int, int]) -> Any:
    """How much of an augmentation is tried on pictures of that height and width."""
    side = min(size)
    sizes = {"crop": max(1, round(side / 16)), "cutout": max(2, side // 4)}
    return {"flip": True, "colour": 0.2, "mixup": 0.2, **sizes}[key]
