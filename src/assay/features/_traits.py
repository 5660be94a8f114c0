"""What a word shows besides itself, as 64-bit hashes: its beginnings and ends, its shape, the kinds of its signs."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import RunError
from assay.core.state import take, take_array

LONGEST_END = 4


def traits_of(word: str) -> dict[str, int]:
    """``word``, ``lower``, ``shape``, ``kind``, and up to four signs of its beginning and end in small letters."""
    lower = word.lower()
    begins = {f"begin{n}": hash_of(lower[:n]) for n in range(1, LONGEST_END + 1)}
    ends = {f"end{n}": hash_of(lower[-n:]) for n in range(1, LONGEST_END + 1)}
    asked = (
        word.istitle(),
        word.isupper(),
        word.isdigit(),
        any(map(str.isdigit, word)),
        "-" in word,
        min(len(word), 9),
    )
    plain = {"word": word, "lower": lower, "shape": _shape(word), "kind": " ".join(map(str, asked))}
    return {name: hash_of(text) for name, text in plain.items()} | begins | ends


def traits_of_all(words: Sequence[str]) -> tuple[tuple[str, ...], IntArray, dict[str, AnyArray]]:
    """The k distinct words in order of appearance, which of them each word is (n,), and their traits (k,) uint64."""
    numbers: dict[str, int] = {}
    codes = np.array([numbers.setdefault(word, len(numbers)) for word in words], np.int64)
    known = [traits_of(word) for word in numbers]
    return tuple(numbers), codes, {name: np.array([each[name] for each in known], np.uint64) for name in traits_of("")}


def take_keys(state: Mapping[str, Any], columns: Sequence[str], dtype: DTypeLike) -> tuple[AnyArray, ...]:
    """The known hashes of each column in an encoder's state.

    Raises:
        RunError: They are not there, of another type, or there are more or fewer lists than columns.
    """
    kept = take(state, "keys", list)
    if len(kept) != len(columns):
        raise RunError(
            f"{len(kept)} lists of hashes for {len(columns)} columns",
            expected="one for each column",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return tuple(take_array({"keys": keys}, "keys", ndim=1, dtype=dtype) for keys in kept)


def hash_of(text: str) -> int:
    """64 bits of BLAKE2 (RFC 7693)."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "little")


def mixed(values: AnyArray, salt: int) -> AnyArray:
    """Other hashes for each salt (the finaliser of SplitMix64, Steele et al. 2014)."""
    given = values + np.uint64(salt & (2**64 - 1))
    given = (given ^ (given >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    given = (given ^ (given >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: AnyArray = given ^ (given >> np.uint64(31))
    return found


def _shape(word: str) -> str:
    """``Xxx-00`` with runs cut to two: capital, small, figure, and other signs as they are."""
    signs = ["X" if sign.isupper() else "x" if sign.isalpha() else "0" if sign.isdigit() else sign for sign in word]
    kept = [sign for place, sign in enumerate(signs) if place < 2 or not signs[place - 2] == signs[place - 1] == sign]
    return "".join(kept)
