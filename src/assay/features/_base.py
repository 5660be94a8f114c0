"""The contract of an encoder, and the form that models read.

An encoder is fitted on the training rows of a fold and turns columns of a `Dataset` into one block of features.
What does not depend on the rows (parsing, splitting text into words) goes through `Dataset.kept`, so that it is done
once for all folds.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.sparse import csr_array

from assay.core.arrays import AnyArray, Float32Array, FloatArray, IntArray, Pixels
from assay.core.errors import RunError
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.tasks._base import Form

Part = Literal["dense", "codes", "sparse", "tokens", "pictures"]


@dataclass(frozen=True)
class Target:
    """The target as encoders see it: ``y`` of all rows of the dataset in its form, and how many labels there are."""

    y: AnyArray
    n_labels: int
    form: Form = Form.CLASSES

    def columns(self, rows: IntArray, most: int) -> IntArray:
        """Numbers of the `values` whose means over some rows tell most: the commonest classes or labels."""
        if self.form is Form.NUMBERS or (self.n_labels == 2 and self.form is not Form.LABELS):
            return np.array([0 if self.form is Form.NUMBERS else 1])
        totals = np.nansum(self.values(rows, np.arange(self.n_labels)), axis=0)
        return np.sort(np.argsort(-totals, kind="stable")[:most])

    def values(self, rows: IntArray, columns: IntArray) -> FloatArray:
        """What has a mean, (k, columns) for k rows: 1 and 0 for classes and labels, the numbers; NaN if not known."""
        y = self.y[rows]
        if self.form is Form.LABELS:
            labels: FloatArray = y[:, columns]
            return labels
        if self.form is Form.NUMBERS:
            return y[:, None].astype(np.float64)
        classes = y[:, 0] if self.form is Form.TAGS else y
        return np.where(classes[:, None] >= 0, classes[:, None] == columns, np.nan).astype(np.float64)


@dataclass(frozen=True)
class Tokens:
    """Texts as numbers of words: ``ids`` (n, t) int32, 0 after a text's end; word ``i`` is ``words[i]``.

    Numbers from ``len(words)`` to ``size`` are what has no word of its own, e.g. pairs of words by their hash.
    """

    ids: AnyArray
    words: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Matrix:
    """What a family reads for n rows; a part that no encoder fills is empty.

    Attributes:
        dense: (n, d) float32; NaN only if an encoder is made for models that take it.
        codes: (n, c) int32 category numbers, 0 for missing or unseen, for models that handle categories themselves.
        sparse: (n, s) CSR float32, or None.
        sizes: (c,) number of distinct codes of each column of ``codes``.
        tokens: Texts as numbers of words, or None.
        pictures: (n, height, width, channels) uint8, or None.
        sequence: (n,) number of the sequence that each row is a step of, or None.
    """

    dense: Float32Array
    codes: AnyArray
    sparse: csr_array | None
    sizes: tuple[int, ...] = ()
    tokens: Tokens | None = None
    pictures: Pixels | None = None
    sequence: IntArray | None = None

    def __len__(self) -> int:
        return int(self.dense.shape[0])

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        parts: list[AnyArray] = [self.dense, self.codes]
        parts += [] if self.tokens is None else [self.tokens.ids]
        parts += [] if self.pictures is None else [self.pictures]
        if self.sparse is not None:
            parts += [self.sparse.data, self.sparse.indices, self.sparse.indptr]
        return sum(part.nbytes for part in parts)

    def table(self) -> Float32Array:
        """Dense features, then codes, as (n, d) float32, for trees; at least one column, of nothing."""
        if not self.codes.shape[1]:
            return self.dense if self.dense.shape[1] else np.zeros((len(self), 1), np.float32)
        return np.hstack([self.dense, self.codes.astype(np.float32)])

    def as_dense(self) -> Float32Array:
        """Dense features, then sparse ones with their zeros, as (n, d) float32, for nets."""
        if self.sparse is None:
            return np.ascontiguousarray(self.dense)
        return np.hstack([self.dense, self.sparse.toarray()])

    def rows(self, index: IntArray) -> "Matrix":
        """The rows at ``index`` as a matrix of their own."""
        return Matrix(
            self.dense[index],
            self.codes[index],
            None if self.sparse is None else self.sparse[index],
            self.sizes,
            None if self.tokens is None else replace(self.tokens, ids=self.tokens.ids[index]),
            None if self.pictures is None else self.pictures[index],
            None if self.sequence is None else self.sequence[index],
        )


class Encoder(ABC):
    """Columns of some kinds to one block. Settings are keyword arguments of ``__init__`` with JSON values."""

    name: ClassVar[str]
    kinds: ClassVar[frozenset[Kind]]
    part: ClassVar[Part]

    columns: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """What it needs that is not installed, in plain words; None if it can be used."""
        return None

    @abstractmethod
    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> "Encoder":
        """Learn from ``rows`` (k,) of ``columns``, sets ``self.columns``; returns self."""

    @abstractmethod
    def transform(self, data: Dataset, rows: IntArray) -> Any:
        """The block for ``rows`` (k,), as ``part`` says.

        (k, width) float32 for dense, int32 for codes, CSR float32 for sparse; `Tokens` for tokens; (k, height, width,
        channels) uint8 for pictures.
        """

    def fit_transform(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Any:
        """Fit, and give the block of the training rows; differs from `transform` where that would leak the target."""
        return self.fit(data, columns, rows, target).transform(data, rows)

    @property
    @abstractmethod
    def feature_names(self) -> tuple[str, ...]:
        """Names of the features in the block."""

    @property
    @abstractmethod
    def feature_sources(self) -> tuple[str, ...]:
        """For each feature of the block the column that it comes from."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """For ``part = "codes"``: the number of distinct codes of each feature."""
        return ()

    @property
    def code_names(self) -> tuple[tuple[str, ...], ...]:
        """For ``part = "codes"``: what each code of each feature stands for, as people know it."""
        return ()

    @abstractmethod
    def state(self) -> State:
        """Everything that `from_state` needs, settings and columns included."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Encoder":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """


def every_row(data: Dataset) -> IntArray:
    """Index of all rows of a dataset."""
    return np.arange(len(data))


def take_columns(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the columns in an encoder's state.

    Raises:
        RunError: They are not there, or are not texts.
    """
    names = take(state, "columns", list)
    if not all(isinstance(name, str) for name in names):
        raise RunError(
            "an encoder state in which 'columns' holds something else than texts",
            expected="names of columns",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return tuple(names)
