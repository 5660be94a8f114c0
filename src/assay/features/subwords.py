"""Texts as numbers of subwords, as the tokenizer of a pretrained encoder parts them; no row teaches it anything."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import PlanError, RunError
from assay.core.state import State, Text, take
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features import _text_encoder as texts
from assay.features._base import Encoder, Target, Tokens, take_columns

_FILE = "tokenizer.json"


class Subwords(Encoder):
    """Numbers of subwords, one more than the tokenizer's own so that 0 is none; several columns are read as lines.

    Args:
        encoder: A folder, an installed package, or a name on the hub; the first installed package if empty.
        longest: Subwords of a row at most, the tokenizer's own marks included.
    """

    name = "subwords"
    kinds = frozenset({Kind.TEXT})
    part = "tokens"

    def __init__(self, *, encoder: str = "", longest: int = 128) -> None:
        self.encoder, self.longest, self.written = encoder, longest, ""

    def missing(self) -> str | None:
        """That the extra is not installed, or no encoder with it."""
        return texts.missing() or (None if self.encoder or texts.first_installed() else "no encoder is installed")

    def fit(self, data: Dataset, columns: Sequence[str], rows: IntArray, target: Target) -> "Subwords":
        """Take the columns, and the tokenizer as it is.

        Raises:
            PlanError: There is no such tokenizer.
        """
        path = texts.folder_of(self.encoder, fetch=True) / _FILE
        if not path.is_file():
            raise texts.not_there(f"an encoder {self.encoder!r} without {_FILE}")
        self.columns, self.written = tuple(columns), path.read_text(encoding="utf-8")
        try:
            self._tokenizer  # noqa: B018
        except ValueError as error:
            raise texts.not_there(f"an encoder {self.encoder!r} with a {_FILE} that cannot be read") from error
        return self

    def transform(self, data: Dataset, rows: IntArray) -> Tokens:
        """Numbers (k, t) int32; t is the length of the longest row."""
        key = ("subwords", self.written, self.longest, self.columns)
        every: list[AnyArray] = data.kept(key, lambda: self._numbered(data))
        found = [every[row] for row in rows.tolist()]
        ids = np.zeros((len(rows), max(1, *map(len, found)) if found else 1), np.int32)
        for row, numbers in enumerate(found):
            ids[row, : len(numbers)] = numbers
        return Tokens(ids, self._words, len(self._words))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns: a subword has no place of its own."""
        return self.columns

    @property
    def feature_sources(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def state(self) -> State:
        """Settings, columns, and the tokenizer itself."""
        given = {"encoder": self.encoder, "longest": self.longest, "tokenizer": Text(self.written)}
        return {**given, "columns": list(self.columns)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Subwords":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged, or the extra is not installed.
        """
        encoder = cls(encoder=take(state, "encoder", str), longest=take(state, "longest", int))
        encoder.written, encoder.columns = take(state, "tokenizer", str), take_columns(state)
        if missing := texts.missing():
            raise RunError(
                f"a model that reads subwords, but {missing}",
                expected="that it is",
                fix="pip install 'assay[pretrained]'",
            )
        try:
            encoder._tokenizer  # noqa: B018
        except (ValueError, PlanError) as error:
            raise RunError(
                "a tokenizer that cannot be read",
                expected="a tokenizer.json, as it was when the model was fitted",
                fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
            ) from error
        return encoder

    @cached_property
    def _tokenizer(self) -> Any:
        """Raises a ValueError if the text is none."""
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_str(self.written)
            tokenizer.enable_truncation(self.longest)
            tokenizer.no_padding()
        except Exception as error:  # it raises plain Exceptions
            raise ValueError(str(error)) from error
        return tokenizer

    @cached_property
    def _words(self) -> tuple[str, ...]:
        numbers = self._tokenizer.get_vocab(with_added_tokens=True)
        words = [""] * (max(numbers.values(), default=-1) + 2)
        for word, number in numbers.items():
            words[number + 1] = word
        return tuple(words)

    def _numbered(self, data: Dataset) -> list[AnyArray]:
        rows = zip(*(data.texts(column) for column in self.columns), strict=True)
        lines = ["\n".join(filter(None, row)) for row in rows]
        return [np.array(self._tokenizer.encode(line).ids, np.int32) + 1 for line in lines]
