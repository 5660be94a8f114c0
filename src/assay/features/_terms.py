"""Counting the terms of texts: once per column of a dataset, vectorised, by stable 64-bit keys.

Counting does not depend on which rows a fold learns from, so all folds and encoders of a column share it. A term is
known by a hash of its characters; with 64 bits two of a million terms collide with probability 3e-8.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from assay.core.arrays import IntArray
from assay.data.dataset import Dataset

Keys = NDArray[np.uint64]
_TOKEN = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+")
_BATCH = 1_000_000
_LONGEST = 5
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STIR = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True)
class Terms:
    """Terms of n texts: ``keys`` (t,) sorted, ``counts`` (n, t) CSR float32."""

    keys: Keys
    counts: csr_array


def word_terms(data: Dataset, column: str) -> Terms:
    """Words and pairs of neighbouring words, in lower case; runs of punctuation are words of their own."""
    return data.kept(("word terms", column), lambda: count_words(data.texts(column)))


def char_terms(data: Dataset, column: str) -> Terms:
    """Runs of 2 to 5 characters inside words, each word with a space around it (scikit-learn's ``char_wb``)."""
    return data.kept(("char terms", column), lambda: count_chars(data.texts(column)))


def tokens(text: str) -> list[str]:
    """Words of a text in lower case."""
    return _TOKEN.findall(text.lower())


def count_words(texts: Sequence[str]) -> Terms:
    """Terms of `word_terms` for texts."""
    return _in_batches(texts, _count_words)


def count_chars(texts: Sequence[str]) -> Terms:
    """Terms of `char_terms` for texts."""
    return _in_batches(texts, _count_chars)


def _in_batches(texts: Sequence[str], count: Callable[[Sequence[str]], Terms]) -> Terms:
    """Count a few megabytes at a time, so that memory does not grow with the length of all texts."""
    ends = np.cumsum([len(text) for text in texts]) // _BATCH if len(texts) else np.zeros(0, np.int64)
    cuts = [0, *(np.flatnonzero(np.diff(ends)) + 1).tolist(), len(texts)]
    parts = [count(texts[start:stop]) for start, stop in pairwise(cuts)]
    if len(parts) == 1:
        return parts[0]
    keys = np.unique(np.concatenate([part.keys for part in parts]))
    moved = [_under(part, keys) for part in parts]
    return Terms(keys, csr_array(vstack(moved, format="csr")))


def _under(part: Terms, keys: Keys) -> csr_array:
    counts = part.counts
    columns = np.searchsorted(keys, part.keys).astype(np.int32)
    return csr_array((counts.data, columns[counts.indices], counts.indptr), shape=(counts.shape[0], len(keys)))


def _count_words(texts: Sequence[str]) -> Terms:
    split = [tokens(text) for text in texts]
    lengths = np.array([len(words) for words in split], np.int64)
    single = np.array([word_key(word) for words in split for word in words], np.uint64)
    document = np.repeat(np.arange(len(texts)), lengths)
    same = document[1:] == document[:-1]
    pairs = mixed(single[:-1], single[1:])[same] if len(single) else single
    return _counted(np.r_[single, pairs], np.r_[document, document[1:][same]], len(texts))


def _count_chars(texts: Sequence[str]) -> Terms:
    padded = [f" {' '.join(text.lower().split())} " for text in texts]
    lengths = np.array([len(text) for text in padded], np.int64)
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    document = np.repeat(np.arange(len(texts)), lengths)
    space = points == 32
    keys, documents = [], []
    key = points
    inside = np.ones(len(points), bool)
    for size in range(2, _LONGEST + 1):
        # A gram may begin or end with a space, never hold one inside: that would cross from word to word.
        inside = inside[:-1] & (document[: len(inside) - 1] == document[size - 1 :])
        if size > 2:
            inside &= ~space[size - 2 : size - 2 + len(inside)]
        key = mixed(key[:-1], points[size - 1 :])
        keep = inside & ~(space[:-1] & space[1:]) if size == 2 else inside
        keys.append(key[keep])
        documents.append(document[: len(inside)][keep])
    return _counted(np.concatenate(keys), np.concatenate(documents), len(texts))


@lru_cache(maxsize=1 << 18)
def word_key(word: str) -> int:
    """Key of a word."""
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def mixed(left: Keys, right: Keys) -> Keys:
    """A hash of two keys in order (splitmix64's finaliser, Steele et al. 2014)."""
    with np.errstate(over="ignore"):
        mixed = (left * _MIX) ^ (right + (left >> np.uint64(29)))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _STIR
        return mixed ^ (mixed >> np.uint64(27))


def _counted(keys: Keys, documents: IntArray, n: int) -> Terms:
    vocabulary, number = np.unique(keys, return_inverse=True)
    ones = np.ones(len(keys), np.float32)
    counts = csr_array(coo_array((ones, (documents, number)), shape=(n, len(vocabulary))))
    counts.sum_duplicates()
    return Terms(vocabulary, counts)
