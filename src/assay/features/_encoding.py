"""Several encoders as one: a recipe from a plan, fitted on a fold, giving the `Matrix` that a family reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack

from assay.core.arrays import IntArray
from assay.core.members import member
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Schema
from assay.features._base import Encoder, Matrix, Part, Target

PACKAGE = "assay.features"


@dataclass(frozen=True)
class Recipe:
    """Which encoders a model wants, in order: ``(name, settings)`` pairs, settings with JSON values.

    Each encoder takes the feature columns of its kinds, unless its settings name ``columns``.
    """

    encoders: tuple[tuple[str, Mapping[str, Any]], ...]

    @property
    def key(self) -> str:
        """The same text for the same recipe."""
        return json.dumps([[name, dict(settings)] for name, settings in self.encoders], sort_keys=True)


class Encoding:
    """A fitted recipe."""

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        self.encoders = tuple(encoders)

    @classmethod
    def fit(cls, recipe: Recipe, data: Dataset, rows: IntArray, target: Target) -> tuple["Encoding", Matrix]:
        """Fit on ``rows`` (k,) and give the encoding and the matrix of these rows."""
        encoders, blocks = [], []
        for name, settings in recipe.encoders:
            kind = member(PACKAGE, Encoder, name)  # type: ignore[type-abstract]
            columns = _columns(kind, settings, data.schema)
            if not columns:
                continue
            encoder = kind(**{key: value for key, value in settings.items() if key != "columns"})
            blocks.append(encoder.fit_transform(data, columns, rows, target))
            encoders.append(encoder)
        encoding = cls(encoders)
        return encoding, encoding._matrix(blocks, data, rows)

    def transform(self, data: Dataset, rows: IntArray | None = None) -> Matrix:
        """The matrix of ``rows`` (k,), or of all rows."""
        index = np.arange(len(data)) if rows is None else rows
        return self._matrix([encoder.transform(data, index) for encoder in self.encoders], data, index)

    def names(self, part: Part) -> tuple[str, ...]:
        """Names of the features of a part of the matrix, in order."""
        return tuple(name for encoder in self.encoders if encoder.part == part for name in encoder.feature_names)

    def sources(self, part: Part) -> tuple[str, ...]:
        """The user's column behind each feature of a part of the matrix, in order."""
        return tuple(name for encoder in self.encoders if encoder.part == part for name in encoder.feature_sources)

    @property
    def code_names(self) -> tuple[tuple[str, ...], ...]:
        """What each code of each column of ``codes`` stands for."""
        return tuple(names for encoder in self.encoders for names in encoder.code_names)

    def state(self) -> State:
        """All encoders' states by order."""
        return {"encoders": [{"name": encoder.name, "state": encoder.state()} for encoder in self.encoders]}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Encoding":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls([_encoder(entry) for entry in take(state, "encoders", list)])

    def _matrix(self, blocks: Sequence[Any], data: Dataset, rows: IntArray) -> Matrix:
        n, sequence = len(rows), data.sequence()
        dense = self._of("dense", blocks)
        codes = self._of("codes", blocks)
        sparse = self._of("sparse", blocks)
        tokens, pictures = self._of("tokens", blocks), self._of("pictures", blocks)
        return Matrix(
            dense=np.hstack(dense) if dense else np.zeros((n, 0), np.float32),
            codes=np.hstack(codes) if codes else np.zeros((n, 0), np.int32),
            sparse=_stacked(sparse),
            sizes=tuple(size for encoder in self.encoders for size in encoder.sizes),
            tokens=tokens[0] if tokens else None,
            pictures=pictures[0] if pictures else None,
            sequence=None if sequence is None else sequence[rows],
        )

    def _of(self, part: Part, blocks: Sequence[Any]) -> list[Any]:
        return [block for encoder, block in zip(self.encoders, blocks, strict=True) if encoder.part == part]


def _columns(kind: type[Encoder], settings: Mapping[str, Any], schema: Schema) -> tuple[str, ...]:
    named = settings.get("columns")
    return schema.features(*kind.kinds) if named is None else tuple(named)


def _encoder(entry: Mapping[str, Any]) -> Encoder:
    kind = member(PACKAGE, Encoder, take(entry, "name", str))  # type: ignore[type-abstract]
    return kind.from_state(take(entry, "state", dict))


def _stacked(blocks: Sequence[csr_array]) -> csr_array | None:
    if not blocks:
        return None
    return blocks[0] if len(blocks) == 1 else csr_array(hstack(blocks, format="csr"))
