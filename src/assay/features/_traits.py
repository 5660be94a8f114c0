"""What a word shows besides itself, as 64-bit hashes: its beginnings and ends, its shape, the kinds of its signs."""

import hashlib

import numpy as np

from assay.core.arrays import AnyArray

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
