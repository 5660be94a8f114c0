"""`assay heat-map`: what it prints, where it writes, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from PIL import Image

from tests.api.heat_cases import PLAIN, fitted, large

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def fitted_net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of a net that sees pictures."""
    return fitted(tmp_path_factory.mktemp("net") / "run", {"pattern": PLAIN})


@pytest.fixture
def net(fitted_net: Path, here: Path) -> Path:
    """The same, of one's own, with a picture beside it."""
    copytree(fitted_net, here / "net")
    Image.fromarray(large()[:, :, 0]).save(here / "bars.png")
    return Path("net")


def test_the_picture_is_written(typed: Command, net: Path) -> None:
    result = typed("heat-map", net, "bars.png", "-o", "new/heat.png", "--class", "standing")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert "The class shown is standing; its highest probability is " in result.stderr
    assert "Scored by convolution with own: no layer before" in result.stderr
    assert "The picture is in new/heat.png." in result.stderr
    with Image.open("new/heat.png") as image:
        assert image.format == "PNG"


def test_without_a_place_it_goes_beside_others(typed: Command, net: Path) -> None:
    for name in ("bars-heat.png", "bars-heat-2.png"):
        assert f"The picture is in {name}." in typed("heat-map", net, "bars.png").stderr
        assert Path(name).is_file()


def test_json(typed: Command, net: Path) -> None:
    result = typed("heat-map", net, "bars.png", "--json", "--class", "lying")
    told = json.loads(result.stdout)
    assert (told["out"], told["method"], told["member"], told["class"]) == (None, "convolution", "own", "lying")
    assert told["window"] == {"height": 8, "width": 8}
    assert (told["top"], told["left"]) == ([*range(0, 14, 2)], [*range(0, 19, 2)])
    assert (len(told["scores"]), len(told["scores"][0])) == (7, 10)
    best = told["highest"]["lying"]
    assert best["score"] == told["scores"][best["top"] // 2][best["left"] // 2] == max(map(max, told["scores"]))
    assert not list(Path().glob("*-heat.png"))


def test_json_with_a_stride_of_ones_own_and_a_place(typed: Command, net: Path) -> None:
    told = json.loads(typed("heat-map", net, "bars.png", "--json", "--stride", "3", "-o", "heat.png").stdout)
    assert (told["method"], told["out"], told["top"]) == ("windows", "heat.png", [0, 3, 6, 9, 12])
    assert "no multiple" in told["reason"] and Path("heat.png").is_file()


def test_what_is_refused(refused: Command, net: Path, run: Path) -> None:
    refused("heat-map", net, "bars.png", "-o", "heat.jpg", says=("'.jpg'", ".png"))
    refused("heat-map", net, "bars.png", "-o", "bars.png", says="the picture itself")
    refused("heat-map", net, "none.png", "-o", "heat.png", says="no picture at none.png")
    refused("heat-map", net, "bars.png", "--class", "stnding", says="did you mean 'standing'")
    refused("heat-map", run, "bars.png", says="a run without a net that sees pictures")
    refused("heat-map", "bars.png", "bars.png", says="a file, not a folder")
