"""`assay vectors`: neighbours on stdout, vectors in a file, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import assay
from tests.families.text_runs import bag_run, linear_run

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bag_run(tmp_path_factory.mktemp("texts") / "run").path


@pytest.fixture
def texts(made: Path, here: Path) -> Path:
    copytree(made, here / "texts")
    return Path("texts")


def test_neighbours_are_printed_a_line_for_each_word(typed: Command, texts: Path) -> None:
    result = typed("vectors", texts, "good", "BAD", "-n", "2")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    (near, cosine), _ = assay.load(texts).vectors().nearest("good", 2)
    assert [line.split(":")[0] for line in lines] == ["good", "BAD"]
    assert lines[0].startswith(f"good: {near} {cosine:.3f}, ")
    assert lines[0].count(",") == 1


def test_vectors_are_written_and_a_fit_can_begin_with_them(typed: Command, texts: Path) -> None:
    result = typed("vectors", texts, "-o", "vectors.txt")
    assert (result.exit_code, result.stdout) == (0, "")
    found = assay.load(texts).vectors()
    lines = Path("vectors.txt").read_text().splitlines()
    assert [line.split(" ")[0] for line in lines] == list(found.words)
    assert f"{len(found)} words of bag with {found.values.shape[1]} numbers each are in vectors.txt" in result.stderr


def test_json_has_all_of_it(typed: Command, texts: Path) -> None:
    given = json.loads(typed("vectors", texts, "good", "-n", "3", "-o", "v.txt", "--json").stdout)
    found = assay.load(texts).vectors()
    assert given["nearest"]["good"] == [{"word": word, "cosine": c} for word, c in found.nearest("good", 3)]
    assert (given["words"], given["width"], given["member"]) == (len(found), found.values.shape[1], "bag")
    assert given["out"] == "v.txt" and Path("v.txt").is_file()


def test_what_cannot_be_is_refused(refused: Command, texts: Path) -> None:
    refused("vectors", texts, says=("neither a word nor a file", "assay vectors texts good"))
    refused("vectors", texts, "goood", "-o", "v.txt", says="did you mean 'good'")
    refused("vectors", texts, "-o", texts, says="a folder stands at texts")
    linear_run(Path("plain"))
    refused("vectors", "plain", "good", says=("a run without word vectors", "bag"))
    refused("vectors", "nowhere", "good", says="nowhere")
