"""The size of every map of a pattern, found out before anything is built; for what does not go in, what does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from assay.core.errors import PlanError
from assay.nn.pictures._pattern_layers import KINDS, WINDOWS, settled
from assay.nn.pictures._pattern_text import Layer, shown

MOST_WEIGHTS, MOST_NUMBERS = 100_000_000, 2**23
_FARTHEST = 512
Window = tuple[int, int, int]


@dataclass(frozen=True)
class Step:
    """A layer whose sizes are known.

    Attributes:
        number: Among all layers, from 1.
        layer: As it was written.
        settings: All its parameters.
        before, after: What it gets and gives for a picture: (channels, height, width), or (units,) once it is flat.
    """

    number: int
    layer: Layer
    settings: Mapping[str, Any]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def weights(self) -> int:
        """How many it has, offsets aside."""
        if self.layer.kind == "CONV":
            return prod((self.before[0], self.settings["filters"], self.settings["size"], self.settings["size"]))
        return prod(self.before) * self.after[0] if self.layer.kind == "FC" else 0


def sized(layers: Sequence[Layer], shape: Sequence[int], outputs: int) -> tuple[Step, ...]:
    """Every layer with its sizes.

    Args:
        layers: As `parse` gives them.
        shape: Of a picture: height, width, channels.
        outputs: How many classes the last layer scores.

    Raises:
        PlanError: A window does not go into its map in whole steps, or is larger; the last layer has units for another
            number of classes; the net is too large.
    """
    steps, pools = list[Step](), 0
    now: tuple[int, ...] = (shape[2], shape[0], shape[1])
    for number, layer in enumerate(layers, start=1):
        settings = settled(layer.kind, layer.given, pools)
        if layer.kind in WINDOWS:
            _check_window(layers, number, now, (shape[0], shape[1]))
            after = (settings.get("filters", now[0]), *(_after(side, _window(layer)) for side in now[1:]))
        elif layer.kind == "FC":
            after = (outputs if number == len(layers) else settings["units"],)
        else:
            after = now
        steps.append(Step(number, layer, settings, now, after))
        pools += layer.kind == "POOL"
        now = after
        _check_room(steps[-1])
    _check_end(steps[-1], outputs)
    _check_weights(steps)
    return tuple(steps)


def _window(layer: Layer, **other: int) -> Window:
    """Size, stride and border; a pooling has no border."""
    settings = settled(layer.kind, layer.given, 0) | other
    return settings["size"], settings["stride"], settings.get("pad", 0)


def _after(side: int, window: Window) -> int:
    size, stride, pad = window
    return (side - size + 2 * pad) // stride + 1


def _goes_in(side: int, window: Window) -> bool:
    size, stride, pad = window
    left = side - size + 2 * pad
    return left >= 0 and left % stride == 0 and pad < size


def _all_go_in(side: int, windows: Sequence[Window]) -> bool:
    for window in windows:
        if not _goes_in(side, window):
            return False
        side = _after(side, window)
    return True


def _check_window(layers: Sequence[Layer], number: int, before: tuple[int, ...], picture: tuple[int, int]) -> None:
    layer = layers[number - 1]
    window = _window(layer)
    size, stride, pad = window
    if pad >= size:
        expected, fix = "a border narrower than the window", f"set pad to {size - 1} or less"
        raise _misfit(layers, number, "too wide a border", expected=expected, fix=fix)
    if all(_goes_in(side, window) for side in before[1:]):
        return
    side = next(side for side in before[1:] if not _goes_in(side, window))
    border = f" + 2*{pad}" if pad else ""
    if side - size + 2 * pad < 0:
        what, why = (
            "its window is larger than the map",
            f"a window of {size} on a side of {side}{border} leaves nothing",
        )
    else:
        steps = Fraction(side - size + 2 * pad, stride) + 1
        what = "not a whole number"
        why = f"({side} - {size}{border}) / {stride} + 1 = {float(steps):.4g} is {what}"
    found = f"maps of {before[1]} by {before[2]}: {why}"
    expected = "windows that go into each map in whole steps: (side - size + 2*pad) / stride + 1 whole"
    ways = ", or ".join(_ways_out(layers, number, picture)) or "change the pattern"
    raise _misfit(layers, number, found, what, expected=expected, fix=ways)


def _misfit(layers: Sequence[Layer], number: int, found: str, what: str = "", *, expected: str, fix: str) -> PlanError:
    layer = layers[number - 1]
    alike = sum(other.kind == layer.kind for other in layers[:number])
    told = ", ".join(f"{key}={value}" for key, value in zip(WINDOWS[layer.kind], _window(layer), strict=False))
    place = shown(layer.text, layer.start, layer.end, what or found)
    head = f"layer {number} of the pattern, its {layer.kind} number {alike} ({told}), with {found}"
    return PlanError(f"{head}:{place}", expected=expected, fix=fix)


def _ways_out(layers: Sequence[Layer], number: int, picture: tuple[int, int]) -> Iterator[str]:
    """The nearest settings of the layer that go in, wherever it is repeated, and the nearest pictures."""
    layer = layers[number - 1]
    for key in WINDOWS[layer.kind]:
        change = _nearest(layers[:number], layer, key, picture)
        if change is not None:
            told = {**layer.given, **dict(zip(WINDOWS[layer.kind], _window(layer, **{key: change}), strict=False))}
            yield f"write {layer.kind}({', '.join(f'{k}={told[k]}' for k in KINDS[layer.kind] if k in told)})"
    sides = [_sides(layers, side) for side in picture]
    fitting = [f"{height} by {width}" for height, width in zip(*sides, strict=False)]
    if fitting:
        scaled = " (--picture-size)" if picture[0] == picture[1] else ""
        yield f"give pictures of {' or '.join(fitting)}{scaled}"


def _nearest(layers: Sequence[Layer], layer: Layer, key: str, picture: tuple[int, int]) -> int | None:
    now, limits = dict(zip(WINDOWS[layer.kind], _window(layer), strict=False))[key], KINDS[layer.kind][key]
    for value in sorted(range(int(limits.low), int(limits.high) + 1), key=lambda value: (abs(value - now), -value)):
        windows = [
            _window(other, **{key: value}) if (other.start, other.kind) == (layer.start, layer.kind) else _window(other)
            for other in layers
            if other.kind in WINDOWS
        ]
        if all(_all_go_in(side, windows) for side in picture):
            return value
    return None


def _sides(layers: Sequence[Layer], side: int) -> list[int]:
    """The nearest sides of pictures that all windows go into: one below, one above; the side itself if it does."""
    windows = [_window(layer) for layer in layers if layer.kind in WINDOWS]
    if _all_go_in(side, windows):
        return [side, side]
    below = next((other for other in range(side - 1, max(0, side - _FARTHEST), -1) if _all_go_in(other, windows)), None)
    above = next((other for other in range(side + 1, side + _FARTHEST) if _all_go_in(other, windows)), None)
    return [other for other in (below, above) if other is not None]


def _check_room(step: Step) -> None:
    numbers = prod(step.after)
    if numbers > MOST_NUMBERS:
        raise _too_large(step, f"{numbers:,} numbers for each picture", f"at most {MOST_NUMBERS:,} after each layer")


def _check_weights(steps: Sequence[Step]) -> None:
    total = sum(step.weights for step in steps)
    if total > MOST_WEIGHTS:
        worst = max(steps, key=lambda step: step.weights)
        what = f"{worst.weights:,} of the net's {total:,} weights"
        raise _too_large(worst, what, f"at most {MOST_WEIGHTS:,} in all")


def _too_large(step: Step, what: str, expected: str) -> PlanError:
    layer = step.layer
    return PlanError(
        f"a pattern that makes too large a net: layer {step.number} has {what}:"
        + shown(layer.text, layer.start, layer.end, "too large"),
        expected=expected,
        fix="give it fewer filters or units, or more POOL before it",
    )


def _check_end(step: Step, outputs: int) -> None:
    units = step.layer.given.get("units", outputs)
    if units != outputs:
        layer = step.layer
        raise PlanError(
            f"a pattern that ends with {units} units:{shown(layer.text, layer.start, layer.end, 'the scores')}",
            expected=f"{outputs}, one for each class",
            fix="write FC alone at the end",
        )
