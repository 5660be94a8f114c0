"""Steps behind each other as batches of whole sequences."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assay.training.batches import Batch, Resident
from assay.training.sequences import LONGEST, Sequences, pieces

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=40)


def source(lengths: list[int], weight: torch.Tensor | None = None) -> Sequences:
    """Each step's input is its row number from 1, and its tag the same."""
    sequence = torch.arange(len(lengths)).repeat_interleave(torch.tensor(lengths))
    own = torch.arange(1, len(sequence) + 1)
    return Sequences(Resident((own, own.float()[:, None]), torch.stack([own, sequence], 1), weight))


def steps(batches: Iterator[Batch]) -> list[list[int]]:
    """The tags of each sequence, in the order in which they come."""
    return [row[row >= 0].tolist() for batch in batches for row in batch.target]


def wanted(lengths: list[int]) -> list[list[int]]:
    ends = torch.tensor(lengths).cumsum(0).tolist()
    return [list(range(end - length + 1, end + 1)) for length, end in zip(lengths, ends, strict=True)]


@given(LENGTHS, st.integers(1, 7))
def test_every_sequence_comes_once_and_whole(lengths: list[int], size: int) -> None:
    given = source(lengths)
    assert len(given) == len(lengths)
    for batches in (given.shuffled(size, seed=3, epoch=1), given.in_order(size)):
        assert sorted(steps(batches)) == wanted(lengths)
    assert len(list(given.shuffled(size, seed=3, epoch=1))) == given.steps(size)


@given(LENGTHS)
def test_inputs_stand_beside_their_tags_and_zeros_behind_the_end(lengths: list[int]) -> None:
    for batch in source(lengths).shuffled(4, seed=0, epoch=0):
        count, own, numbers = batch.inputs
        there = batch.target >= 0
        assert count.tolist() == there.sum(1).tolist()
        assert torch.equal(own, batch.target.clamp(min=0))
        assert torch.equal(numbers[..., 0], own.float())


def test_batches_begin_where_they_are_told_to() -> None:
    given = source([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    whole = steps(given.shuffled(2, seed=1, epoch=2))
    assert steps(given.shuffled(2, seed=1, epoch=2, skip=2)) == whole[4:]
    assert whole != steps(given.shuffled(2, seed=1, epoch=3))


def test_rows_tell_where_each_step_stands() -> None:
    given = source([2, 7, 1, 4])
    for batch, rows in given.with_rows(2):
        assert (batch.target[batch.target >= 0] == rows + 1).all()


def test_a_sequence_weighs_as_much_as_its_steps() -> None:
    given = source([1, 3], torch.tensor([2.0, 1.0, 1.0, 0.0]))
    (batch,) = given.in_order(5)
    assert batch.weight is not None
    assert batch.weight.tolist() == [1.0, 1.0]  # the longer one comes first
    (plain,) = source([1, 3]).in_order(5)
    assert plain.weight is not None
    assert plain.weight.tolist() == [1.5, 0.5]


@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1, 10_000])
def test_long_sequences_are_parted_into_pieces_of_like_length(length: int) -> None:
    starts, lengths = pieces(torch.tensor([7] * length + [8]))
    assert lengths.sum() == length + 1
    assert lengths.max() <= LONGEST
    parts = lengths[:-1]
    assert parts.max() - parts.min() <= len(parts)
    order = starts.argsort()
    assert torch.equal((starts + lengths)[order][:-1], starts[order][1:])


def test_the_costliest_come_first() -> None:
    assert source([1, 5, 3]).costliest_first.inputs[0].tolist() == [5, 3, 1]
