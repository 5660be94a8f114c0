"""Tags of spans: what they mean, and the best sequence that makes sense, against trying all."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.tasks._spans import Scheme, Steps

BIO = ("B-x", "B-y", "I-x", "I-y", "O")
IO = ("I-x", "I-y", "O")
BIOES = ("B-x", "E-x", "I-x", "O", "S-x", "S-y")


def scheme_of(tags: tuple[str, ...]) -> Scheme:
    found = Scheme.of(tags)
    assert found is not None
    return found


def spans(
    tags: list[str], known: tuple[str, ...] = BIO, sequence: list[int] | None = None
) -> list[tuple[int, int, str]]:
    scheme = scheme_of(known)
    numbers = np.array([known.index(tag) for tag in tags], np.int64)
    found = scheme.spans(numbers, np.zeros(len(tags), np.int64) if sequence is None else np.array(sequence))
    return [(int(a), int(b), scheme.kinds[kind]) for a, b, kind in zip(*found, strict=True)]


@pytest.mark.parametrize(
    ("tags", "wanted"),
    [
        (["B-x", "I-x", "O", "B-y"], [(0, 1, "x"), (3, 3, "y")]),
        (["B-x", "B-x"], [(0, 0, "x"), (1, 1, "x")]),
        (["O", "I-x", "I-x"], [(1, 2, "x")]),
        (["B-x", "I-y", "I-y"], [(0, 0, "x"), (1, 2, "y")]),
        ([], []),
        (["O", "O"], []),
    ],
)
def test_spans_are_read_as_seqeval_reads_them(tags: list[str], wanted: list[tuple[int, int, str]]) -> None:
    assert spans(tags) == wanted


def test_spans_end_with_their_sequence() -> None:
    assert spans(["B-x", "I-x", "I-x"], sequence=[0, 0, 1]) == [(0, 1, "x"), (2, 2, "x")]
    assert spans(["B-x", "E-x", "S-y", "I-x"], BIOES) == [(0, 1, "x"), (2, 2, "y"), (3, 3, "x")]


def _as_seqeval(tags: list[str]) -> list[tuple[int, int, str]]:
    """seqeval's `get_entities`, told again in plain words: a span begins and ends by the pair of neighbouring tags."""
    found, begin = [], None
    before = ("O", "")
    for place, tag in enumerate([*tags, "O"]):
        letter, _, kind = tag.partition("-")
        ends = before[0] in ("E", "S") or (before[0] in ("B", "I") and letter in ("B", "S", "O"))
        ends |= before[0] != "O" and before[1] != kind
        starts = letter in ("B", "S") or (before[0] in ("E", "S", "O") and letter in ("E", "I"))
        starts |= letter != "O" and before[1] != kind
        if ends and begin is not None:
            found.append((begin, place - 1, before[1]))
            begin = None
        if starts:
            begin = place
        before = (letter, kind)
    return found


@given(tags=st.lists(st.sampled_from([*BIO, "E-x", "E-y", "S-x", "S-y"]), max_size=12))
def test_any_tags_give_the_spans_of_seqeval(tags: list[str]) -> None:
    known = tuple(sorted({*BIO, "E-x", "E-y", "S-x", "S-y"}))
    assert spans(tags, known) == _as_seqeval(tags)


def test_other_tags_are_no_spans() -> None:
    assert Scheme.of(("NOUN", "VERB")) is None
    assert Scheme.of(("O",)) is None
    assert Scheme.of(("B-a-b", "O")) is not None


def test_without_b_an_i_begins_a_span() -> None:
    assert spans(["I-x", "I-x", "I-y", "O", "I-x"], IO) == [(0, 1, "x"), (2, 2, "y"), (4, 4, "x")]
    mended, rows = scheme_of(IO).mended(np.array([0, 2, 1]), np.zeros(3, np.int64))
    assert mended.tolist() == [0, 2, 1]
    assert not len(rows)


def test_only_types_without_b_begin_with_i() -> None:
    scheme = scheme_of(("B-x", "I-x", "I-y", "O"))
    assert scheme.between()[-2].tolist() == [True, False, True, True]
    assert scheme.allowed()[3].tolist() == [True, False, True, True]


@pytest.mark.parametrize("tags", [BIO, BIOES, IO])
@given(seed=st.integers(0, 60), length=st.integers(1, 4))
def test_the_best_sequence_is_the_best_of_all_that_make_sense(tags: tuple[str, ...], seed: int, length: int) -> None:
    scheme, k = scheme_of(tags), len(tags)
    scores = np.random.default_rng(seed).normal(size=(length, k))
    allowed = scheme.allowed()
    first = [tag for tag in range(k) if tags is IO or tags[tag][0] not in "IE"]
    last = [tag for tag in range(k) if not scheme.closed or tags[tag][0] not in "BI"]
    ways = [
        way
        for way in product(range(k), repeat=length)
        if way[0] in first and way[-1] in last and all(allowed[a, b] for a, b in pairwise(way))
    ]
    best = max(ways, key=lambda way: sum(scores[at, tag] for at, tag in enumerate(way)))
    assert scheme.best(scores, np.zeros(length, np.int64)).tolist() == list(best)


@given(seed=st.integers(0, 30))
def test_sequences_beside_each_other_are_decided_as_alone(seed: int) -> None:
    random, scheme = np.random.default_rng(seed), scheme_of(BIO)
    sequence = np.repeat(np.arange(5), random.integers(1, 6, 5))
    scores = random.normal(size=(len(sequence), len(BIO)))
    together = scheme.best(scores, sequence)
    for number in range(5):
        rows = np.flatnonzero(sequence == number)
        assert together[rows].tolist() == scheme.best(scores[rows], sequence[rows]).tolist()


def test_an_i_that_follows_nothing_begins_a_span() -> None:
    scheme = scheme_of(BIO)
    mended, rows = scheme.mended(np.array([2, 4, 3, 3, 0, 3]), np.zeros(6, np.int64))
    assert [BIO[tag] for tag in mended] == ["B-x", "O", "B-y", "I-y", "B-x", "B-y"]
    assert rows.tolist() == [0, 2, 5]


@given(lengths=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_steps_hold_every_row_once(lengths: list[int]) -> None:
    sequence = np.repeat(np.arange(len(lengths)), lengths)
    steps = Steps.of(sequence)
    assert sorted(np.concatenate(steps.rows).tolist()) == list(range(len(sequence)))
    assert steps.lengths.tolist() == sorted(lengths, reverse=True)
    assert all((np.diff(rows) != 0).all() for rows in steps.rows)
