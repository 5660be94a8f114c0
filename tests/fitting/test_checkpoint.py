"""What a fit leaves as it goes."""

from pathlib import Path

import numpy as np

from assay.families.prior import Prior, PriorPredictor
from assay.fitting.checkpoint import Checkpoint, Unit

UNIT = Unit(
    predictor=PriorPredictor(np.array([0.25, 0.75])),
    fixed={"rounds": 3},
    notes={"stopped": "clock"},
    valid=np.full((2, 2), 0.5, np.float32),
    train=np.full((4, 2), 0.5, np.float32),
    seconds=1.5,
)


def test_a_unit_comes_back(tmp_path: Path) -> None:
    Checkpoint(tmp_path).save("prior", 1, UNIT, spent=7.0)
    found = Checkpoint(tmp_path).load("prior", 1, Prior)
    assert found is not None
    assert (found.fixed, found.notes, found.seconds) == (UNIT.fixed, UNIT.notes, UNIT.seconds)
    assert np.array_equal(found.valid, UNIT.valid)
    assert Checkpoint(tmp_path).spent == 7.0


def test_a_unit_that_is_not_there_or_not_whole_is_fitted_again(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path)
    assert checkpoint.load("prior", 0, Prior) is None
    checkpoint.save("prior", 0, UNIT, spent=1.0)
    arrays = next(tmp_path.rglob("arrays.safetensors"))
    arrays.write_bytes(arrays.read_bytes()[:-1])
    assert checkpoint.load("prior", 0, Prior) is None


def test_what_was_given_up_stays_given_up(tmp_path: Path) -> None:
    Checkpoint(tmp_path).give_up("boosted-2", "no time was left", spent=58.0)
    again = Checkpoint(tmp_path)
    assert again.given_up("boosted-2") == "no time was left"
    assert again.given_up("boosted") is None
    assert again.spent == 58.0


def test_removed_when_the_fit_is_done(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint")
    checkpoint.save("prior", 0, UNIT, spent=1.0)
    checkpoint.remove()
    assert not (tmp_path / "checkpoint").exists()
