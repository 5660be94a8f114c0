"""Changed pictures: what is drawn, and that it is drawn again."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from assay.nn.losses.cross_entropy import CrossEntropy
from assay.training.augment import Augmentation, Augmented
from assay.training.batches import Batch, Resident
from assay.training.mixup import mix
from assay.training.options import Options
from assay.training.trainer import Trainer


def rows(n: int = 20, size: tuple[int, int] = (6, 8), channels: int = 3) -> Resident:
    """Pictures whose first pixel tells the row, weights and a column that do so too."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, *size, channels)).astype(np.uint8)
    pictures = torch.from_numpy(pixels).permute(0, 3, 1, 2)
    return Resident([pictures, torch.arange(n)[:, None].float()], torch.arange(n), torch.ones(n))


def original(source: Resident, batch: Batch) -> np.ndarray:
    return source.all.inputs[0][batch.target].numpy().astype(np.float32)


def epochs(source: Resident, count: int = 2, size: int = 8, seed: int = 1) -> Iterator[list[Batch]]:
    return (list(source.shuffled(size, seed=seed, epoch=epoch)) for epoch in range(count))


def test_nothing_is_changed_where_all_is_off() -> None:
    given = rows()
    plain = given.shuffled(8, seed=3, epoch=1)
    for batch, before in zip(Augmented(given).shuffled(8, seed=3, epoch=1), plain, strict=True):
        assert batch.inputs[0].dtype == torch.float32
        assert torch.equal(batch.inputs[0], before.inputs[0].float())
        assert torch.equal(batch.inputs[1], before.inputs[1])
        assert torch.equal(batch.target, before.target)
        assert torch.equal(batch.weight, before.weight)
        assert batch.inputs[0].is_contiguous(memory_format=torch.channels_last)


def test_flips_alternate_so_that_two_epochs_show_both_sides_of_each_picture() -> None:
    given = rows(200)
    seen: list[set[int]] = []
    for batches in epochs(Augmented(given, Augmentation(flip=True)), 4):
        flipped: set[int] = set()
        for batch in batches:
            before, after = original(given, batch), batch.inputs[0].numpy()
            for row, one, two in zip(batch.target.tolist(), before, after, strict=True):
                mirrored = np.array_equal(two, one[:, :, ::-1])
                assert mirrored or np.array_equal(two, one)
                flipped |= {row} if mirrored else set()
        seen.append(flipped)
    assert 70 < len(seen[0]) < 130
    assert seen[0] == seen[2] == set(range(200)) - seen[1]
    assert seen[1] == seen[3]


def test_crops_are_windows_of_the_picture_with_its_border_mirrored() -> None:
    given, found = rows(), set()
    for batches in epochs(Augmented(given, Augmentation(crop=2)), 6):
        for batch in batches:
            padded = np.pad(original(given, batch), ((0, 0), (0, 0), (2, 2), (2, 2)), mode="reflect")
            for wide, seen in zip(padded, batch.inputs[0].numpy(), strict=True):
                places = [
                    (y, x) for y in range(5) for x in range(5) if np.array_equal(wide[:, y:, x:][:, :6, :8], seen)
                ]
                assert len(places) == 1
                found.update(places)
    assert len(found) > 20


def test_a_crop_wider_than_the_picture_still_gives_its_pixels() -> None:
    given = rows(4, (2, 2))
    for batch in Augmented(given, Augmentation(crop=9)).shuffled(4, seed=0, epoch=0):
        for row, seen in zip(batch.target, batch.inputs[0], strict=True):
            assert set(seen.flatten().tolist()) <= set(given.all.inputs[0][row].flatten().tolist())


def test_cutout_fills_a_square_with_the_mean_of_the_picture() -> None:
    given, areas = rows(40, (8, 8)), set()
    for batch in Augmented(given, Augmentation(cutout=4)).shuffled(10, seed=0, epoch=0):
        for before, after in zip(original(given, batch), batch.inputs[0].numpy(), strict=True):
            cut = (before != after).any(0)
            tall, wide = cut.any(1).sum(), cut.any(0).sum()
            assert cut.sum() == tall * wide
            assert 2 <= tall <= 4
            assert 2 <= wide <= 4
            areas.add(int(cut.sum()))
            mean = before.mean((1, 2))
            np.testing.assert_allclose(after[:, cut], np.repeat(mean[:, None], cut.sum(), 1), rtol=1e-5)
    assert 16 in areas


def test_colour_keeps_order_and_bounds_and_differs_between_pictures() -> None:
    given = rows(40, (8, 8), 1)
    gains = []
    for batch in Augmented(given, Augmentation(colour=0.2)).shuffled(40, seed=0, epoch=0):
        for before, after in zip(original(given, batch), batch.inputs[0].numpy(), strict=True):
            assert after.min() >= 0
            assert after.max() <= 255
            inside = (after > 0) & (after < 255)
            slope, shift = np.polyfit(before[inside], after[inside], 1)
            np.testing.assert_allclose(after[inside], slope * before[inside] + shift, atol=0.02)
            gains.append(slope)
    assert 0.79 < min(gains) < 0.9 < 1.1 < max(gains) < 1.21


def test_saturation_moves_colours_towards_grey_or_away() -> None:
    given = rows(40, (8, 8))
    batch = next(iter(Augmented(given, Augmentation(colour=0.3)).shuffled(40, seed=0, epoch=0)))
    before, after = original(given, batch), batch.inputs[0].numpy()
    inside = ((after > 1) & (after < 254)).all(1)
    ratios = []
    for one, two, where in zip(before, after, inside, strict=True):
        greys = [part.mean(0, keepdims=True) for part in (one, two)]
        light = np.polyfit(greys[0][0][where], greys[1][0][where], 1)[0]
        colour = np.polyfit((one - greys[0])[:, where].ravel(), (two - greys[1])[:, where].ravel(), 1)[0]
        ratios.append(colour / light)
    assert 0.69 < min(ratios) < 0.9 < 1.1 < max(ratios) < 1.31


EVERYTHING = Augmentation(flip=True, crop=2, colour=0.3, cutout=3)


def test_a_training_that_goes_on_sees_what_it_would_have_seen() -> None:
    source = Augmented(rows(), EVERYTHING)
    whole = list(source.shuffled(4, seed=5, epoch=3))
    rest = list(Augmented(rows(), EVERYTHING).shuffled(4, seed=5, epoch=3, skip=2))
    assert len(whole) == 5
    for one, two in zip(whole[2:], rest, strict=True):
        assert torch.equal(one.inputs[0], two.inputs[0])
        assert torch.equal(one.target, two.target)


def test_seed_and_epoch_decide_and_no_global_draw_is_used() -> None:
    source, state = Augmented(rows(), Augmentation(colour=0.3)), torch.get_rng_state()
    seen = {
        tuple(batch.inputs[0][batch.target == 3].flatten().tolist())
        for seed in (0, 1)
        for epoch in (0, 1)
        for batch in source.shuffled(20, seed=seed, epoch=epoch)
    }
    assert len(seen) == 4
    assert torch.equal(torch.get_rng_state(), state)


def test_an_order_of_its_own_decides_the_draws_too() -> None:
    source, order = Augmented(rows(), EVERYTHING), torch.arange(19, -1, -1)
    one, two = (list(source.along(order, 6)) for _ in range(2))
    assert [batch.target.tolist() for batch in one] == [
        list(range(19, 13, -1)),
        list(range(13, 7, -1)),
        *([list(range(7, 1, -1)), [1, 0]]),
    ]
    assert all(torch.equal(a.inputs[0], b.inputs[0]) for a, b in zip(one, two, strict=True))
    rest = list(source.along(order, 6, skip=3))
    assert torch.equal(rest[0].inputs[0], one[3].inputs[0])


def test_in_order_nothing_is_changed_and_large_pictures_come_in_small_batches() -> None:
    given = rows(70, (80, 90))
    batches = list(Augmented(given, EVERYTHING).in_order(8_192))
    assert [len(batch) for batch in batches] == [36, 34]
    assert torch.equal(torch.cat([batch.inputs[0] for batch in batches]), given.all.inputs[0].float())
    assert [len(batch) for batch in Augmented(given).in_order(30)] == [30, 30, 10]


def test_pictures_that_lie_in_the_other_order_are_the_same() -> None:
    given = rows()
    other = Resident([given.all.inputs[0].contiguous(), given.all.inputs[1]], given.all.target, given.all.weight)
    for one, two in zip(*(Augmented(g, EVERYTHING).shuffled(8, seed=0, epoch=0) for g in (given, other)), strict=True):
        assert torch.equal(one.inputs[0], two.inputs[0])


def test_on_the_device_that_it_is_on_it_is_itself() -> None:
    source = Augmented(rows(), EVERYTHING)
    assert source.to(torch.device("cpu")) is source
    there = source.to(torch.device("meta"))
    assert isinstance(there, Augmented)
    assert there.how == EVERYTHING


def test_settings_name_what_is_on_and_what_is_open_is_off() -> None:
    settings = {"flip": "auto", "crop": 2, "colour": "auto", "cutout": 4, "rate": 0.1}
    assert Augmentation.of(settings) == Augmentation(crop=2, cutout=4)
    assert Augmentation.of({}) == Augmentation()


def test_mixup_finds_floating_numbers_to_mix() -> None:
    batch = next(iter(Augmented(rows()).shuffled(8, seed=0, epoch=0)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        mixed = mix(batch, 0.4)
    between = mixed.share * mixed.own.inputs[0] + (1 - mixed.share) * mixed.partner.inputs[0]
    assert torch.equal(mixed.inputs[0], between)


@pytest.mark.parametrize("options", [{"mixup": 0.2}, {"curriculum": 0.8}, {"ema": 0.9}])
def test_a_training_takes_it_with_all_that_draws_on_rows(options: dict[str, float]) -> None:
    given = rows(40)
    source = Augmented(Resident([given.all.inputs[0]], given.all.target % 2), EVERYTHING)
    found = []
    for _ in range(2):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 2))
        Trainer(net, CrossEntropy(), Options(rate=1e-4, epochs=4, batch=16, **options), seed=2).fit(source, source)
        found.append(net[1].weight.detach())
    assert torch.equal(*found)
