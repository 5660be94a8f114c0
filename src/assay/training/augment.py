"""Pictures that are changed a little each time they are seen: flips, crops, colour, cutout; a whole batch at once."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.core.seeds import derive_seed
from assay.nn.pictures.views import reflected
from assay.training.batches import Batch, Resident, ends_of, permutation

_WHITE = 255.0
# Pixels that are scored at once: maps of more than that leave the caches of a core, and a net makes many of each.
_PIXELS = 2**18


@dataclass(frozen=True)
class Augmentation:
    """What is done to pictures. What is off costs nothing.

    Attributes:
        flip: Left and right: half of the pictures in the first epoch, and from then on those that were not in the
            epoch before, so that both sides are seen in turn (alternating flip, Jordan 2024, arXiv 2404.00498).
        crop: Moved by up to so many pixels in both directions; what is missing is the mirror image of the border.
        colour: Brightness up to this share of white brighter or darker, contrast and saturation by as large factors.
        cutout: Height and width of a square at a random place that is filled with the picture's mean (DeVries & Taylor
            2017, arXiv 1708.04552).
    """

    flip: bool = False
    crop: int = 0
    colour: float = 0.0
    cutout: int = 0

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Augmentation":
        """Those among the settings of a family; what is left to be found out (``"auto"``) is off."""
        found = {key: settings[key] for key in cls.__dataclass_fields__ if settings.get(key, "auto") != "auto"}
        return cls(**found)


class Augmented(Resident):
    """Rows in memory whose first input is pictures, given as float32 with channels innermost, and changed.

    All draws follow from seed, epoch and the rows of the batch, and touch no global generator: a training that was
    stopped goes on with the same pictures. ``in_order`` changes nothing, and gives few enough rows at once that their
    maps stay near the processor.

    Args:
        rows: Pictures (n, channels, height, width), 0 to 255 in uint8 or floating numbers; then other inputs.
        how: What is done to them.
    """

    def __init__(self, rows: Resident, how: Augmentation = Augmentation()) -> None:
        self.all, self.how = rows.all, how
        n, channels, self.height, self.width = self.all.inputs[0].shape
        pixels = self.all.inputs[0].permute(0, 2, 3, 1)
        self._pixels = pixels.reshape(n * self.height * self.width, channels)

    def shuffled(self, size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Slices of a permutation."""
        order = permutation(len(self), seed, epoch)
        first = torch.rand(len(self), generator=_generator(seed, "flip")) < 0.5
        return self._changed(order, first ^ bool(epoch % 2), size, skip=skip, seed=derive_seed(seed, "augment", epoch))

    def along(self, order: Tensor, size: int, *, skip: int = 0) -> Iterator[Batch]:
        """Batches in the order of some row numbers, which decides the draws."""
        seed = int.from_bytes(hashlib.sha256(order.cpu().numpy().tobytes()).digest()[:4], "little")
        flipped = torch.rand(len(self), generator=_generator(seed, "flip")) < 0.5
        return self._changed(order.cpu(), flipped, size, skip=skip, seed=seed)

    def in_order(self, size: int) -> Iterator[Batch]:
        """Pictures as they are."""
        at_once = max(32, _PIXELS // (self.height * self.width))
        for batch in super().in_order(min(size, at_once)):
            yield _replaced(batch, _floating(batch.inputs[0]))

    def to(self, device: torch.device) -> "Augmented":
        """A copy of all rows on the device; itself if they are there."""
        there = self.all.target.device == device
        return self if there else type(self)(Resident.on(self.all.to(device)), self.how)

    def _changed(self, order: Tensor, flipped: Tensor, size: int, *, skip: int, seed: int) -> Iterator[Batch]:
        ends = ends_of(len(order), size)
        for number in range(skip, len(ends)):
            rows = order[number * size : ends[number]]
            pictures = self._seen(rows, flipped[rows], _generator(seed, number))
            others = self.all.inputs[1:], self.all.target, self.all.weight
            rows = rows.to(self._pixels.device)
            inputs = (pictures, *(given.index_select(0, rows) for given in others[0]))
            weight = None if others[2] is None else others[2].index_select(0, rows)
            yield Batch(inputs, others[1].index_select(0, rows), weight)

    def _seen(self, rows: Tensor, flipped: Tensor, random: torch.Generator) -> Tensor:
        """Pictures (n, channels, height, width) float32, changed."""
        how, device = self.how, self._pixels.device
        down, right = torch.randint(-how.crop, how.crop + 1, (2, len(rows), 1), generator=random)
        y = reflected(torch.arange(self.height) + down, self.height)
        x = reflected(torch.arange(self.width) + right, self.width)
        if how.flip:
            x = torch.where(flipped[:, None], self.width - 1 - x, x)
        place = (rows[:, None] * self.height + y)[:, :, None] * self.width + x[:, None, :]
        chosen = self._pixels.index_select(0, place.view(-1).to(device))
        pictures = _floating(chosen.view(len(rows), self.height, self.width, -1).permute(0, 3, 1, 2))
        if how.colour:
            pictures = _coloured(pictures, how.colour, random)
        return _cut(pictures, how.cutout, random) if how.cutout else pictures


def _coloured(pictures: Tensor, strength: float, random: torch.Generator) -> Tensor:
    """Brightness, contrast about the picture's mean, and saturation about its grey, each by a draw for the picture."""
    draws = (torch.rand(3, len(pictures), 1, 1, 1, generator=random) * 2 - 1) * strength
    brighter, contrast, saturation = draws.to(pictures.device)
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    pictures = (pictures - mean) * (1 + contrast) + mean + _WHITE * brighter
    if pictures.shape[1] == 3:
        grey = (pictures[:, :1] + pictures[:, 1:2] + pictures[:, 2:]) / 3  # a mean over the innermost axis is slower
        pictures = grey + (pictures - grey) * (1 + saturation)
    return pictures.clamp_(0, _WHITE)


def _cut(pictures: Tensor, size: int, random: torch.Generator) -> Tensor:
    """A square of each filled with its mean; at the border only what lies inside."""
    n, _, height, width = pictures.shape
    top, left = (torch.randint(0, end, (n, 1), generator=random) - size // 2 for end in (height, width))
    rows, columns = (torch.arange(end) - start for end, start in ((height, top), (width, left)))
    inside = ((rows >= 0) & (rows < size))[:, None, :, None] & ((columns >= 0) & (columns < size))[:, None, None, :]
    return torch.where(inside.to(pictures.device), pictures.mean(dim=(2, 3), keepdim=True), pictures)


def _floating(pictures: Tensor) -> Tensor:
    return pictures.to(torch.float32, memory_format=torch.preserve_format)


def _replaced(batch: Batch, pictures: Tensor) -> Batch:
    return Batch((pictures, *batch.inputs[1:]), batch.target, batch.weight)


def _generator(seed: int, purpose: object) -> torch.Generator:
    return torch.Generator().manual_seed(derive_seed(seed, purpose))
