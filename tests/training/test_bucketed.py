import pytest
import torch
from torch import Tensor

from assay.training.batches import Resident
from assay.training.bucketed import Bucketed

N, LONGEST = 1_003, 60


def rows(n: int = N) -> Resident:
    """Each row's first number is its own, its second input and its target too."""
    draw = torch.Generator().manual_seed(4)
    lengths = torch.randint(1, LONGEST + 1, (n,), generator=draw)
    ids = (torch.arange(LONGEST) < lengths[:, None]).long()
    ids[:, 0] = torch.arange(1, n + 1)
    return Resident((ids, torch.arange(n).float()[:, None]), torch.arange(n), torch.ones(n))


def order(source: Resident, size: int = 32, *, epoch: int = 0, seed: int = 5, skip: int = 0) -> list[list[int]]:
    return [batch.target.tolist() for batch in source.shuffled(size, seed=seed, epoch=epoch, skip=skip)]


def padding(source: Resident) -> float:
    """Share of the places that hold no word."""
    batches = [batch.inputs[0] for batch in source.shuffled(32, seed=5, epoch=0)]
    cut = [ids[:, : int((ids != 0).sum(1).max())] for ids in batches]
    return 1 - sum(int((ids != 0).sum()) for ids in cut) / sum(ids.numel() for ids in cut)


@pytest.mark.parametrize("n", [1, 2, 33, 65, 96, 97, N])
def test_every_row_comes_once_in_as_many_batches_as_ever(n: int) -> None:
    plain = rows(n)
    batches = order(Bucketed(plain))
    assert sorted(row for batch in batches for row in batch) == list(range(n))
    assert [len(batch) for batch in batches] == [len(batch) for batch in order(plain)]
    assert len(batches) == Bucketed(plain).steps(32)


def test_parts_of_a_row_stay_together_and_nothing_but_padding_is_cut_off() -> None:
    plain = rows()
    for batch in Bucketed(plain).shuffled(32, seed=5, epoch=0):
        whole = plain.all.rows(batch.target)
        ids = batch.inputs[0]
        assert torch.equal(ids, whole.inputs[0][:, : ids.shape[1]])
        assert not whole.inputs[0][:, ids.shape[1] :].any()
        assert ids[:, -1].any()
        assert torch.equal(batch.inputs[1], whole.inputs[1])


def test_batches_hold_far_less_padding() -> None:
    assert padding(rows()) > 0.4
    assert padding(Bucketed(rows())) < 0.1


def test_seed_and_epoch_alone_decide() -> None:
    source = Bucketed(rows())
    first = order(source, epoch=3)
    order(source, epoch=1)
    torch.manual_seed(9)
    assert order(Bucketed(rows()), epoch=3) == first
    assert order(source, epoch=3, skip=7) == first[7:]
    assert order(source, epoch=4) != first
    assert order(source, epoch=3, seed=6) != first


def test_lengths_come_in_no_order() -> None:
    batches = list(Bucketed(rows()).shuffled(32, seed=5, epoch=0))
    lengths = torch.tensor([float((batch.inputs[0] != 0).sum(1).float().mean()) for batch in batches])
    places = torch.arange(len(lengths)).float()
    assert abs(float(torch.corrcoef(torch.stack([lengths, places]))[0, 1])) < 0.4
    members: list[set[int]] = [set(batch.target.tolist()) for batch in batches]
    later = [set(batch.target.tolist()) for batch in Bucketed(rows()).shuffled(32, seed=5, epoch=1)]
    assert not any(one == other for one in members for other in later)


def test_a_given_order_is_kept_and_rows_without_words_are_taken() -> None:
    wanted = torch.tensor([7, 3, 900, 12])
    assert [batch.target.tolist() for batch in Bucketed(rows()).along(wanted, 2)] == [[7, 3], [900, 12]]
    empty = Resident((torch.zeros(3, 5, dtype=torch.int64),), torch.arange(3))

    def shape(ids: Tensor) -> tuple[int, ...]:
        return tuple(ids.shape)

    assert [shape(batch.inputs[0]) for batch in Bucketed(empty).shuffled(4, seed=0, epoch=0)] == [(3, 1)]


def test_on_the_device_where_it_is_nothing_is_copied() -> None:
    source = Bucketed(rows())
    assert source.to(torch.device("cpu")) is source


def test_the_longest_rows_come_first_where_memory_is_counted() -> None:
    plain = rows()
    first = Bucketed(plain).costliest_first
    lengths = (first.inputs[0] != 0).sum(1)
    assert lengths.tolist() == sorted(lengths.tolist(), reverse=True)
    assert torch.equal(first.inputs[0], plain.all.inputs[0][first.target])
    assert len(first) == N
