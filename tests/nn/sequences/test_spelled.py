import torch

from assay.nn.sequences.spelled import Spelled


def net(**changed: float) -> Spelled:
    torch.manual_seed(0)
    given = {"traits": 3, "rows": 50, "vector": 8, "filters": 5, **changed}
    return Spelled(2, **given).eval()  # type: ignore[arg-type]


def ids(n: int = 2, t: int = 4) -> torch.Tensor:
    """Two words a step, each with three hashes and six letters."""
    draw = torch.Generator().manual_seed(1)
    hashes = torch.randint(1, 2**31 - 1, (n, t, 2, 3), generator=draw)
    letters = torch.randint(1, 256, (n, t, 2, 6), generator=draw)
    return torch.cat([hashes, letters], 3).flatten(2).int()


def test_features_are_those_that_it_names() -> None:
    spelled = net()
    assert spelled.features == 2 * (8 + 2 * 2 + 5)
    assert spelled(ids()).shape == (2, 4, spelled.features)


def test_an_unknown_trait_is_zeros_and_others_stay() -> None:
    spelled, given = net(), ids()
    before = spelled(given)
    given[..., 0] = 0  # the first word itself
    after = spelled(given)
    assert (after[..., :8] == 0).all()
    assert torch.equal(before[..., 8:], after[..., 8:])


def test_letters_behind_the_end_of_a_word_count_for_nothing() -> None:
    spelled, given = net(), ids(1, 1).view(1, 1, 2, 9)
    given[..., 5:] = 0
    wide = torch.cat([given, torch.zeros(1, 1, 2, 7, dtype=torch.int32)], 3)
    assert torch.allclose(spelled(given.flatten(2)), spelled(wide.flatten(2)), atol=1e-6)


def test_two_hashes_share_a_vector_only_if_they_share_both_rows() -> None:
    hashes = torch.arange(1, 2_001) * 1_000_003 % (2**31 - 1)
    given = torch.zeros(1, 2_000, 2, 9, dtype=torch.int64)
    given[..., 0] = hashes[:, None]
    first = net(rows=500)(given.flatten(2))[0, :, :8]
    assert len(torch.unique(first, dim=0)) > 1_950  # 2,000 words in 500 rows


def test_dropped_words_are_dropped_as_a_whole_and_only_in_training() -> None:
    spelled, given = net(drop_words=0.5), ids(8, 40)
    assert (spelled(given)[..., :8] != 0).any(2).all()
    spelled.train()
    gone = (spelled(given)[..., :8] == 0).all(2)
    assert 0.35 < gone.float().mean() < 0.65


def test_words_without_letters_give_finite_numbers() -> None:
    given = ids()
    given.view(2, 4, 2, 9)[..., 3:] = 0
    assert torch.isfinite(net()(given)).all()
