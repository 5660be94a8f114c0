"""Short trainings of a small net on some of the rows, held against each other on others, row by row."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from assay.core.errors import TrainingError
from assay.core.seeds import derive_seed
from assay.families._base import Learning
from assay.families._links import Link, link_of
from assay.nn._inputs import device_of
from assay.nn.losses._base import Loss
from assay.nn.losses._tempered import Tempered
from assay.nn.pictures.fast import Fast
from assay.nn.pictures.standardise import Standardise, looked_at
from assay.nn.pictures.views import Viewed
from assay.training.augment import Augmentation, Augmented
from assay.training.batches import Batch, Resident
from assay.training.evaluate import outputs_of
from assay.training.modes import own_draws, threads
from assay.training.options import Options
from assay.training.trainer import Trainer

How = Mapping[str, Any]
_CPU = torch.device("cpu")
_SHARE, _REPEATS = 0.1, 2
# Rows are seen often enough to be learned by heart: only then can augmentation show what it is for.
_ROWS, _FEWEST_ROWS, _EPOCHS, _HELD = 1_000, 150, 24, 1_000
_PACES, _MARGIN = 4, 1.3
_WIDTHS, _BATCH, _RATE = (16, 32, 64), 64, 0.01
_TINY = 16
_LONG, _FIRST = 10, 2


@dataclass
class Trials:
    """Trainings that differ in augmentation only.

    Attributes:
        rows, held: To learn from, and to be scored on.
        link: What is learned.
        outputs: How many scores of a row.
        seed, threads: Of the fit.
        most: How many augmentations there is time for.
    """

    rows: Resident
    held: Resident
    link: Link
    outputs: int
    seed: int
    threads: int
    most: int = 0
    _losses: dict[str, Tensor] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures."""
        height, width = self.rows.all.inputs[0].shape[2:]
        return height, width

    def compare(self, without: How, with_it: How) -> tuple[float, float, tuple[float, float]]:
        """How much lower the loss is with it, the standard error of that over rows, and both mean losses.

        A second pair of trainings, of other first weights, is made unless the first leaves no hope.
        """
        pairs: list[tuple[Tensor, Tensor]] = []
        for repeat in range(_REPEATS):
            pairs.append((self._row_losses(without, repeat), self._row_losses(with_it, repeat)))
            before, after = (torch.stack(side).mean(0) for side in zip(*pairs, strict=True))
            gain, error = float((before - after).mean()), float((before - after).std()) / math.sqrt(len(before))
            if not gain > -error:
                break
        return gain, error, (float(before.mean()), float(after.mean()))

    def _row_losses(self, how: How, repeat: int) -> Tensor:
        """Loss of each held-out row after a training; that of classes at the temperature that suits them best."""
        key = f"{repeat} {sorted(how.items())}"
        if key not in self._losses:
            self._losses[key] = self._trained(how, derive_seed(self.seed, "trial", repeat))
        return self._losses[key]

    def _trained(self, how: How, seed: int) -> Tensor:
        with own_draws(seed, _CPU), threads(1):
            net = self.net()
        options = Options(rate=_RATE, decay=0.01, schedule="one_cycle", epochs=_EPOCHS, batch=_BATCH, device="cpu")
        options = Options(**{**vars(options), "mixup": how["mixup"]})
        trainer = Trainer(net, self.link.make_loss(), options, seed=seed, threads=self.threads)
        try:
            trainer.fit(Augmented(self.rows, Augmentation.of(how)))
        except TrainingError:
            return torch.full((len(self.held),), math.inf)
        with threads(self.threads):
            scores = outputs_of(net, Augmented(self.held)).double()
        measure: Loss = Tempered() if self.link.takes == Tempered.target else self.link.make_loss()
        losses: Tensor = measure(scores, self.held.all.target)
        return losses

    def net(self) -> nn.Module:
        """A small net with first weights."""
        pictures = self.rows.all.inputs[0]
        channels, columns = pictures.shape[1], sum(given.shape[1] for given in self.rows.all.inputs[1:])
        scale, body = Standardise(channels), Fast(channels, self.size, _WIDTHS[: 3 if min(self.size) >= _TINY else 2])
        some = pictures[: looked_at(pictures)]
        scale.fit(some)
        body.whiten.fit(scale(some))
        return Viewed(nn.Sequential(scale, body), body.features, columns=columns, outputs=self.outputs)


def trials(learning: Learning, inputs: Sequence[Tensor], wanted: int) -> Trials | None:
    """Trials of as many augmentations as are wanted, on as many rows as a tenth of the time is enough for.

    Where it is not enough for all, fewer are tried; None if it is not enough for one. Where rows will be seen a few
    times only, they are not learned by heart, and just the first two are tried.
    """
    order = torch.randperm(len(learning.y), generator=torch.Generator().manual_seed(derive_seed(learning.seed, "part")))
    held = min(_HELD, len(order) // 3)
    rows = min(_ROWS, len(order) - held)
    link = link_of(learning)
    whole = Batch(tuple(inputs), torch.from_numpy(link.target(learning.y)))

    def parted(rows: int) -> Trials:
        learned, other = (Resident.on(whole.rows(part)) for part in (order[held : held + rows], order[:held]))
        return Trials(learned, other, link, len(learning.task.labels), learning.seed, learning.threads, wanted)

    seconds = _SHARE * learning.deadline.remaining
    some = parted(min(rows, _PACES * _BATCH))
    each, count = pace(some.net(), Augmented(some.rows), learning.threads, seconds / 2)
    most, affordable = wanted, float(_ROWS * (wanted + 1))
    if math.isfinite(seconds):
        affordable = seconds / (_REPEATS * _EPOCHS * each)
        passes = learning.deadline.remaining / (len(learning.y) * each)
        most = min(wanted if passes >= _LONG else _FIRST, wanted, int(affordable / _FEWEST_ROWS) - 1)
    if most < 1:
        return None
    made = parted(min(rows, int(affordable / (most + 1))))
    made.most, made.threads = most, count
    return made


def pace(net: nn.Module, rows: Resident, most_threads: int, most: float) -> tuple[float, int]:
    """Seconds that a training takes for a row, and on how many threads: one, or all where that is quicker.

    Finding out is cut short after ``most`` seconds. All threads can be ten times slower where others use the machine.
    """
    there = rows.to(device_of(net))
    found = {count: _seconds(net, there, count, most) for count in sorted({1, most_threads})}
    count = min(found, key=found.__getitem__)
    return found[count] * _MARGIN, count


def _seconds(net: nn.Module, rows: Resident, count: int, most: float) -> float:
    started, best = time.monotonic(), math.inf
    with threads(count):
        for batch in islice(rows.shuffled(_BATCH, seed=0, epoch=0), _PACES):
            begun = time.monotonic()
            scores = net(*batch.inputs)
            scores.logsumexp(1).mean().backward()  # which loss it is takes no time
            float(next(p.grad for p in net.parameters() if p.grad is not None).sum())  # waits for the device
            best = min(best, (time.monotonic() - begun) / len(batch))
            if time.monotonic() - started > most:
                break
    return best
