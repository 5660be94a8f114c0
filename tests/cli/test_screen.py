"""What a person reads on the terminal."""

import io
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from rich.console import Console

import assay
from assay.cli._screen import Screen, _ending


def _screen(width: int = 100) -> tuple[Screen, io.StringIO]:
    stream = io.StringIO()
    return Screen(Console(file=stream, width=width)), stream


def _fitted(place: Path, classes: int, **asked: object) -> assay.Run:
    draw = np.random.default_rng(0)
    y = np.arange(40 * classes) % classes
    table = pl.DataFrame(
        {"x": (y + draw.normal(size=len(y)) / 3).round(2), "same": 1, "kind": [f"kind {c}" for c in y]}
    )
    return assay.fit(table, "kind", out=place, families=["linear"], folds=2, threads=1, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    return _fitted(tmp_path_factory.mktemp("three") / "my run", 3)


def test_a_fit_says_what_it_is_worth_in_one_line(three: assay.Run) -> None:
    screen, stream = _screen()
    screen.fitted(three, "data.csv")
    said = stream.getvalue()
    assert re.search(r"log loss [\d.]+ \([\d.]+ to [\d.]+ with 95% certainty\); accuracy [\d.]+%, the majority", said)
    assert "the majority class alone gives 33.3%" in said
    assert "120 rows, 3 classes" in said and "column 'same' is not used" in said


def test_the_next_commands_can_be_pasted(three: assay.Run) -> None:
    screen, stream = _screen()
    screen.fitted(three, "data.parquet")
    assert f"assay evaluate '{three.path}' TEST.parquet" in stream.getvalue()


def test_accuracy_is_not_said_twice(tmp_path: Path) -> None:
    screen, stream = _screen()
    screen.fitted(_fitted(tmp_path / "run", 2, metric="accuracy"), "data.csv")
    last = next(line for line in stream.getvalue().splitlines() if "certainty" in line)
    assert last.startswith("accuracy ") and last.count("accuracy") == 1 and last.count("%") >= 4


def test_every_class_has_a_line(three: assay.Run) -> None:
    screen, stream = _screen()
    screen.evaluated(three.evaluate(pl.DataFrame({"x": [0.0, 1.0, 2.0], "kind": ["kind 0", "kind 1", "kind 2"]})))
    assert stream.getvalue().count("said kind") == 3
    assert "3 rows" in stream.getvalue()


def test_many_classes_are_cut(tmp_path: Path) -> None:
    run = _fitted(tmp_path / "run", 12)
    screen, stream = _screen()
    screen.fitted(run, "data.csv")
    screen.evaluated(run.evaluate(pl.DataFrame({"x": [0.0], "kind": ["kind 0"]})))
    assert ", 4 more" in stream.getvalue() and "said kind" not in stream.getvalue()


def test_an_inspection_gives_reasons(three: assay.Run) -> None:
    screen, stream = _screen(width=140)
    screen.inspected(three)
    said = stream.getvalue()
    for part in (
        "always '1'",
        "best single model",
        "the most probable class is decided",
        "on disk: ",
        "seed 0",
        "1 thread",
    ):
        assert part in said


def test_a_threshold_is_told(tmp_path: Path) -> None:
    screen, stream = _screen()
    screen.inspected(_fitted(tmp_path / "run", 2, metric="f1"))
    assert "'kind 1' is decided from a probability of " in stream.getvalue()


def test_data_are_not_taken_for_markup(tmp_path: Path) -> None:
    table = pl.DataFrame({"[red]x[/red]": np.arange(40.0) ** 2, "kind": ["[b]a", "\x1b[31mb"] * 20})
    run = assay.fit(table, "kind", out=tmp_path / "run", families=["prior"], folds=2)
    screen, stream = _screen()
    screen.fitted(run, "data.csv")
    screen.inspected(run)
    screen.evaluated(run.evaluate(table))
    assert "[red]x[/red]" in stream.getvalue() and "[b]a" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_hints_name_files_like_the_one_that_was_learned_from() -> None:
    assert [_ending(name) for name in ("a.csv", "my.mails.jsonl", "b.conllu.gz", "folder")] == [
        ".csv",
        ".jsonl",
        ".conllu.gz",
        "",
    ]
