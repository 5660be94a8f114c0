"""How rows come to a net, and what its epochs are scored by."""

import pytest
import torch

from assay.families import _ways
from assay.families._links import Sigmoids, Softmax, Tags
from assay.families._ways import AsPictures, AsTheyAre, InBuckets, InSequences
from assay.training.augment import Augmentation, Augmented
from assay.training.batches import Resident
from assay.training.bucketed import Bucketed


def pictures(n: int) -> Resident:
    return Resident([torch.zeros(n, 1, 4, 4, dtype=torch.uint8)], torch.arange(n) % 3)


def test_rows_of_tables_come_as_they_are() -> None:
    rows, way = pictures(30), AsTheyAre()
    assert way.learned(rows, {}) is way.scored(rows, {}) is rows
    assert way.measure(rows, Softmax()).name == "cross_entropy"


def test_texts_come_in_buckets() -> None:
    rows = Resident([torch.tensor([[4, 0, 0], [4, 5, 6]])], torch.tensor([0, 1]))
    assert isinstance(InBuckets().learned(rows, {}), Bucketed)
    assert InBuckets().scored(rows, {}).costliest_first.inputs[0].tolist() == [[4, 5, 6], [4, 0, 0]]


def test_steps_come_in_sequences() -> None:
    steps, way = Resident([torch.zeros(5, 2)], torch.tensor([[0, 7], [1, 7], [1, 7], [0, 8], [1, 8]])), InSequences()
    (batch,) = way.learned(steps, {}).in_order(9)
    assert batch.target.tolist() == [[0, 1, 1], [0, 1, -1]]
    assert (way.rows_in(batch), AsTheyAre().rows_in(batch)) == (5, 2)
    assert way.measure(steps, Tags()).name == "chain"


def test_pictures_are_augmented_as_the_settings_say() -> None:
    rows = AsPictures().learned(pictures(30), {"flip": True, "crop": 2})
    assert isinstance(rows, Augmented)
    assert rows.how == Augmentation(flip=True, crop=2)


def test_pictures_are_scored_on_some_rows_from_first_to_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ways, "_SCORED", 60)
    rows, way = pictures(80), AsPictures()
    scored = way.scored(rows, {})
    assert torch.equal(scored.all.target, rows.all.target[torch.arange(60) * 80 // 60])
    assert len(way.scored(pictures(50), {})) == 50


def test_a_temperature_is_left_to_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ways, "_MANY", 50)
    assert AsPictures().measure(pictures(50), Softmax()).name == "tempered"
    assert AsPictures().measure(pictures(49), Softmax()).name == "cross_entropy"
    assert AsPictures().measure(pictures(50), Sigmoids()).name == "bce"
