"""Texts as numbers of words in their order, for nets that read words one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import RunError
from assay.core.state import State, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features._base import Encoder, Target, take_columns
from assay.features._base import Tokens as Block
from assay.features._terms import mixed, tokens, word_key

PADDING, UNKNOWN, NEXT = range(3)
RESERVED = ("", "<unknown>", "<next column>")


class Tokens(Encoder):
    """Words by number, 0 after a text's end; several columns follow each other. The most frequent words come first.

    Args:
        min_df: Rows that a word must stand in to have a number; others are all one unknown word.
        most: Words at most.
        longest: Words of a row at most; what is behind them is left out.
        pairs: Numbers for pairs of neighbouring words, by their hash (Joulin et al. 2017, "Bag of Tricks for Efficient
            Text Classification"); they stand behind a row's words, ``longest`` of them at most. 0 for none.
    """

    name = "tokens"
    kinds = frozenset({Kind.TEXT})
    part = "tokens"

    def __init__(self, *, min_df: int = 2, most: int = 50_000, longest: int = 256, pairs: int = 0) -> None:
        self.min_df, self.most, self.longest, self.pairs = min_df, most, longest, pairs
        self.words: tuple[str, ...] = RESERVED

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> Self:
        """Number the words of the training rows."""
        self.columns = tuple(columns)
        rows_with: dict[str, int] = {}
        for column in self.columns:
            split = _split(data, column)
            counts = split.rows_with(rows)
            for number in np.flatnonzero(counts).tolist():
                rows_with[split.names[number]] = rows_with.get(split.names[number], 0) + int(counts[number])
        known = [word for word, count in rows_with.items() if count >= self.min_df]
        known.sort(key=lambda word: (-rows_with[word], word))
        self._number((*RESERVED, *known[: self.most]))
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Block:
        """Numbers (k, t) int32; t is the length of the longest row."""
        columns = [_split(data, column) for column in self.columns]
        numbered = [(split, self._numbers_of(split.names)) for split in columns]
        found = [self._of_row(numbered, row) for row in rows.tolist()]
        ids = np.zeros((len(rows), max(1, *map(len, found)) if found else 1), np.int32)
        for row, numbers in enumerate(found):
            ids[row, : len(numbers)] = numbers
        return Block(ids, self.words, len(self.words) + self.pairs)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns: a word has no place of its own."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def state(self) -> State:
        """Settings, columns and words."""
        given = {"min_df": self.min_df, "most": self.most, "longest": self.longest, "pairs": self.pairs}
        return {**given, "columns": list(self.columns), "words": list(self.words[len(RESERVED) :])}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        given = {key: take(state, key, int) for key in ("min_df", "most", "longest", "pairs")}
        words = take(state, "words", list)
        if not all(isinstance(word, str) for word in words) or len(set(words)) < len(words):
            raise RunError(
                "words of an encoder that are no texts, or not all different",
                expected="each word once",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            )
        encoder = cls(**given)
        encoder.columns = take_columns(state)
        encoder._number((*RESERVED, *words))
        return encoder

    def _number(self, words: tuple[str, ...]) -> None:
        self.words = words
        self._numbers = {word: number for number, word in enumerate(words) if number >= len(RESERVED)}

    def _numbers_of(self, names: Sequence[str]) -> IntArray:
        return np.array([self._numbers.get(name, UNKNOWN) for name in names], np.int64)

    def _of_row(self, columns: Sequence[tuple["_Split", IntArray]], row: int) -> IntArray:
        parts: list[IntArray] = []
        pairs: list[IntArray] = []
        for split, numbers in columns:
            codes = split.row(row)
            parts += [np.array([NEXT]), numbers[codes]] if parts else [numbers[codes]]
            if self.pairs:
                keys = split.keys[codes]
                pairs.append((mixed(keys[:-1], keys[1:]) % np.uint64(self.pairs)).astype(np.int64) + len(self.words))
        words = np.concatenate(parts)[: self.longest]
        return np.concatenate([words, np.concatenate(pairs)[: self.longest]]) if pairs else words


@dataclass(frozen=True)
class _Split:
    """A column of texts in words: ``codes`` of all rows behind each other into ``names``; row i ends at ``ends[i]``."""

    names: tuple[str, ...]
    keys: AnyArray
    codes: IntArray
    ends: IntArray

    def row(self, number: int) -> IntArray:
        """Codes of a row."""
        return self.codes[self.ends[number - 1] if number else 0 : self.ends[number]]

    def rows_with(self, rows: IntArray) -> IntArray:
        """In how many of some rows each name stands."""
        counts = np.zeros(len(self.names), np.int64)
        for row in rows.tolist():
            counts[np.unique(self.row(row))] += 1
        return counts


def _split(data: Dataset, column: str) -> _Split:
    return data.kept(("split words", column), lambda: _split_texts(data.texts(column)))


def _split_texts(texts: Sequence[str]) -> _Split:
    numbers: dict[str, int] = {}
    words = [tokens(text) for text in texts]
    codes = np.array([numbers.setdefault(word, len(numbers)) for row in words for word in row], np.int64)
    keys = np.array([word_key(name) for name in numbers], np.uint64)
    return _Split(tuple(numbers), keys, codes, np.cumsum([len(row) for row in words], dtype=np.int64))
