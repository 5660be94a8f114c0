"""Sequences on the command line: CoNLL in, scores of spans, CoNLL or JSON Lines out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Typed = Callable[..., Any]
TOWNS = ("rome", "oslo", "bern", "lima")


@pytest.fixture
def trips(here: Path) -> Path:
    """Sentences in which a town is tagged by what stands before it."""
    draw = np.random.default_rng(0)
    lines = []
    for _ in range(120):
        first, second = draw.choice(TOWNS, 2)
        lines += ["fly\tO", "from\tO", f"{first}\tB-from", "city\tI-from", "to\tO", f"{second}\tB-to", ""]
    path = here / "trips.conll"
    path.write_text("\n".join(lines))
    return path


def test_a_conll_file_needs_no_target(typed: Typed, trips: Path, here: Path) -> None:
    result = typed("fit", trips, "--task", "tagging", "--out", "run", "--families", "crf", "--folds", "2", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["task"], told["metric"], told["rows"]) == ("tagging", "span_f1", 720)
    assert told["score"] > 0.99
    found = json.loads(typed("evaluate", "run", trips, "--json").stdout)
    assert {"span_f1", "token_accuracy", "sequence_accuracy"} <= set(found["metrics"])
    assert [span["name"] for span in found["spans"]] == ["from", "to"]

    (here / "new.conll").write_text("fly\t_\nto\t_\nlima\t_\n\nfrom\t_\nrome\t_\ncity\t_\n")
    assert typed("predict", "run", "new.conll", "-o", "out.conll").exit_code == 0
    assert (here / "out.conll").read_text().split("\n") == [
        "fly\t_\tO", "to\t_\tO", "lima\t_\tB-to", "", "from\t_\tO", "rome\t_\tB-from", "city\t_\tI-from", "", ""
    ]  # fmt: skip
    assert typed("predict", "run", "new.conll", "-o", "out.jsonl").exit_code == 0
    first, second = map(json.loads, (here / "out.jsonl").read_text().splitlines())
    assert (first["token"], first["prediction"]) == (["fly", "to", "lima"], ["O", "O", "B-to"])
    assert second["prediction"] == ["O", "B-from", "I-from"]
    rows = json.loads(typed("predict", "run", "new.conll", "--json").stdout)["predictions"]
    assert rows[2]["prediction"] == "B-to"
    assert 0.5 < rows[2]["probability"] <= 1
    assert typed("inspect", "run").exit_code == 0
    assert typed("report", "run").exit_code == 0


def test_lists_of_tokens_and_tags_are_sequences(typed: Typed, here: Path) -> None:
    lines = [{"tokens": ["to", town], "tags": ["O", "B-to"]} for town in TOWNS * 10]
    (here / "trips.jsonl").write_text("\n".join(map(json.dumps, lines)))
    words = ("--task", "tagging", "--out", "run", "--families", "crf", "--folds", "2", "--json")
    told = json.loads(typed("fit", "trips.jsonl", *words).stdout)
    assert (told["rows"], told["metric"]) == (80, "span_f1")
    (here / "one.jsonl").write_text(json.dumps({"tokens": ["to", "lima"]}))
    rows = json.loads(typed("predict", "run", "one.jsonl", "--json").stdout)["predictions"]
    assert [row["prediction"] for row in rows] == ["O", "B-to"]


def test_lists_of_different_lengths_are_told(typed: Typed, here: Path) -> None:
    (here / "bad.jsonl").write_text(json.dumps({"tokens": ["to", "lima"], "tags": ["O"]}))
    result = typed("fit", "bad.jsonl", "--task", "tagging")
    assert result.exit_code == 2
    assert "lists of different lengths in row 1 (tokens: 2, tags: 1)" in result.stderr


def test_steps_of_a_sequence_stand_together(typed: Typed, here: Path) -> None:
    (here / "steps.csv").write_text("id,word,tag\n" + "".join(f"{n % 2},w{n},{'ab'[n % 2]}\n" for n in range(20)))
    result = typed("fit", "steps.csv", "--task", "tagging", "--sequence", "id", "--target", "tag")
    assert result.exit_code == 2
    assert "one begins again in row 3" in result.stderr


def test_conll_is_for_steps(typed: Typed, mail: Path) -> None:
    typed("fit", mail, "--target", "label", "--out", "run", "--families", "linear", "--folds", "2")
    result = typed("predict", "run", mail, "-o", "out.conll")
    assert result.exit_code == 2
    assert "no steps of sequences, as CoNLL" in result.stderr


def test_the_line_of_a_broken_span_is_told(typed: Typed, here: Path) -> None:
    text = "# sent_id = 1\na\tO\nb\tB-x\n\n\na\tO\nb\tI-x\n\n" * 10
    (here / "broken.conll").write_text(text)
    given = ("fit", "broken.conll", "--task", "tagging", "--out", "run", "--families", "crf", "--time", "2")
    refused = typed(*given, "--broken-spans", "refuse")
    assert refused.exit_code == 2
    assert "the tag 'I-x' in line 7 goes on with a span that none began (10 in all)" in refused.stderr
    assert "the first in line 7: taken for its beginning" in typed(*given).stderr
