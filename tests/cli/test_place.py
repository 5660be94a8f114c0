"""Where runs go, and how a stopped fit is gone on with."""

from pathlib import Path

import pytest

from assay.cli._place import heat_picture_for, how_to_go_on, page_for, place_for
from assay.core.errors import OutputError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("mail.csv", "mail"),
        ("some/where/mail.csv.gz", "mail"),
        ("sqlite:///old/mail.db", "mail"),
        (".hidden", "data"),
        ("plain", "plain"),
    ],
)
def test_a_run_is_named_after_its_data(data: str, name: str) -> None:
    assert place_for(data, None, resume=False) == Path("runs") / name


def test_what_was_said_is_taken() -> None:
    assert place_for("mail.csv", Path("here"), resume=False) == Path("here")


def test_the_first_free_number() -> None:
    for name in ("mail", "mail-2"):
        (Path("runs") / name).mkdir(parents=True)
    assert place_for("mail.csv", None, resume=False) == Path("runs/mail-3")


def test_resuming_takes_the_last_that_did_not_finish() -> None:
    assert place_for("mail.csv", None, resume=True) == Path("runs/mail")
    Path("runs/mail/model").mkdir(parents=True)
    assert place_for("mail.csv", None, resume=True) == Path("runs/mail-2")
    Path("runs/mail-2").mkdir()
    assert place_for("mail.csv", None, resume=True) == Path("runs/mail-2")


def test_the_command_to_go_on_with_can_be_pasted() -> None:
    place = Path("my runs")
    place.mkdir()
    assert "repeat the command" in how_to_go_on("a b.csv", place, query=None)
    (place / "plan.toml").touch()
    said = how_to_go_on("a b.csv", place, query="select 1")
    assert said.endswith("assay fit 'a b.csv' --out 'my runs' --query 'select 1' --resume")


def test_a_page_is_named_after_its_data_and_takes_no_name_that_is_taken() -> None:
    assert page_for("some/mail.csv", None) == Path("mail-optimizers.html")
    for name in ("mail-optimizers", "mail-optimizers-2"):
        Path(f"{name}.html").touch()
    assert page_for("some/mail.csv", None) == Path("mail-optimizers-3.html")
    assert page_for("some/mail.csv", Path("mail-optimizers.html")) == Path("mail-optimizers.html")


def test_a_heat_map_takes_the_name_of_its_picture() -> None:
    assert heat_picture_for(Path("in/street.jpg"), None) == Path("street-heat.png")
    Path("street-heat.png").touch()
    assert heat_picture_for(Path("in/street.jpg"), None) == Path("street-heat-2.png")
    assert heat_picture_for(Path("in/street.jpg"), Path("own.PNG")) == Path("own.PNG")


def test_a_heat_map_is_a_png_file_and_not_its_own_picture() -> None:
    Path("street.png").touch()
    with pytest.raises(OutputError, match=r"the suffix '.jpg' of heat.jpg"):
        heat_picture_for(Path("street.png"), Path("heat.jpg"))
    with pytest.raises(OutputError, match=r"the picture itself, street\.png"):
        heat_picture_for(Path("street.png"), Path("./street.png"))
