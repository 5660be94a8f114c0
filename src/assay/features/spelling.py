"""Words of steps as numbers for nets: hashes of what a word shows, and its letters."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, Tokens, take_columns
from assay.features._traits import mixed, take_keys, traits_of_all

TRAITS = ("lower", "shape", "begin3", "end2", "end3")
LETTERS = 256
HASHES = 2**31 - 1


class Spelling(Encoder):
    """Of each column `TRAITS` as hashes of 31 bits, then the word's letters as numbers below 256, 0 after its end.

    A trait that no training row shows is 0, so that a net meets it as it met words that were dropped in training. Of
    longer words the first and the last letters stay.

    Args:
        letters: Letters of a word at most.
    """

    name = "spelling"
    kinds = frozenset({Kind.TEXT, Kind.CATEGORICAL})
    part = "tokens"

    def __init__(self, *, letters: int = 16) -> None:
        self.letters = letters
        self.keys: tuple[AnyArray, ...] = ()

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """The hashes that training rows show."""
        self.columns = tuple(columns)
        self.keys = tuple(np.unique(self._spelled(data, name)[rows][:, : len(TRAITS)]) for name in columns)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Tokens:
        """Numbers (k, columns * (traits + letters)) int32."""
        blocks = []
        for name, keys in zip(self.columns, self.keys, strict=True):
            block = self._spelled(data, name)[rows]
            traits = block[:, : len(TRAITS)]
            traits[~np.isin(traits, keys)] = 0
            blocks.append(block)
        return Tokens(np.hstack(blocks), (), HASHES + 1)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns: hashes have no names."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def state(self) -> State:
        """Settings, columns and known hashes."""
        return {"letters": self.letters, "columns": list(self.columns), "keys": list(self.keys)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(letters=take(state, "letters", int))
        encoder.columns = take_columns(state)
        encoder.keys = take_keys(state, encoder.columns, np.int32)
        if encoder.letters < 1:
            raise RunError(
                f"words as {encoder.letters} letters",
                expected="one letter or more",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return encoder

    def _spelled(self, data: Dataset, column: str) -> AnyArray:
        """Traits and letters (n, traits + letters) int32 of all rows."""
        return data.kept(("spelling", column, self.letters), lambda: _made(data.texts(column), column, self.letters))


def _made(words: Sequence[str], column: str, letters: int) -> AnyArray:
    known, code, found = traits_of_all(words)
    # One and the same text means something else in each place.
    hashes = np.stack([mixed(found[name], place) for place, name in enumerate(TRAITS, start=1)], axis=1)
    traits = (hashes % np.uint64(HASHES) + np.uint64(1)).astype(np.int32)
    spelled = np.array([_letters(word, letters) for word in known], np.int32).reshape(-1, letters)
    return np.hstack([traits, spelled])[code]


def _letters(word: str, most: int) -> list[int]:
    """Letters of the Latin script have a number each; all others share what is left."""
    kept = word if len(word) <= most else word[: most - most // 2] + word[len(word) - most // 2 :]
    numbers = [1 + (ord(sign) if ord(sign) < 128 else 128 + ord(sign) % 127) for sign in kept]
    return numbers + [0] * (most - len(numbers))
