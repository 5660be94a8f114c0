"""Pictures through all floors: folders, archives and tables are fitted, scored, predicted and shown; and refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.fitting.run import RunFolder
from assay.report import _wrong
from assay.report._facts import gather

Command = Callable[..., Any]
QUICK = ("--target", "label", "--families", "prior", "--folds", "3", "--threads", "1", "--out", "run")
ADDED = ["prediction", "probability of cat", "probability of dog"]


@pytest.fixture
def pets(here: Path) -> Path:
    """A folder with 16 cats and 8 dogs of 8 by 8."""
    draw = np.random.default_rng(0)
    for number in range(24):
        place = here / "pets" / ("dog" if number % 3 == 0 else "cat")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 256, (8, 8, 3)).astype(np.uint8)).save(place / f"{number:02}.png")
    return Path("pets")


@pytest.fixture
def run(typed: Command, pets: Path) -> Path:
    result = typed("fit", pets, *QUICK)
    assert result.exit_code == 0, result.stderr
    return Path("run")


def test_a_folder_is_fitted_and_scored(typed: Command, run: Path, pets: Path) -> None:
    told = json.loads(typed("inspect", run, "--json").stdout)
    kinds = {column["name"]: (column["kind"], column["role"], column["reason"]) for column in told["columns"]}
    assert kinds["picture"] == ("picture", "feature", "colour pictures of 8 by 8")
    assert kinds["file"] == ("identifier", "dropped", "names of picture files")
    assert json.loads(typed("evaluate", run, pets, "--json").stdout)["metrics"]["accuracy"] == pytest.approx(2 / 3)


def test_files_and_predictions_are_written_and_never_pixels(typed: Command, run: Path, pets: Path) -> None:
    told = pl.read_csv(typed("predict", run, pets).stdout.encode())
    assert told.columns == ["file", "label", *ADDED]
    assert told["file"][0] == "cat/01.png"
    flat = typed("predict", run, pets / "cat", "-o", "out.parquet")
    assert flat.exit_code == 0, flat.stderr
    assert pl.read_parquet("out.parquet").columns == ["file", *ADDED]


def test_archives_and_tables_will_do_for_a_model_of_a_folder(typed: Command, run: Path, pets: Path) -> None:
    np.savez("new.npz", images=np.zeros((3, 28, 28), np.uint8))
    assert pl.read_csv(typed("predict", run, "new.npz").stdout.encode()).columns == ADDED
    pl.DataFrame({"n": [1, 2, 3], "picture": ["cat/01.png", "dog/00.png", None]}).write_csv(pets / "list.csv")
    result = typed("predict", run, pets / "list.csv")
    assert pl.read_csv(result.stdout.encode())["picture"].to_list() == ["cat/01.png", "dog/00.png", None]
    assert "1 picture is missing, taken as black" in result.stderr


def test_the_worst_are_kept_for_the_report_with_their_files(run: Path) -> None:
    section = _wrong.section(gather(RunFolder(run)))
    assert section is not None
    assert section.shown["gallery"]
    assert len(section.shown["cards"]) == 20
    assert section.shown["cards"][0]["values"] == [("file", "dog/00.png")]


def test_options_reach_the_plan_and_the_plan_says_them_again(typed: Command, pets: Path) -> None:
    paths = [f"{place.parent.name}/{place.name}" for place in sorted(pets.rglob("*.png"))]
    for path in paths:
        (pets / path).rename((pets / path).with_suffix(""))
    rows = {"photo": [path.removesuffix(".png") for path in paths], "label": [path[:3] for path in paths]}
    pl.DataFrame(rows).write_csv(pets / "list.csv")
    result = typed("fit", pets / "list.csv", *QUICK, "--picture", "photo", "--picture-size", "6")
    assert result.exit_code == 0, result.stderr
    again = typed("fit", pets / "list.csv", "--plan", "run/plan.toml", "--out", "again")
    assert again.exit_code == 0, again.stderr
    for place in ("run", "again"):
        column = json.loads(typed("inspect", place, "--json").stdout)["columns"][0]
        assert (column["kind"], column["reason"]) == ("picture", "colour pictures of 8 by 8, taken as 6 by 6")
    assert typed("predict", "run", pets / "list.csv").exit_code == 0


def test_a_broken_picture_is_named(refused: Command, typed: Command, run: Path, pets: Path) -> None:
    whole = (pets / "cat" / "04.png").read_bytes()
    (pets / "cat" / "04.png").write_bytes(whole[:90])
    (pets / "dog" / "03.png").write_bytes(b"")
    says = ("2 of 24 pictures", "row 3, cat/04.png", "row 18, dog/03.png (it is empty)", "--drop picture")
    refused("fit", pets, *QUICK[:-1], "other", says=says)
    refused("predict", run, pets, "-o", "out.csv", says=says)


@pytest.mark.parametrize(
    ("lost", "says"),
    [
        ("dog", ("one class only", "'cat' in all 16")),
        ("dog cat", ("with no picture in it", "those of each class in a folder of its own")),
    ],
)
def test_folders_that_cannot_be_learned_from(lost: str, says: tuple[str, ...], refused: Command, pets: Path) -> None:
    for name in lost.split():
        for file in (pets / name).iterdir():
            file.unlink()
    refused("fit", pets, *QUICK, says=says)


def test_other_words_for_pictures_are_refused(refused: Command, pets: Path) -> None:
    refused("fit", pets, *QUICK, "--picture-size", "2", says=("2 pixels", "from 4 to 1,024"))
    refused("fit", pets, *QUICK, "--picture", "label", says=("'label' named with --target and with --picture",))
    refused("fit", pets / "cat", *QUICK, says=("no column 'label'", "into a folder that has its name"))
