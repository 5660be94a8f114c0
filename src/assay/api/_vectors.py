"""`Run.vectors`: what a net that reads texts has learned of words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from assay.core.arrays import Float32Array, FloatArray
from assay.core.errors import PlanError, did_you_mean, listed
from assay.core.members import member, member_names
from assay.families._base import Family
from assay.families._net_family import NetPredictor
from assay.families._text_net import RESERVED, VECTORS, TextFamily
from assay.features.tokens import Tokens
from assay.fitting.model import FAMILIES, Model

_LEAST = 1e-12


@dataclass(frozen=True)
class WordVectors:
    """Words and their vectors, as a net has learned them.

    Attributes:
        words: The most frequent first.
        values: (n, width) float32, one row for each word.
        member: The net, by its name in the plan; the one of its first fold.
    """

    words: tuple[str, ...]
    values: Float32Array
    member: str

    def __len__(self) -> int:
        return len(self.words)

    def nearest(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The ``n`` other words whose vectors point most nearly the same way, with the cosines, highest first.

        Raises:
            PlanError: The net does not know the word, or ``n`` is below 1.
        """
        if n < 1:
            raise PlanError(f"n = {n}", expected="1 word or more", fix="raise it, or leave it out")
        place = self._place(word)
        cosines = self._directions @ self._directions[place]
        order = [other for other in np.argsort(-cosines, kind="stable").tolist() if other != place]
        return [(self.words[other], float(cosines[other])) for other in order[:n]]

    def write(self, path: str | Path) -> Path:
        """Write all words in GloVe's text format, which a setting ``vectors`` reads.

        Raises:
            OutputError: The place cannot be written to.
        """
        from assay.nn.texts.vectors import write_vectors

        write_vectors(Path(path), self.words, self.values)
        return Path(path)

    def _place(self, word: str) -> int:
        for form in (word, word.lower()):
            if form in self._places:
                return self._places[form]
        raise PlanError(
            f"no word {word!r} among the {len(self.words):,} words of {self.member!r}",
            expected="a word that the net has learned, e.g. " + (listed(self.words[:8]) or "none: it knows no word"),
            fix=f"{did_you_mean(word, self.words)}change the word",
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words)}

    @cached_property
    def _directions(self) -> FloatArray:
        values = self.values.astype(np.float64)
        made: FloatArray = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), _LEAST)
        return made


def vectors(model: Model) -> WordVectors:
    """The word vectors of the model's member with the largest weight that has some.

    Raises:
        PlanError: None has.
    """
    found = [
        (entry.weight, entry.name, number, predictor)
        for entry in model.members
        for number, predictor in entry.parts[:1]
        if isinstance(predictor, NetPredictor) and isinstance(predictor.family, TextFamily)
    ]
    if not found:
        raise PlanError(
            f"a run without word vectors: its model is made of {listed(entry.name for entry in model.members)}",
            expected=f"a net that reads texts: {listed(_with_vectors())}",
            fix="fit a table that has a text column with --families bag",
        )
    _, name, number, predictor = max(found, key=lambda entry: entry[0])
    (values,) = (value for key, value in predictor.weights.items() if key.endswith(VECTORS))
    (words,) = (encoder.words for encoder in model.encodings[number].encoders if isinstance(encoder, Tokens))
    return WordVectors(words[RESERVED:], np.asarray(values)[RESERVED : len(words)], name)


def _with_vectors() -> Sequence[str]:
    kinds = {name: member(FAMILIES, Family, name) for name in member_names(FAMILIES)}  # type: ignore[type-abstract]
    return [name for name, kind in kinds.items() if issubclass(kind, TextFamily)]
