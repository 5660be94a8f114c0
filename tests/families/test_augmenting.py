"""Which augmentations are kept, and what is said of it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.families import _trials
from assay.families._augmenting import LIMITS, OFF, Found, find, suggested
from assay.families.cnn import Cnn
from tests.families.pictures import digits, hooks, learning

OPEN = dict.fromkeys(OFF, "auto")


@dataclass
class Told:
    """Trials whose losses are told, by the augmentations that are on."""

    losses: dict[tuple[str, ...], float]
    error: float = 0.01
    most: int = 5
    size: tuple[int, int] = (32, 32)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def compare(self, without: dict[str, Any], with_it: dict[str, Any]) -> tuple[float, float, tuple[float, float]]:
        self.asked.append(with_it)
        before, after = (
            self.losses.get(tuple(key for key in OFF if how[key] != OFF[key]), 9.0) for how in (without, with_it)
        )
        return before - after, self.error, (before, after)


def found(monkeypatch: pytest.MonkeyPatch, told: Told | None, settings: dict[str, Any] = OPEN) -> Found:
    monkeypatch.setattr(_trials, "trials", lambda *given: told)
    return find(learning(*hooks()), settings, ())


def test_each_is_tried_beside_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(
        {(): 1.0, ("flip",): 0.8, ("flip", "crop"): 0.9, ("flip", "cutout"): 0.7, ("flip", "cutout", "mixup"): 0.6}
    )
    given = found(monkeypatch, told)
    assert given.settings == {"flip": True, "crop": 0, "cutout": 8, "colour": 0.0, "mixup": 0.2}
    assert given.notes["augmentation"] == (
        "flips kept: loss 0.8 with, 1 without; crops of 2 left out: loss 0.9 with, 0.8 without; "
        "cutout of 8 kept: loss 0.7 with, 0.8 without; "
        "changes of colour of 0.2 left out: loss 9 with, 0.7 without; "
        "mixup of 0.2 kept: loss 0.6 with, 0.7 without"
    )
    assert [sorted(key for key in OFF if how[key] != OFF[key]) for how in told.asked[:3]] == [
        ["flip"],
        ["crop", "flip"],
        ["cutout", "flip"],
    ]


@pytest.mark.parametrize(("after", "error", "kept"), [(0.9, 0.05, True), (0.9, 0.11, False), (0.996, 0.001, False)])
def test_a_gain_within_noise_or_a_hair_is_none(
    monkeypatch: pytest.MonkeyPatch, after: float, error: float, kept: bool
) -> None:
    told = Told({(): 1.0, ("flip",): after}, error=error)
    assert found(monkeypatch, told, {**OFF, "flip": "auto"}).settings == {"flip": kept}


def test_what_a_person_set_is_in_all_trials_and_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told({("crop",): 1.0, ("flip", "crop"): 0.5})
    given = found(monkeypatch, told, {**OFF, "flip": "auto", "crop": 4})
    assert given.settings == {"flip": True}
    assert told.asked == [{**OFF, "flip": True, "crop": 4}]


def test_what_there_is_no_time_for_is_off_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    given = found(monkeypatch, Told({(): 1.0, ("flip",): 0.5}, most=1))
    assert given.settings == {**OFF, "flip": True}
    assert "crops not tried for want of time; cutout not tried" in given.notes["augmentation"]
    assert found(monkeypatch, None) == Found(
        dict(OFF), {"augmentation": "none: there was no time to find out what helps"}
    )


def test_nothing_open_needs_no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, None, dict(OFF)) == Found()


def test_few_pictures_cannot_tell() -> None:
    given = find(learning(*hooks(300)), OPEN, ())
    assert given.settings == OFF
    assert given.notes["augmentation"] == "none: 200 pictures are too few to find out what helps"


@pytest.mark.parametrize(("data", "kept"), [(digits, False), (hooks, True)])
def test_flips_hurt_digits_and_help_where_the_side_says_nothing(
    monkeypatch: pytest.MonkeyPatch, data: Any, kept: bool
) -> None:
    monkeypatch.setattr(_trials, "_EPOCHS", 12)
    pictures, y = data()
    given = learning(pictures[:560], y[:560])
    inputs = Cnn().inputs(given.train, {})
    before = np.random.default_rng(0).random()
    result = find(given, {**OFF, "flip": "auto"}, inputs)
    assert result.settings == {"flip": kept}, result.notes
    assert ("kept" if kept else "left out") in result.notes["augmentation"]
    assert before == np.random.default_rng(0).random()


def test_what_was_found_is_read_back_or_found_anew(tmp_path: Path) -> None:
    given, file = Found({"flip": True, "widths": [8, 16]}, {"augmentation": "flips kept"}), tmp_path / "found.json"
    given.write(file)
    assert Found.read(file) == given
    file.write_text("{")
    assert Found.read(file) is Found.read(tmp_path / "none") is Found.read(None) is None
    file.write_text('{"other": 1}')
    assert Found.read(file) is None


@pytest.mark.parametrize("side", [1, 8, 28, 32, 224])
def test_what_is_tried_is_what_can_be_set(side: int) -> None:
    for key, limit in LIMITS.items():
        assert limit.holds(suggested(key, (side, side + 3)))
        assert limit.holds(OFF[key])
    assert [suggested("crop", (side, 99)) for side in (8, 28, 32, 64)] == [1, 2, 2, 4]
    assert suggested("cutout", (40, 32)) == 8
