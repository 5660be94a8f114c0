"""Texts as vectors of a pretrained encoder, which stays as it is: nothing is learned from the rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.arrays import Float32Array, IntArray
from assay.core.errors import PlanError, RunError
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features import _sentence_net as net
from assay.features import _text_encoder as texts
from assay.features._base import Encoder, Target, take_columns


class Sentences(Encoder):
    """Sentence vectors (Reimers and Gurevych 2019, "Sentence-BERT"), pooled and cut as the encoder's files say.

    Args:
        encoder: A folder, an installed package, or a name on the hub; the first installed package if empty.
    """

    name = "sentences"
    kinds = frozenset({Kind.TEXT})
    part = "dense"

    def __init__(self, *, encoder: str = "") -> None:
        self.encoder, self.sha256, self.width = encoder, "", 0

    def missing(self) -> str | None:
        """That the extra is not installed, or no encoder with it."""
        return texts.missing() or (None if self.encoder or texts.first_installed() else "no encoder is installed")

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> "Sentences":
        """Take note of the columns, and of the encoder's weights."""
        folder = texts.folder_of(self.encoder, fetch=True)
        self.columns, self.encoder = tuple(columns), self.encoder or texts.first_installed()
        self.sha256 = data.kept(("digest", self.encoder), lambda: texts.digest(folder))
        self.width = net.width(folder)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Float32Array:
        """Vectors (k, width) of each column beside each other.

        Raises:
            RunError: The encoder is not there, or is another one; nothing is fetched.
        """
        return np.hstack([self._vectors(data, name)[rows] for name in self.columns])

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Column and number."""
        return tuple(f"{name} vector {i}" for name in self.columns for i in range(self.width))

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each number."""
        return tuple(name for name in self.columns for _ in range(self.width))

    def state(self) -> State:
        """Columns, and which encoder it is: its weights stay where they are."""
        given = {"encoder": self.encoder, "sha256": self.sha256, "width": self.width}
        return {**given, "columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Sentences":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(encoder=take(state, "encoder", str))
        encoder.sha256, encoder.width = take(state, "sha256", str), take(state, "width", int)
        encoder.columns = take_columns(state)
        return encoder

    def _vectors(self, data: Dataset, column: str) -> Float32Array:
        key = ("sentences", self.encoder, self.sha256, column)
        return data.kept(key, lambda: self._embedded(data.texts(column)))

    def _embedded(self, column: Sequence[str]) -> Float32Array:
        try:
            folder = texts.folder_of(self.encoder)
        except PlanError as error:
            raise RunError(
                f"a model that reads texts with {self.encoder!r}, but {error.found}",
                expected=error.expected,
                fix=error.fix,
            ) from error
        if (found := texts.digest(folder)) != self.sha256:
            raise RunError(
                f"an encoder {self.encoder!r} with other weights (SHA-256 {found[:12]}) than the model was fitted with",
                expected=f"SHA-256 {self.sha256[:12]}",
                fix="put the former encoder back, or fit again",
            )
        return net.embed(folder, column)
