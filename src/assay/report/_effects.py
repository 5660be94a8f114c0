"""What a column adds to the scores of an additive member, as one curve or bar chart: the mean of its folds' models."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.data.schema import Kind
from assay.families._shapes import Shape, Shaped
from assay.features._encoding import Encoding
from assay.fitting.model import Member, Model

_MOST_STEPS = 150
_MOST_LEVELS = 15
_PAIR_STEPS = 20
_PAIR_LEVELS = 8
_ENDS = 0.02


@dataclass(frozen=True)
class Axis:
    """Cells of a column that are shown.

    Attributes:
        name: Of the column or of a part of it.
        edges: (cells + 1,) borders of a number's cells; empty for a category.
        levels: Names of a category's levels; empty for a number.
        is_date: Whether the numbers are seconds since 1970.
    """

    name: str
    edges: FloatArray
    levels: tuple[str, ...] = ()
    is_date: bool = False

    @property
    def middles(self) -> FloatArray:
        """One number in each cell."""
        middles: FloatArray = (self.edges[1:] + self.edges[:-1]) / 2
        return middles


@dataclass(frozen=True)
class Effect:
    """What one column or two add.

    Attributes:
        axes: One, or two.
        folds: (folds, cells..., c) what each fold's model adds.
        mass: (cells...) rows of training, all folds together.
        missing: (c,) what is added where a number is missing; None if that never was so.
        importance: Mean size of what is added to a training row.
    """

    axes: tuple[Axis, ...]
    folds: FloatArray
    mass: FloatArray
    missing: FloatArray | None
    importance: float

    @property
    def title(self) -> str:
        """Names of the columns."""
        return " and ".join(axis.name for axis in self.axes)

    @cached_property
    def mean(self) -> FloatArray:
        """(cells..., c)."""
        mean: FloatArray = self.folds.mean(axis=0)
        return mean


@dataclass(frozen=True)
class _Part:
    """A fold's model and what its columns are called."""

    model: Shaped
    encoding: Encoding

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of all columns of the grid."""
        return self.encoding.names("dense") + self.encoding.names("codes")

    def shapes(self) -> dict[tuple[str, ...], Shape]:
        """By the names of the columns."""
        return {tuple(self.names[column] for column in shape.columns): shape for shape in self.model.shapes}

    def cuts(self, name: str) -> FloatArray:
        """Inner borders of a number's cells."""
        return self.model.grid.cuts[self.names.index(name)]

    def codes(self, name: str) -> tuple[str, ...] | None:
        """Names of a category's codes; None for a number."""
        column = self.names.index(name) - len(self.model.grid.cuts)
        return None if column < 0 else self.encoding.code_names[column]

    def cells(self, axis: Axis) -> AnyArray:
        """The cell of the grid for each cell of an axis; code 0 for a level that the fold does not know."""
        codes = self.codes(axis.name)
        if codes is None:
            return np.searchsorted(self.cuts(axis.name), axis.middles, side="right")
        known = {level: number for number, level in enumerate(codes)}
        return np.array([known.get(level, 0) for level in axis.levels])


def effects(model: Model, member: Member) -> list[Effect]:
    """All effects of a member whose predictors are `Shaped`, the most important first."""
    parts = [_Part(one, model.encodings[number]) for number, one in member.parts if isinstance(one, Shaped)]
    names = dict.fromkeys(name for part in parts for name in part.shapes())
    found = [_effect(model, parts, name) for name in names]
    return sorted(found, key=lambda effect: -effect.importance)


def _effect(model: Model, parts: Sequence[_Part], names: tuple[str, ...]) -> Effect:
    alone = len(names) == 1
    axes = tuple(_axis(model, parts, name, alone) for name in names)
    scores = len(parts[0].model.intercept)
    sizes = tuple(max(len(axis.levels), len(axis.edges) - 1) for axis in axes)
    folds, mass = np.zeros((len(parts), *sizes, scores)), np.zeros(sizes)
    missing, importance = [], 0.0
    for number, part in enumerate(parts):
        if (shape := part.shapes().get(names)) is None:
            continue
        importance += shape.importance / len(parts)
        places = [part.cells(axis) for axis in axes]
        if not alone:
            places = [own[place] for own, place in zip(shape.coarse, places, strict=True)]
            mass += shape.mass[np.ix_(*places)]
        else:
            mass += _spread(part, axes[0], shape)
            if part.codes(names[0]) is None and shape.mass[-1] > 0:
                missing.append(shape.table[-1])
        folds[number] = shape.table[np.ix_(*places)]
    return Effect(axes, folds, mass, np.mean(missing, axis=0) if missing else None, importance)


def _axis(model: Model, parts: Sequence[_Part], name: str, alone: bool) -> Axis:
    if parts[0].codes(name) is not None:
        return Axis(name, np.zeros(0), _commonest(parts, name, _MOST_LEVELS if alone else _PAIR_LEVELS))
    cuts = np.unique(np.concatenate([part.cuts(name) for part in parts]))
    most = _MOST_STEPS if alone else _PAIR_STEPS
    if len(cuts) > most:
        cuts = np.unique(np.quantile(cuts, np.linspace(0, 1, most), method="nearest"))
    # Beyond the outer borders it goes on as it is; a little of that is shown.
    beyond = max(_ENDS * float(np.ptp(cuts)), float(np.diff(cuts).min())) if len(cuts) > 1 else 0.5
    edges = np.r_[cuts[:1] - beyond, cuts, cuts[-1:] + beyond] if len(cuts) else np.array([-beyond, beyond])
    is_date = name in model.schema.features(Kind.DATETIME)
    return Axis(name, edges, is_date=is_date)


def _commonest(parts: Sequence[_Part], name: str, most: int) -> tuple[str, ...]:
    total: dict[str, float] = {}
    for part in parts:
        shape = part.shapes().get((name,))
        for level, mass in zip(part.codes(name) or (), () if shape is None else shape.mass, strict=False):
            total[level] = total.get(level, 0.0) + float(mass)
    seen = [level for level in total if total[level] > 0]
    return tuple(sorted(seen, key=lambda level: -total[level])[:most])


def _spread(part: _Part, axis: Axis, shape: Shape) -> FloatArray:
    """A fold's rows in the cells of an axis of one column."""
    if axis.levels:
        cells = part.cells(axis)
        return np.where(cells > 0, shape.mass[cells], 0.0)
    cuts = part.cuts(axis.name)
    if not len(cuts):
        return np.array([float(shape.mass[0])])
    inside = np.r_[cuts[0], (cuts[1:] + cuts[:-1]) / 2, cuts[-1]]
    inside[0], inside[-1] = axis.edges[0], axis.edges[-1]
    places = (np.searchsorted(axis.edges, inside, side="right") - 1).clip(0, len(axis.edges) - 2)
    return np.bincount(places, shape.mass[:-1], len(axis.edges) - 1).astype(np.float64)
