"""Tags of spans: B-person I-person O, and the like. What they mean, and the best sequence that makes sense.

A tag is a letter and a type: B begins a span, I goes on, E ends it, S is a span of one step, O is outside. In BIO there
are B, I and O; in BIOES all five. Where a type has neither B nor S (IO), its I begins a span too, and neighbours of one
type are one span.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import AnyArray, BoolArray, FloatArray, IntArray

_TAG = re.compile(r"(?:O|([BIES])-(.+))")
_LETTERS = "OBIES"
_NEVER = -1e30


@dataclass(frozen=True)
class Scheme:
    """What each of k tags says.

    Attributes:
        letter: (k,) place of the tag's letter in ``"OBIES"``.
        kind: (k,) number of its type, -1 outside.
        kinds: Names of the types.
        closed: Whether spans are ended by tags of their own (BIOES).
    """

    letter: IntArray
    kind: IntArray
    kinds: tuple[str, ...]
    closed: bool

    @classmethod
    def of(cls, tags: Sequence[str]) -> "Scheme | None":
        """The scheme of some tags; None if they are no tags of spans."""
        found = [_TAG.fullmatch(tag) for tag in tags]
        parts = [("O", "") if match and match[1] is None else match and (match[1], match[2]) for match in found]
        if not all(parts) or not any(part and part[1] for part in parts):
            return None
        kinds = tuple(sorted({part[1] for part in parts if part and part[1]}))
        letter = np.array([_LETTERS.index(part[0]) for part in parts if part])
        kind = np.array([kinds.index(part[1]) if part[1] else -1 for part in parts if part])
        return cls(letter, kind, kinds, closed=bool((letter >= 3).any()))

    def spans(self, tags: IntArray, sequence: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """First row, last row and type of each span (m,), as seqeval's default mode sees them.

        A span that begins with I, or changes its type on the way, is taken for what it most likely means.
        """
        letter, kind = self.letter[tags], self.kind[tags]
        new = np.r_[True, sequence[1:] != sequence[:-1]] if len(tags) else np.zeros(0, np.bool_)
        before, before_kind = np.r_[0, letter[:-1]], np.r_[-1, kind[:-1]]
        before, before_kind = np.where(new, 0, before), np.where(new, -1, before_kind)
        inside = letter > 0
        begins = inside & (np.isin(letter, (1, 4)) | np.isin(before, (0, 3, 4)) | (kind != before_kind))
        starts = np.flatnonzero(begins)
        # A span goes on until a step that is outside or begins another one.
        stops = np.flatnonzero(begins | ~inside | new)
        ends = np.r_[stops, len(tags)][np.searchsorted(stops, starts, side="right")] - 1
        return starts, ends, kind[starts]

    def mended(self, tags: IntArray, sequence: IntArray) -> tuple[IntArray, IntArray]:
        """Tags (n,) in which no I or E follows nothing, and the rows that were changed: such a step begins a span.

        Where there is no B of that type among the tags, they stay as they are.
        """
        starts, _, kinds = self.spans(tags, sequence)
        begin = np.full(len(self.kinds), -1)
        begin[self.kind[self.letter == 1]] = np.flatnonzero(self.letter == 1)
        wrong = np.isin(self.letter[tags[starts]], (2, 3)) & (begin[kinds] >= 0)
        mended = tags.copy()
        mended[starts[wrong]] = begin[kinds[wrong]]
        return mended, starts[wrong]

    def best(self, scores: FloatArray, sequence: IntArray) -> IntArray:
        """The tags (n,) with the greatest sum of scores (n, k) among sequences that make sense (Viterbi 1967)."""
        found = np.zeros(len(scores), np.int64)
        steps = Steps.of(sequence)
        pointers: list[IntArray] = []
        best = np.zeros((0, scores.shape[1]))
        first, last = self._may_begin(), self._may_end()
        for rows in steps.rows:
            if not len(pointers):
                best = np.where(first, scores[rows], _NEVER)
                pointers.append(np.zeros((len(rows), scores.shape[1]), np.int64))
                lasting = best
                continue
            lasting, pointer = self._onward(best[: len(rows)])
            best[: len(rows)] = lasting + scores[rows]
            pointers.append(pointer)
        tags = np.where(last, best, _NEVER).argmax(axis=1) if len(scores) else found
        for rows, pointer in zip(reversed(steps.rows), reversed(pointers), strict=True):
            found[rows] = tags[: len(rows)]
            tags[: len(rows)] = pointer[np.arange(len(rows)), tags[: len(rows)]]
        return found

    def allowed(self) -> BoolArray:
        """Which tag may follow which, (k, k), row the earlier one."""
        opened = np.isin(self.letter, (1, 2))
        goes_on = np.isin(self.letter, (2, 3))
        same = opened[:, None] & goes_on & (self.kind[:, None] == self.kind)
        free = self._may_begin() & (~opened[:, None] if self.closed else True)
        allowed: BoolArray = same | free
        return allowed

    def between(self) -> BoolArray:
        """(k + 2, k): `allowed`, then which tags may begin and which may end a sequence."""
        return np.vstack([self.allowed(), self._may_begin(), self._may_end()])

    def _may_begin(self) -> BoolArray:
        """Tags (k,) that do not go on with anything, and I of types that nothing else begins."""
        begun = np.isin(self.kind, self.kind[np.isin(self.letter, (1, 4))])
        may: BoolArray = ~np.isin(self.letter, (2, 3)) | ((self.letter == 2) & ~begun)
        return may

    def _may_end(self) -> BoolArray:
        return ~np.isin(self.letter, (1, 2)) if self.closed else np.ones(len(self.letter), np.bool_)

    def _onward(self, best: FloatArray) -> tuple[FloatArray, IntArray]:
        """Best score (m, k) of a way to each tag, and the tag before it.

        I and E come from the tags that they may follow; all others come from the same ones.
        """
        free = self._may_end()
        among = np.flatnonzero(free)
        source = among[best[:, among].argmax(axis=1)]
        scores = np.tile(best[np.arange(len(best)), source][:, None], len(self.letter))
        pointer = np.tile(source[:, None], len(self.letter))
        allowed = self.allowed()
        for tag in np.flatnonzero(np.isin(self.letter, (2, 3))):
            before = np.flatnonzero(allowed[:, tag])
            if not len(before):
                scores[:, tag] = _NEVER
                continue
            place = best[:, before].argmax(axis=1)
            pointer[:, tag] = before[place]
            scores[:, tag] = best[np.arange(len(best)), before[place]]
        return scores, pointer


@dataclass(frozen=True)
class Steps:
    """Sequences beside each other, the longest first: ``rows[t]`` are the t-th steps of those that have so many."""

    rows: tuple[IntArray, ...]
    lengths: IntArray

    @classmethod
    def of(cls, sequence: AnyArray) -> "Steps":
        """For rows (n,) with numbers of sequences; rows of one number that stand together are one sequence."""
        if not len(sequence):
            return cls((), np.zeros(0, np.int64))
        starts = np.flatnonzero(np.r_[True, sequence[1:] != sequence[:-1]])
        lengths = np.diff(np.r_[starts, len(sequence)])
        order = np.argsort(-lengths, kind="stable")
        starts, lengths = starts[order], lengths[order]
        longest = np.searchsorted(-lengths, -np.arange(1, lengths[0] + 1), side="right")
        return cls(tuple(starts[:count] + t for t, count in enumerate(longest.tolist())), lengths)
