"""Heat maps: what a window scores within a picture is what it scores alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

import assay
from assay.api._heat_map import heat_map
from assay.core.arrays import Pixels
from assay.families._net_family import NetPredictor
from tests.api.heat_cases import PADDED, PLAIN, SIDE, fitted, large, table


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """A run whose net adds no border."""
    return assay.load(fitted(tmp_path_factory.mktemp("plain") / "run", {"pattern": PLAIN}))


@pytest.fixture(scope="module")
def padded(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """A run whose net adds a border."""
    return assay.load(fitted(tmp_path_factory.mktemp("padded") / "run", {"pattern": PADDED}))


def one_by_one(run: assay.Run, picture: Pixels, stride: int) -> np.ndarray:
    """What the run predicts for each window that is cut out."""
    tops, lefts = (range(0, side - SIDE + 1, stride) for side in picture.shape[:2])
    crops = np.stack([picture[top : top + SIDE, left : left + SIDE] for top in tops for left in lefts])
    outputs = run.predict_proba(pl.DataFrame({"picture": pl.Series(crops)}))
    return outputs.T.reshape(-1, len(tops), len(lefts))


def test_a_net_without_borders_slides(plain: assay.Run) -> None:
    picture = large()
    found = plain.heat_map(picture)
    assert (found.method, found.member, found.window) == ("convolution", "own", (8, 8))
    assert (found.places[0].tolist(), found.places[1].tolist()) == ([*range(0, 14, 2)], [*range(0, 19, 2)])
    np.testing.assert_allclose(found.scores, one_by_one(plain, picture, 2), rtol=0, atol=1e-5)


def test_it_finds_what_it_has_learned(plain: assay.Run) -> None:
    found = plain.heat_map(large())
    score, top, left = found.highest("standing")
    assert score > 0.6 and 6 <= top <= 13 and 13 <= left <= 20
    assert found.of("lying")[0, 0] > 0.6
    assert found.strongest in found.classes == ("lying", "standing")


@pytest.mark.parametrize(("stride", "method"), [(1, "windows"), (2, "convolution"), (3, "windows"), (6, "convolution")])
def test_a_stride_of_ones_own(plain: assay.Run, stride: int, method: str) -> None:
    picture = large()
    found = plain.heat_map(picture, stride)
    assert found.method == method
    assert ("no multiple of the net's 2 by 2" in found.reason) == (method == "windows")
    np.testing.assert_allclose(found.scores, one_by_one(plain, picture, stride), rtol=0, atol=1e-5)


def test_a_net_with_borders_scores_windows_one_by_one_and_says_so(padded: assay.Run) -> None:
    picture = large()
    found = padded.heat_map(picture)
    assert found.method == "windows" and "add a border of zeros around what they see (body.net.conv1)" in found.reason
    np.testing.assert_allclose(found.scores, one_by_one(padded, picture, 2), rtol=0, atol=1e-6)


def test_strips_make_no_difference(plain: assay.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = plain.heat_map(large())
    monkeypatch.setattr("assay.api._heat_map._PIXELS_AT_ONCE", 26 * 11)
    np.testing.assert_allclose(plain.heat_map(large()).scores, whole.scores, rtol=0, atol=1e-6)
    monkeypatch.setattr("assay.api._heat_map._PIXELS_AT_ONCE", 1)
    np.testing.assert_allclose(plain.heat_map(large()).scores, whole.scores, rtol=0, atol=1e-6)


def test_batches_of_windows_make_no_difference(padded: assay.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = padded.heat_map(large())
    monkeypatch.setattr("assay.api._heat_map._WINDOWS_AT_ONCE", 7)
    np.testing.assert_allclose(padded.heat_map(large()).scores, whole.scores, rtol=0, atol=1e-6)


def test_a_picture_of_the_size_of_training_has_one_window(plain: assay.Run) -> None:
    picture = table()["picture"].to_numpy()[3]
    found = plain.heat_map(picture)
    assert found.scores.shape == (2, 1, 1)
    np.testing.assert_allclose(found.scores, one_by_one(plain, picture, 2), rtol=0, atol=1e-5)


def test_a_file_an_array_and_a_colour_picture_are_read_alike(plain: assay.Run, tmp_path: Path) -> None:
    picture = large()
    Image.fromarray(picture[:, :, 0]).save(tmp_path / "grey.png")
    Image.fromarray(picture.repeat(3, axis=2)).save(tmp_path / "colour.png")
    wanted = plain.heat_map(picture).scores
    for given in (tmp_path / "grey.png", str(tmp_path / "colour.png"), picture[:, :, 0], picture[:, :, 0] / 255.0):
        np.testing.assert_allclose(plain.heat_map(given).scores, wanted, rtol=0, atol=1e-6)


def test_a_large_file_keeps_its_size(plain: assay.Run, tmp_path: Path) -> None:
    Image.fromarray(large(90, 120)[:, :, 0]).save(tmp_path / "large.png")
    assert plain.heat_map(tmp_path / "large.png").picture.shape == (90, 120, 1)


def test_other_nets_that_see_pictures(tmp_path: Path) -> None:
    run = assay.load(fitted(tmp_path / "run", {"widths": [8], "epochs": 1}, family="cnn"))
    found = run.heat_map(large(12, 14))
    assert found.method == "windows" and "the net cannot slide: a layer of the kind Fast" in found.reason
    np.testing.assert_allclose(found.scores, one_by_one(run, large(12, 14), 2), rtol=0, atol=1e-6)


def test_labels_are_seen_each_by_itself(tmp_path: Path) -> None:
    bars = [[bar, "bar"] for bar in table()["label"]]
    given = table().with_columns(label=pl.Series([*bars[:-4], [], [], [], []]))
    run = assay.load(fitted(tmp_path / "run", {"pattern": PLAIN}, given, task="multilabel"))
    found = run.heat_map(large())
    assert (found.method, found.classes) == ("convolution", ("bar", "lying", "standing"))
    np.testing.assert_allclose(found.scores, one_by_one(run, large(), 2), rtol=0, atol=1e-5)
    assert found.highest("bar")[0] + found.highest("standing")[0] > 1.2


def test_numbers_have_no_heat_map(tmp_path: Path) -> None:
    given = table().with_columns(label=pl.Series(np.linspace(0, 1, 60)))
    run = assay.load(fitted(tmp_path / "run", {"pattern": PLAIN}, given, task="regression"))
    with pytest.raises(assay.PlanError, match=r"a run that predicts numbers[\s\S]*a class or labels as the target"):
        run.heat_map(large())


def test_it_is_saved_as_a_picture(plain: assay.Run, tmp_path: Path) -> None:
    place = plain.heat_map(large()).save(tmp_path / "heat.png", "lying")
    with Image.open(place) as image:
        assert image.format == "PNG" and image.width > 400
    with pytest.raises(assay.PlanError, match=r"no class 'lyng'[\s\S]*did you mean 'lying'"):
        plain.heat_map(large()).save(tmp_path / "none.png", "lyng")
    assert not (tmp_path / "none.png").exists()


def test_pictures_that_cannot_be_read(plain: assay.Run, tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("no picture")
    bad = {
        tmp_path / "none.png": r"no picture at .*none.png \(No such file",
        tmp_path / "words.png": r"not read as a picture: .*words.png \(it is no picture\)",
    }
    for path, says in bad.items():
        with pytest.raises(assay.DataError, match=says):
            plain.heat_map(path)
    with pytest.raises(assay.DataError, match=r"a picture of 30 by 7 pixels[\s\S]*8 by 8 or more"):
        plain.heat_map(large(7, 30))
    with pytest.raises(assay.DataError, match=r"an array of the shape \(2, 9, 9, 1\)"):
        plain.heat_map(np.zeros((2, 9, 9, 1)))
    with pytest.raises(assay.DataError, match="a picture of 2 channels"):
        plain.heat_map(np.zeros((9, 9, 2)))
    with pytest.raises(assay.PlanError, match="stride = 0"):
        plain.heat_map(large(), 0)


def test_runs_without_a_net_that_sees_pictures(tmp_path: Path) -> None:
    given = table().with_columns(width=pl.Series(np.arange(60.0)))
    run = assay.fit(given, "label", families=["linear"], folds=2, threads=1)
    with pytest.raises(assay.PlanError, match=r"without a net that sees pictures: its model is made of (prior|linear)"):
        run.heat_map(large())


def test_a_net_that_also_reads_other_columns(plain: assay.Run) -> None:
    member = plain.model.members[0]
    net = member.parts[0][1]
    assert isinstance(net, NetPredictor)
    wider = NetPredictor(net.family, {**net.facts, "columns": 1}, net.weights)
    model = replace(plain.model, members=(replace(member, parts=((0, wider),)),))
    with pytest.raises(assay.PlanError, match=r"the net 'own', which reads picture[\s\S]*left out by --drop"):
        heat_map(model, large())


def test_the_net_that_counts_most_is_asked(plain: assay.Run, padded: assay.Run) -> None:
    light, heavy = replace(plain.model.members[0], weight=0.3), replace(padded.model.members[0], weight=0.7, name="b")
    found = heat_map(replace(plain.model, members=(light, heavy)), large())
    assert (found.member, found.method) == ("b", "windows")
