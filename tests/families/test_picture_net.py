"""What nets of pictures share."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from assay.core.errors import PlanError
from assay.data.schema import Column, Kind, Role, Schema
from assay.families import _picture_net
from assay.families._augmenting import OFF, Found
from assay.families._base import Learning, Surroundings
from assay.families._picture_net import PICTURE_TRAINING, PictureFamily
from assay.families.lenet import Lenet
from assay.nn.pictures.standardise import Standardise
from assay.nn.pictures.views import Viewed
from assay.tasks.binary import Binary
from tests.families.pictures import digits, hooks, learning, matrix

TASK = Binary.from_target(pl.Series("label", ["no", "yes"]))
PIXELS, Y = hooks(160)


class Plain(PictureFamily):
    """Nothing but a head on all pixels."""

    name = "plain"
    title = "Plain"
    defaults = MappingProxyType({**PICTURE_TRAINING, "drop_prob": 0.0, "epochs": 2})
    of_net = ("drop_prob",)

    def net(self, facts: Any) -> torch.nn.Module:
        height, width, channels = facts["shape"]
        return self.headed(torch.nn.Flatten(), height * width * channels, facts)


def schema(*shapes: tuple[int, ...], **others: Kind) -> Schema:
    pictures = [Column(f"p{number}", Kind.PICTURE, Role.FEATURE, "", shape) for number, shape in enumerate(shapes)]
    return Schema((*pictures, *(Column(name, kind, Role.FEATURE, "") for name, kind in others.items())))


def facts(settings: dict[str, Any] | None = None, **columns: Any) -> dict[str, Any]:
    return Plain().facts({**Plain.defaults, **(settings or {})}, matrix(PIXELS, **columns))


def test_it_says_which_tables_it_cannot_serve() -> None:
    family = Plain()
    assert family.unfit_for(schema(a=Kind.NUMERIC), TASK, 500) == "there is no column of pictures"
    assert family.unfit_for(schema((8, 8, 1), (8, 9, 1)), TASK, 500) == (
        "the columns of pictures are of different sizes"
    )
    assert family.unfit_for(schema((8, 8, 1), (8, 8, 3)), TASK, 49) == "a net needs 50 rows or more"
    assert family.unfit_for(schema((8, 8, 1), (8, 8, 3)), TASK, 50) is None
    assert "cnn" in str(family.left_out(schema((8, 8, 1)), TASK, 500))


def test_it_reads_pixels_and_what_stands_beside_them() -> None:
    names = [name for name, _ in Plain().recipe(schema((8, 8, 1)), TASK, Plain.defaults).encoders]
    assert names == ["pictures"]
    wide = schema((8, 8, 1), a=Kind.NUMERIC, b=Kind.CATEGORICAL, c=Kind.DATETIME, d=Kind.TEXT)
    names = [name for name, _ in Plain().recipe(wide, TASK, Plain.defaults).encoders]
    assert names == ["pictures", "robust", "onehot", "calendar"]


def test_facts_are_sizes_views_and_the_settings_of_the_net() -> None:
    assert facts() == {"drop_prob": 0.0, "shape": [10, 10, 1], "columns": 0, "views": [0, 0]}
    assert facts(dense := None or {}, columns=np.zeros((160, 3), np.float32)) == {**facts(dense), "columns": 3}


@pytest.mark.parametrize(
    ("settings", "views"),
    [
        ({"flip": True, "crop": 3, "views": False}, [0, 0]),
        ({"flip": True, "crop": 3, "views": True}, [1, 1]),
        ({"flip": False, "crop": 1, "views": True}, [0, 1]),
        ({"flip": True, "crop": 0, "views": True}, [1, 0]),
        ({"views": True}, [0, 0]),
    ],
)
def test_views_are_of_what_was_learned(settings: dict[str, Any], views: list[int]) -> None:
    found = facts(settings)
    assert found["views"] == views
    net = Plain().net({**found, "outputs": 2})
    assert isinstance(net, Viewed)
    assert (net.mirror, net.shift) == (bool(views[0]), views[1])


def test_inputs_are_pixels_with_channels_innermost_and_not_copied() -> None:
    pixels = np.ascontiguousarray(PIXELS)
    (given,) = Plain().inputs(matrix(pixels), {})
    assert given.dtype == torch.uint8
    assert given.shape == (160, 1, 10, 10)
    assert given.data_ptr() == pixels.ctypes.data
    columns = np.random.default_rng(0).random((160, 2)).astype(np.float32)
    _, other = Plain().inputs(matrix(pixels, columns), {})
    np.testing.assert_array_equal(other.numpy(), columns)


def test_a_table_without_pictures_is_refused() -> None:
    given = replace(matrix(PIXELS), pictures=None)
    with pytest.raises(PlanError, match=r"(?s)a table without pictures.*--picture"):
        Plain().inputs(given, {})


def test_pixels_are_scaled_by_those_of_the_training_rows() -> None:
    net, given = Plain().net({**facts(), "outputs": 2}), learning(PIXELS, Y)
    Plain().before(net, given, Plain().inputs(given.train, {}), Plain.defaults)
    (scale,) = (module for module in net.modules() if isinstance(module, Standardise))
    assert scale.mean.item() == pytest.approx(float(given.train.pictures.mean()), rel=1e-5)  # type: ignore[union-attr]
    assert scale.spread.item() == pytest.approx(float(given.train.pictures.std()), rel=1e-5)  # type: ignore[union-attr]


def test_predictions_are_a_mean_over_views() -> None:
    given = learning(PIXELS, Y)
    on = {**Plain.defaults, **OFF, "flip": True, "crop": 1}
    plain, viewed = (Plain().fit(given, {**on, "views": views}).predictor for views in (False, True))
    weights = plain.state()["weights"]
    assert all(np.array_equal(weights[name], values) for name, values in viewed.state()["weights"].items())
    seen = [one.predict(given.valid) for one in (plain, viewed)]
    assert not np.allclose(*seen)
    mirrored = viewed.predict(matrix(given.valid.pictures[:, :, ::-1]))  # type: ignore[index]
    np.testing.assert_allclose(mirrored, seen[1], atol=0.02)  # moved the same way, not mirrored: nearly the same
    np.testing.assert_array_equal(viewed.predict(given.valid), seen[1])


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"flip": 1}, "flip = 1 .*Expected: .auto. or true or false"),
        ({"crop": 1.5}, r"crop = 1.5 .*'auto' or a whole number from 0"),
        ({"colour": 2}, "colour = 2 .*a number from 0 to 1"),
        ({"cutout": "big"}, "cutout = 'big'"),
        ({"mixup": -1.0}, "mixup = -1.0"),
        ({"views": "auto"}, "views = 'auto'"),
        ({"rate": -1.0}, "rate = -1.0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings: dict[str, Any], found: str) -> None:
    with pytest.raises(PlanError, match=f"(?s){found}"):
        Plain().check(settings)


def test_settings_that_can_be_are_taken() -> None:
    Plain().check({})
    Plain().check({"flip": True, "crop": 2, "colour": 0.5, "cutout": 4, "mixup": 0.2, "views": True, "epochs": 3})
    Plain().check(dict(Plain.defaults))


def within(folder: Path) -> Learning:
    return replace(learning(PIXELS, Y), surroundings=Surroundings(scratch=folder / "training"))


def test_what_was_found_is_fixed_told_and_not_found_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[int] = []

    def find(*given: Any) -> Found:
        calls.append(1)
        return Found({**OFF, "flip": True}, {"augmentation": "flips kept"})

    monkeypatch.setattr(_picture_net, "find", find)
    given = within(tmp_path)
    fitted = Plain().fit(given, Plain.defaults)
    assert {key: fitted.fixed[key] for key in OFF} == {**OFF, "flip": True}
    assert fitted.notes["augmentation"] == "flips kept"
    again = Plain().fit(given, Plain.defaults)  # a process that goes on
    assert len(calls) == 1
    assert again.fixed == fitted.fixed


def test_with_what_was_fixed_the_same_weights_come_again() -> None:
    on = {"flip": True, "crop": 1, "colour": 0.1, "cutout": 2, "mixup": 0.2}
    given = learning(PIXELS, Y)
    one = Plain().fit(given, {**Plain.defaults, **on})
    two = Plain().fit(given, {**Plain.defaults, **on, **one.fixed})
    off = Plain().fit(given, {**Plain.defaults, **OFF})
    same = [
        np.array_equal(one.predictor.state()["weights"][name], w)
        for name, w in two.predictor.state()["weights"].items()
    ]
    assert all(same)
    assert not np.array_equal(off.predictor.predict(given.valid), one.predictor.predict(given.valid))


def test_the_first_member_learns_with_all_of_it() -> None:
    pictures, y = digits()
    given = learning(pictures[:500], y[:500])
    settings = {**Lenet.defaults, **OFF, "crop": 1, "views": True, "epochs": 12, "batch": 32, "rate": 0.005}
    outputs = Lenet().fit(given, settings).predictor.predict(given.valid)
    assert (outputs.argmax(1) == given.valid_y).mean() > 0.75
