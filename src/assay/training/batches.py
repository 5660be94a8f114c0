"""Where batches come from: tensors that stay in memory, cut by permuted index, or a stream of pieces.

A loader of batches by worker processes costs many times what it saves on data that is in memory (measured: 18 times).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from assay.core.errors import DataError
from assay.core.seeds import derive_seed
from assay.nn.losses._base import Loss


@dataclass(frozen=True)
class Batch:
    """Rows of one step: ``inputs``, each with n rows, ``target`` (n, ...), and ``weight`` (n,) or None for one each."""

    inputs: tuple[Tensor, ...]
    target: Tensor
    weight: Tensor | None = None

    def __len__(self) -> int:
        return len(self.target)

    def parts(self, count: int) -> Iterator[Self]:
        """The batch in at most ``count`` parts; the last can be smaller, or larger by a row that would be alone."""
        if count == 1:
            yield self
            return
        size = -(-len(self) // count)
        for number, end in enumerate(ends_of(len(self), size)):
            yield self.rows(slice(number * size, end))

    def rows(self, rows: Tensor | slice) -> Self:
        """Some of its rows, by their numbers or by a slice; with a slice they are a view."""
        weight = None if self.weight is None else _chosen(self.weight, rows)
        return type(self)(tuple(_chosen(given, rows) for given in self.inputs), _chosen(self.target, rows), weight)

    def to(self, device: torch.device) -> Self:
        """The batch on a device; itself if it is there."""
        if self.target.device == device:
            return self
        weight = None if self.weight is None else self.weight.to(device)
        return type(self)(tuple(given.to(device) for given in self.inputs), self.target.to(device), weight)

    def losses(self, outputs: Tensor, loss: Loss) -> Tensor:
        """Loss of each row times its weight, (n,)."""
        losses: Tensor = loss(outputs, self.target)
        return losses if self.weight is None else losses * self.weight


class Source(ABC):
    """Rows to learn from or to be scored on. ``len(source)`` is the number of rows of one pass."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def shuffled(self, size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Batches of a pass in an order that only ``seed`` and ``epoch`` decide, without the first ``skip`` of them."""

    @abstractmethod
    def in_order(self, size: int) -> Iterator[Batch]:
        """Batches of all rows as they stand."""

    def steps(self, size: int) -> int:
        """Batches of one pass. A last batch of a single row joins the one before it: batch norm cannot take it."""
        whole, rest = divmod(len(self), size)
        return max(1, whole + (rest > (1 if size > 1 and whole else 0)))

    def to(self, device: torch.device) -> "Source":
        """The source with its rows on a device, where they are kept; itself if they are not."""
        return self


class Resident(Source):
    """Rows that stay in memory.

    Args:
        inputs: Tensors of n rows each, as the net's ``forward`` takes them.
        target: (n,) or (n, k); NaN in (n, k) stands for a label that nobody knows.
        weight: (n,), 0 or more and on average 1; None for equal weights.

    Raises:
        DataError: There are no rows, or not as many of one thing as of the other; a weight is negative; a number is
            NaN or infinite.
    """

    def __init__(self, inputs: Iterable[Tensor], target: Tensor, weight: Tensor | None = None) -> None:
        self.all = Batch(tuple(inputs), target, weight)
        _need_rows(len(self.all))
        _check(self.all)

    def __len__(self) -> int:
        return len(self.all)

    def shuffled(self, size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Slices of a permutation."""
        return self.along(permutation(len(self), seed, epoch), size, skip=skip)

    def along(self, order: Tensor, size: int, *, skip: int = 0) -> Iterator[Batch]:
        """Batches in the order of some row numbers."""
        order = order.to(self.all.target.device)
        ends = ends_of(len(order), size)
        for number in range(skip, len(ends)):
            yield self.all.rows(order[number * size : ends[number]])

    def in_order(self, size: int) -> Iterator[Batch]:
        """Slices, which are views and copy nothing."""
        for start in range(0, len(self), size):
            yield self.all.rows(slice(start, start + size))

    @property
    def costliest_first(self) -> Batch:
        """All rows; those first that take the most memory, where rows differ in that."""
        return self.all

    def to(self, device: torch.device) -> "Resident":
        """A copy of all rows on the device; itself if they are there."""
        return self if self.all.target.device == device else Resident.on(self.all.to(device))

    @classmethod
    def on(cls, batch: Batch) -> "Resident":
        """Rows that have been checked before."""
        made = cls.__new__(cls)
        made.all = batch
        return made


class Stream(Source):
    """Rows that do not fit into memory, read piece by piece; each piece is shuffled in itself.

    While it is read it raises a `DataError` for what `Resident` would not take, and for another number of rows.

    Args:
        pieces: Opens the stream anew and gives its pieces, in an order that an epoch's seed may change. Those without
            rows are passed over.
        rows: Rows of all pieces together.

    Raises:
        DataError: There are no rows.
    """

    def __init__(self, pieces: Callable[[int], Iterable[Batch]], rows: int) -> None:
        _need_rows(rows)
        self.pieces, self.rows = pieces, rows

    def __len__(self) -> int:
        return self.rows

    def shuffled(self, size: int, *, seed: int, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """Batches within a piece; what a piece leaves over begins the next batch."""
        steps, number = self.steps(size), 0
        for batch in _rebatched(self._shuffled_pieces(seed, epoch), size, steps):
            number += 1
            if number > skip:
                yield batch

    def in_order(self, size: int) -> Iterator[Batch]:
        """Pieces as they come, cut to size."""
        for piece in self._read(0):
            yield from Resident.on(piece).in_order(size)

    def _shuffled_pieces(self, seed: int, epoch: int) -> Iterator[Batch]:
        for number, piece in enumerate(self._read(derive_seed(seed, "pieces", epoch))):
            yield piece.rows(permutation(len(piece), derive_seed(seed, "piece", number), epoch))

    def _read(self, seed: int) -> Iterator[Batch]:
        came = 0
        for piece in self.pieces(seed):
            came += len(piece)
            if came > self.rows:
                break
            if len(piece):
                _check(piece)
                yield piece
        if came != self.rows:
            raise DataError(
                f"a stream of {came} rows" + (" or more" if came > self.rows else ""),
                expected=f"{self.rows} rows, as it was told: the schedule counts on them",
                fix="count the rows of all pieces anew",
            )


def permutation(n: int, seed: int, epoch: int) -> Tensor:
    """The order of n rows in an epoch: the same whatever happened before it, so that a training can be gone on with."""
    random = torch.Generator().manual_seed(derive_seed(seed, "order", epoch))
    return torch.randperm(n, generator=random)


def _chosen(values: Tensor, rows: Tensor | slice) -> Tensor:
    """By `index_select`, which copies rows in half the time that `values[rows]` takes."""
    return values[rows] if isinstance(rows, slice) else values.index_select(0, rows)


def ends_of(n: int, size: int) -> list[int]:
    """Where each batch of ``size`` rows ends; a last one of a single row joins the one before it."""
    ends = [min(start + size, n) for start in range(0, n, size)]
    return [*ends[:-2], n] if len(ends) > 1 and size > 1 and ends[-1] - ends[-2] == 1 else ends


def _rebatched(pieces: Iterable[Batch], size: int, steps: int) -> Iterator[Batch]:
    """Batches of ``size`` rows across the seams of pieces; the last of ``steps`` takes what is left."""
    held: list[Batch] = []
    made = 0
    for piece in pieces:
        held.append(piece)
        while made < steps - 1 and sum(map(len, held)) >= size:
            joined = _joined(held)
            yield joined.rows(slice(size))
            made, held = made + 1, [joined.rows(slice(size, None))]
    yield _joined(held)


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    ones = [torch.ones(len(batch), device=batch.target.device) for batch in batches]
    weights = [one if batch.weight is None else batch.weight for one, batch in zip(ones, batches, strict=True)]
    return Batch(
        tuple(torch.cat(given) for given in zip(*(batch.inputs for batch in batches), strict=True)),
        torch.cat([batch.target for batch in batches]),
        None if all(batch.weight is None for batch in batches) else torch.cat(weights),
    )


def _need_rows(n: int) -> None:
    if not n:
        raise DataError("no rows to train on", expected="one row or more", fix="give rows that have a label")


def _check(batch: Batch) -> None:
    named = {f"input {number}": given for number, given in enumerate(batch.inputs)}
    if batch.weight is not None:
        named["the weights"] = batch.weight
    for name, values in named.items():
        if len(values) != len(batch):
            raise DataError(
                f"{name} with {len(values)} rows beside a target of {len(batch)}",
                expected="the same rows in inputs, target and weights",
                fix="look where they were cut",
            )
        _need_finite(values, name)
    _need_finite(batch.target, "the target", gaps=batch.target.ndim > 1)
    if batch.weight is not None and bool((batch.weight < 0).any()):
        row = int((batch.weight < 0).nonzero()[0])
        raise DataError(
            f"a weight of {float(batch.weight[row])} at row {row}",
            expected="weights of 0 or more",
            fix="drop such rows, or weigh them with 0",
        )


def _need_finite(values: Tensor, what: str, *, gaps: bool = False) -> None:
    if not values.is_floating_point() or bool(torch.isfinite(values).all()):
        return
    bad = torch.isinf(values) if gaps else ~torch.isfinite(values)
    if not bool(bad.any()):
        return
    place = torch.nonzero(bad)[0].tolist()
    raise DataError(
        f"{float(values[tuple(place)])} in {what} at row {place[0]}"
        + (f", position {', '.join(map(str, place[1:]))}" if len(place) > 1 else ""),
        expected="finite numbers only: one that is not spoils every weight of a net",
        fix="fill the gaps, or drop such rows",
    )
