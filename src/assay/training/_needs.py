"""What a net takes: parameters and memory of each layer, sums over the net, and the batch that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from assay.core.errors import PlanError
from assay.training._memory import optimizer_bytes, size_of, worded
from assay.training._probe import Probe
from assay.training._survey import Seen, Shape
from assay.training.options import Options


@dataclass(frozen=True)
class Row:
    """A layer.

    Attributes:
        name, kind: As in ``net.named_modules()``, and its class.
        inputs, outputs: Shapes for the rows that are computed at once; none if the net does not call it.
        trainable, frozen: Numbers of parameters of its own that learn and that do not.
        activations: Bytes that are kept of what it computes until the backward pass.
    """

    name: str
    kind: str
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    trainable: int
    frozen: int
    activations: int

    @property
    def title(self) -> str:
        """For messages."""
        return f"{f'layer {self.name!r}' if self.name else 'the net'} ({self.kind})"


@dataclass(frozen=True)
class Totals:
    """Sums over the net.

    Attributes:
        rows: How many are computed at once: a batch, or a part of it.
        trainable, frozen: Numbers of parameters.
        weights: Bytes of parameters and buffers.
        gradients, optimizer: Bytes of gradients, and of what the optimizer keeps.
        copies: Bytes of the best weights, of the state to go back to, and of averaged weights where there are such.
        activations: Bytes that are kept until the backward pass, with inputs, target and loss.
        passing: Bytes that the largest output and its gradient take for a moment.
        needed: All these bytes together.
        memory: Bytes that there are; None where there is no telling.
    """

    rows: int
    trainable: int
    frozen: int
    weights: int
    gradients: int
    optimizer: int
    copies: int
    activations: int
    passing: int
    needed: int
    memory: int | None = None


class Line:
    """A number of bytes that grows with the rows in a straight line, through what two probes say of it."""

    def __init__(self, many: int, few: int | None, rows: tuple[int, int]) -> None:
        mean = many / rows[0]
        # What grows faster than the rows, as the longest of more texts does, is taken to grow as they do.
        self.slope = mean if few is None else min(mean, max(0.0, (many - few) / (rows[0] - rows[1])))
        self.base = many - self.slope * rows[0]

    def at(self, rows: int) -> int:
        """Bytes for so many rows."""
        return round(self.base + self.slope * rows)


class Needs:
    """What two probes of a net say about any number of rows.

    Gradients, activations and what passes, held against the peak that torch's profiler counts in a step on a CPU, came
    to 0.97 of it for an MLP with dropout, 1.08 for a plain one, 1.21 for convolutions with batch norm, 1.04 for
    attention, 0.92 to 1.02 for LSTMs, 0.95 for a GRU over packed rows and 1.18 over padded ones. Where few rows are
    very much longer than the others, it came to 0.75: the gradients of padded words pass more than two at a time.

    Args:
        probe: Of a batch.
        few: Of fewer rows; None if there are not enough for that.
    """

    def __init__(self, probe: Probe, few: Probe | None) -> None:
        self.probe, self._few = probe, few
        self.layers = list(probe.survey.layers.values())
        self._less = few.survey.layers if few else {}
        self._kept = [self._line(seen.kept, self._less[seen.name].kept if few else None) for seen in self.layers]
        self._loose = self._line(probe.survey.loose, few.survey.loose if few else None)
        given = size_of([*probe.batch.inputs, probe.batch.target])
        self._given = self._line(given, None)
        self._passing = self._line(2 * max((seen.largest for seen in self.layers), default=0), None)

    def rows(self, rows: int) -> tuple[Row, ...]:
        """The layers, for so many rows."""
        return tuple(self._row(seen, line, rows) for seen, line in zip(self.layers, self._kept, strict=True))

    def activations(self, rows: int) -> int:
        """Bytes that are kept until the backward pass."""
        return sum(line.at(rows) for line in (*self._kept, self._loose, self._given))

    def passing(self, rows: int) -> int:
        """Bytes of the largest output and its gradient."""
        return self._passing.at(rows)

    def totals(self, net: nn.Module, options: Options, *, rows: int, memory: int | None) -> Totals:
        """The sums, for a net that has its gradients; it is spoiled by a step of the optimizer."""
        table = self.rows(rows)
        learning = [parameter for parameter in net.parameters() if parameter.grad is not None]
        weights, gradients = size_of([*net.parameters(), *net.buffers()]), size_of(learning)
        optimizer = optimizer_bytes(net, options)
        copies = (3 if options.ema else 2) * weights + optimizer
        activations, passing = self.activations(rows), self.passing(rows)
        return Totals(
            rows,
            sum(row.trainable for row in table),
            sum(row.frozen for row in table),
            weights,
            gradients,
            optimizer,
            copies,
            activations,
            passing,
            weights + gradients + optimizer + copies + activations + passing,
            memory,
        )

    def check(self, totals: Totals, *, parts: int) -> None:
        """Refuse a batch that does not fit into memory, of whose parts one is computed at once.

        Raises:
            PlanError: It does not; the message names the largest layer and the largest power of two that fits.
        """
        if totals.memory is None or totals.needed <= totals.memory:
            return
        still = totals.needed - totals.activations - totals.passing
        fits = [2**power for power in range(totals.rows.bit_length()) if self._fits(2**power, still, totals.memory)]
        if not fits:
            raise too_large(self.rows(1), totals.needed, totals.memory, "with its first row")
        largest = max(self.rows(totals.rows), key=lambda row: row.activations)
        more = parts * -(-totals.rows // fits[-1])
        raise PlanError(
            f"{totals.rows:,} rows at once that need {worded(totals.needed)}; {largest.title}, "
            f"the largest, keeps {worded(largest.activations)} of it",
            expected=f"at most {worded(totals.memory)}, which is what there is",
            fix=f"set batch to {fits[-1] * parts}, or accumulate to {more}: {fits[-1]} is the largest power of two "
            "that fits",
        )

    def _fits(self, rows: int, still: int, memory: int) -> bool:
        return still + self.activations(rows) + self.passing(rows) <= memory

    def _line(self, many: int, few: int | None) -> Line:
        return Line(many, few, (len(self.probe.batch), len(self._few.batch) if self._few else 0))

    def _row(self, seen: Seen, kept: Line, rows: int) -> Row:
        own, less = list(seen.module.parameters(recurse=False)), self._less.get(seen.name)
        return Row(
            seen.name,
            seen.kind,
            self._scaled(seen.inputs, less.inputs if less else (), rows),
            self._scaled(seen.outputs, less.outputs if less else (), rows),
            sum(parameter.numel() for parameter in own if parameter.requires_grad),
            sum(parameter.numel() for parameter in own if not parameter.requires_grad),
            kept.at(rows),
        )

    def _scaled(self, shapes: Sequence[Shape], less: Sequence[Shape], rows: int) -> tuple[Shape, ...]:
        """Shapes for so many rows. A first axis that differs between the probes, as of packed words, grows."""
        probed, known = len(self.probe.batch), [*less, *[()] * len(shapes)]
        grown = []
        for shape, fewer in zip(shapes, known, strict=False):
            if shape[:1] == (probed,):
                shape = (rows, *shape[1:])
            elif fewer and shape and fewer[0] != shape[0]:
                shape = (self._line(shape[0], fewer[0]).at(rows), *shape[1:])
            grown.append(shape)
        return tuple(grown)


def too_large(rows: Sequence[Row], needed: int, memory: int, when: str) -> PlanError:
    """The error for a net that does not fit into memory with any batch."""
    largest = max(rows, key=lambda row: row.trainable + row.frozen)
    return PlanError(
        f"a net that needs {worded(needed)} {when}; {largest.title}, the largest, has "
        f"{largest.trainable + largest.frozen:,} parameters",
        expected=f"at most {worded(memory)}, which is what there is",
        fix="take a smaller net, or an optimizer that keeps less, such as sgd",
    )
