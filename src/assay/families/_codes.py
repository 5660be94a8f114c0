"""Codes of classes (k, m): in each column, a binary problem, 1 and -1 are the sides of a class, 0 is neither.

Sources: Dietterich & Bakiri (1995) for exhaustive and BCH codes; Allwein, Schapire & Singer (2000) for random ones.
"""

import math
from itertools import combinations

import numpy as np

from assay.core.arrays import AnyArray
from assay.families._bch import best_code

_DRAWS = 200
_CHUNK = 64


def one_vs_rest(k: int) -> AnyArray:
    """Each class against all others (k, k); for two classes that is one problem."""
    code = 2 * np.eye(k, dtype=np.int8) - np.int8(1)
    return code[:, 1:] if k == 2 else code


def one_vs_one(k: int) -> AnyArray:
    """Each class against each other one (k, k (k - 1) / 2); the later one is the positive side."""
    pairs = list(combinations(range(k), 2))
    code = np.zeros((k, len(pairs)), np.int8)
    for column, (first, second) in enumerate(pairs):
        code[first, column], code[second, column] = -1, 1
    return code


def exhaustive(k: int) -> AnyArray:
    """Every way to part the classes in two (k, 2^(k-1) - 1); any two rows differ in 2^(k-2) columns."""
    numbers = np.arange(2 ** (k - 1) - 1)
    bits = numbers[None, :] >> np.arange(k - 1)[::-1, None] & 1
    return np.vstack([np.ones(len(numbers), np.int8), np.where(bits, 1, -1)]).astype(np.int8)


def dense(k: int, seed: int) -> AnyArray:
    """10 log2(k) random columns, all different: of many draws the one whose nearest rows lie furthest apart."""
    most = 2 ** (k - 1) - 1
    count = n_dense(k)
    return exhaustive(k) if count == most else _furthest(k, count, (-1, 1), seed)


def sparse(k: int, seed: int) -> AnyArray:
    """15 log2(k) random columns, all different, in which half of the entries are 0: again the best of many draws."""
    return _furthest(k, n_sparse(k), (-1, 0, 0, 1), seed)


def bch(k: int, seed: int) -> AnyArray:
    """Words of a BCH code: any two rows differ in at least as many columns as its designed distance.

    Of many draws the one with most problems that differ; for few classes some columns are the same.
    """
    code = best_code(math.ceil(math.log2(k)))
    draw = np.random.default_rng(seed)
    best, different = np.zeros((0, 0), np.int8), -1
    for _ in range(_DRAWS):
        messages = draw.choice(2**code.dimension, k, replace=False)
        words = np.where(code.words(messages), 1, -1).astype(np.int8)
        words = words[:, np.abs(words.sum(axis=0)) < k]
        found = len({_canonical(column) for column in words.T})
        if found > different:
            best, different = words, found
        if found == code.length:
            break
    return best


def n_dense(k: int) -> int:
    """How many columns `dense` has."""
    return int(min(math.ceil(10 * math.log2(k)), 2 ** (k - 1) - 1))


def n_sparse(k: int) -> int:
    """How many columns `sparse` has."""
    return int(min(math.ceil(15 * math.log2(k)), (3**k - 2 ** (k + 1) + 1) // 2))


def n_bch(k: int) -> int:
    """How many columns `bch` has at most."""
    return best_code(math.ceil(math.log2(k))).length


def distances(code: AnyArray) -> AnyArray:
    """Between each two rows (k, k), by Hamming; an entry that is 0 in one of them counts one half."""
    wide = code.astype(np.int64)
    found: AnyArray = (code.shape[1] - wide @ wide.T) / 2
    np.fill_diagonal(found, 0.0)
    return found


def _furthest(k: int, count: int, entries: tuple[int, ...], seed: int) -> AnyArray:
    draw = np.random.default_rng(seed)
    best, furthest = np.zeros((0, 0), np.int8), -1.0
    for _ in range(_DRAWS):
        code = _different_columns(k, count, entries, draw)
        apart = distances(code) + np.where(np.eye(k), np.inf, 0)
        if (nearest := float(apart.min())) > furthest:
            best, furthest = code, nearest
    return best


def _different_columns(k: int, count: int, entries: tuple[int, ...], draw: np.random.Generator) -> AnyArray:
    """Random columns with both sides, of which no two pose the same problem."""
    found: dict[bytes, AnyArray] = {}
    while len(found) < count:
        for column in draw.choice(np.array(entries, np.int8), (_CHUNK, k)):
            if column.min() < 0 < column.max() and len(found) < count:
                found.setdefault(_canonical(column), column)
    return np.stack(list(found.values()), axis=1)


def _canonical(column: AnyArray) -> bytes:
    """The same for a column and the one with its sides exchanged."""
    first = column[np.flatnonzero(column)[0]]
    return bytes((column * first).tobytes())
