"""Categories by number: which levels a fold has seen, and how new data are told in these numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.core.arrays import IntArray
from assay.core.errors import RunError
from assay.core.state import State, take
from assay.data.dataset import Dataset

MISSING, UNSEEN = -1, -2


@dataclass(frozen=True)
class Vocabulary:
    """Levels of a column seen in training, the most frequent first, with their counts (m,)."""

    names: tuple[str, ...]
    numbers: Mapping[str, int]
    counts: IntArray

    @classmethod
    def fit(cls, data: Dataset, column: str, rows: IntArray) -> "Vocabulary":
        """Levels of the training rows; equal counts by name."""
        levels = data.levels(column)
        codes = levels.codes[rows]
        counts = np.bincount(codes[codes >= 0], minlength=len(levels.names))
        seen = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], levels.names[code]))
        return cls.of(tuple(levels.names[code] for code in seen), counts[seen])

    @classmethod
    def of(cls, names: tuple[str, ...], counts: IntArray) -> "Vocabulary":
        """The vocabulary of these levels."""
        return cls(names, {name: number for number, name in enumerate(names)}, counts)

    def numbers_of(self, data: Dataset, column: str, rows: IntArray) -> IntArray:
        """Number (k,) of the level of each row; MISSING or UNSEEN where there is none."""
        levels = data.levels(column)
        known = np.array([self.numbers.get(name, UNSEEN) for name in levels.names] + [MISSING], np.int64)
        return known[levels.codes[rows]]  # a missing value has code -1: the last entry

    def state(self) -> State:
        """Names as one text, and counts."""
        return {"names": [str(name) for name in self.names], "counts": self.counts}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Vocabulary":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        names, counts = take(state, "names", list), take(state, "counts", np.ndarray)
        if counts.shape != (len(names),) or not all(isinstance(name, str) for name in names):
            raise RunError(
                f"a vocabulary of {len(names)} levels with counts of shape {counts.shape}",
                expected="a count for each level",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        return cls.of(tuple(names), counts)


def fit_all(data: Dataset, columns: Sequence[str], rows: IntArray) -> list[Vocabulary]:
    """A vocabulary for each column."""
    return [Vocabulary.fit(data, column, rows) for column in columns]
