"""Words of a sequence as sparse features: the word, its ends and its shape, and those of its neighbours."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, hstack

from assay.core.arrays import AnyArray, IntArray
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._traits import LONGEST_END, hash_of, mixed, take_keys, traits_of_all

_MIX = np.uint64(0x9E3779B97F4A7C15)
_OUTSIDE = np.uint64(1)

# What is looked at: pairs of a trait of a word and how many steps away the word stands.
_ALONE = (
    *(("word", at) for at in (-1, 0, 1)),
    *(("lower", at) for at in (-2, -1, 0, 1, 2)),
    *(("shape", at) for at in (-1, 0, 1)),
    *((f"begin{n}", 0) for n in range(1, LONGEST_END + 1)),
    *((f"end{n}", 0) for n in range(1, LONGEST_END + 1)),
    ("end3", -1),
    ("end3", 1),
    ("end2", -2),
    ("end2", 2),
    ("kind", 0),
)
_TOGETHER = (
    (("lower", -1), ("lower", 0)),
    (("lower", 0), ("lower", 1)),
    (("lower", -1), ("lower", 1)),
    (("end3", -1), ("end3", 0)),
    (("end3", 0), ("end3", 1)),
    (("shape", -1), ("shape", 0)),
    (("shape", 0), ("shape", 1)),
)


class Windows(Encoder):
    """One feature of value 1 for each trait of a step's word and of its neighbours up to two steps away.

    Features are known by 64-bit keys (BLAKE2 of their text, mixed with the place), of which those are kept that stand
    in ``least`` training steps or more; so words that training never saw still show their ends and their shape.
    Neighbours never come from another sequence, and rows of none have no neighbours. The window is that of many taggers
    (Ratnaparkhi 1996).

    Args:
        least: Steps that a feature has to stand in.
    """

    name = "windows"
    kinds = frozenset({Kind.TEXT, Kind.CATEGORICAL})
    part = "sparse"

    def __init__(self, *, least: int = 2) -> None:
        self.least = least
        self.keys: tuple[AnyArray, ...] = ()

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """The keys that are common enough."""
        self.columns = tuple(columns)
        self.keys = tuple(self._common(_keys(data, name)[rows].ravel()) for name in columns)
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Any:
        """(k, features) CSR float32, ones and zeros."""
        blocks = [_ones(_keys(data, name)[rows], keys) for name, keys in zip(self.columns, self.keys, strict=True)]
        return blocks[0] if len(blocks) == 1 else csr_array(hstack(blocks, format="csr"))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Keys in hexadecimal: their texts are not kept."""
        return tuple(f"{key:016x}" for keys in self.keys for key in keys.tolist())

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The column of each."""
        return tuple(name for name, keys in zip(self.columns, self.keys, strict=True) for _ in range(len(keys)))

    def state(self) -> State:
        """Columns, settings and keys."""
        return {"columns": list(self.columns), "least": self.least, "keys": list(self.keys)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        encoder = cls(least=take(state, "least", int))
        encoder.columns = take_columns(state)
        encoder.keys = take_keys(state, encoder.columns, np.uint64)
        return encoder

    def _common(self, keys: AnyArray) -> AnyArray:
        found, counts = np.unique(keys, return_counts=True)
        common: AnyArray = found[counts >= self.least]
        return common


def _ones(found: AnyArray, keys: AnyArray) -> Any:
    """A one (k, keys) for each key of a row that is known."""
    if not len(keys):
        return csr_array((len(found), 0), dtype=np.float32)
    places = np.searchsorted(keys, found).clip(0, len(keys) - 1)
    there = keys[places] == found
    lengths = np.r_[0, np.cumsum(there.sum(axis=1))]
    ones = np.ones(int(lengths[-1]), np.float32)
    return csr_array((ones, places[there].astype(np.int32), lengths), shape=(len(found), len(keys)))


def _keys(data: Dataset, column: str) -> AnyArray:
    """Keys (n, features) uint64 of all steps."""
    return data.kept(("windows", column), lambda: _made(data, column))


def _made(data: Dataset, column: str) -> AnyArray:
    words = data.texts(column)
    _, code, traits = traits_of_all(words)
    sequence = data.sequence()
    places = np.arange(len(words)) if sequence is None else sequence
    salt = hash_of(column)

    def at(trait: str, away: int) -> AnyArray:
        """The trait of the word so many steps away, (n,)."""
        source = np.arange(len(words)) + away
        inside = (source >= 0) & (source < len(words))
        source = source.clip(0, max(len(words) - 1, 0))
        inside &= places[source] == places
        found: AnyArray = np.where(inside, traits[trait][code[source]], _OUTSIDE)
        return found

    if not len(words):
        return np.zeros((0, len(_ALONE) + len(_TOGETHER)), np.uint64)
    columns = [mixed(at(*where), salt + number * int(_MIX)) for number, where in enumerate(_ALONE)]
    for number, (one, two) in enumerate(_TOGETHER, len(_ALONE)):
        columns.append(mixed(at(*one) * _MIX + at(*two), salt + number * int(_MIX)))
    return np.stack(columns, axis=1)
