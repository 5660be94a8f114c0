"""`assay fit`: what it prints, where it writes, and what it refuses."""

import errno
import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

QUICK = ("--families", "linear", "--folds", "3", "--threads", "1")
Command = Callable[..., Any]


def test_json_is_one_object_and_nothing_else(typed: Command, mail: Path) -> None:
    result = typed("fit", mail, "--target", "label", "--out", "run", *QUICK, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert {"run", "task", "metric", "score", "interval", "seconds", "members"} <= set(told)
    assert (told["run"], told["task"], told["metric"], told["rows"]) == ("run", "binary", "log_loss", 60)
    assert told["interval"][0] <= told["score"] <= told["interval"][1]
    assert {"family", "weight", "score", "seconds"} <= set(told["members"][0])
    assert sum(member["weight"] for member in told["members"]) == pytest.approx(1)
    assert told["majority"]["accuracy"] == 0.5


def test_one_fold_tests_on_a_tenth(typed: Command, mail: Path) -> None:
    result = typed("fit", mail, "--target", "label", "--out", "run", "--families", "linear", "--folds", "1", "--json")
    assert result.exit_code == 0
    assert (
        "6 rows are tested on, in a single split; the others are learned from" in json.loads(result.stdout)["notices"]
    )


@pytest.mark.parametrize(
    ("words", "terminal", "drawn"),
    [
        (("--watch",), True, True),
        (("--watch",), False, False),
        (("--watch", "--json"), True, False),
        ((), True, False),
    ],
)
def test_curves_are_drawn_for_those_who_watch(
    words: tuple[str, ...], terminal: bool, drawn: bool, typed: Command, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"epochs": 2, "width": 8, "depth": 1}
    monkeypatch.setattr("assay.families.mlp.Mlp.variants", lambda *_: (small,))
    if terminal:
        monkeypatch.setenv("TTY_COMPATIBLE", "1")
    asked = ("--families", "mlp", "--folds", "2", "--threads", "1", "--time", "0")
    result = typed("fit", mail, "--target", "label", "--out", "run", *asked, *words)
    assert (result.exit_code, result.stdout.count("\n")) == (0, "--json" in words)
    assert ("mlp, fold 2 of 2" in result.stderr) == terminal
    assert ("epoch" in result.stderr and "training 0." in result.stderr) == drawn


def test_words_go_to_stderr(typed: Command, mail: Path) -> None:
    result = typed("fit", mail, "--target", "label", "--out", "run", *QUICK)
    assert (result.exit_code, result.stdout) == (0, "")
    for part in (
        "60 rows, 2 classes",
        "prior",
        "95% certainty",
        "majority class alone gives 50.0%",
        "assay report run",
    ):
        assert part in result.stderr
    assert "\r" not in result.stderr and "\x1b" not in result.stderr


def test_the_run_is_named_after_the_data(typed: Command, mail: Path) -> None:
    for place in ("runs/mail", "runs/mail-2"):
        assert typed("fit", mail, "-t", "label", *QUICK).exit_code == 0
        assert (Path(place) / "model").is_dir()


def test_families_by_comma_or_repeated(typed: Command, mail: Path) -> None:
    for number, words in enumerate((("--families", "prior,linear"), ("--families", "prior", "--families", "linear"))):
        result = typed("fit", mail, "-t", "label", "-o", f"run-{number}", *words, "--folds", "3", "--json")
        assert {candidate["family"] for candidate in json.loads(result.stdout)["candidates"]} == {"prior", "linear"}


def test_a_plan_says_everything(typed: Command, mail: Path, run: Path) -> None:
    result = typed("fit", mail, "--plan", run / "plan.toml", "--out", "again", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["task"] == "binary"


def test_options_reach_the_plan(typed: Command, mail: Path) -> None:
    options = ("--metric", "f1", "--positive", "ham", "--seed", "7", "--time", "9", "--categorical", "width")
    assert typed("fit", mail, "-t", "label", "-o", "run", *QUICK, *options).exit_code == 0
    told = json.loads(typed("inspect", "run", "--json").stdout)
    asked = told["asked"]
    assert (told["metric"], asked["positive"], asked["seed"], asked["time"]) == ("f1", "ham", 7, 9)
    assert {column["name"]: column["kind"] for column in told["columns"]}["width"] == "categorical"


def test_resuming_a_finished_run_gives_it_back(typed: Command, mail: Path, run: Path) -> None:
    result = typed("fit", mail, "--out", run, "--resume", "--json")
    assert (result.exit_code, json.loads(result.stdout)["run"]) == (0, "run")


def test_missing_values_are_no_fault(typed: Command, here: Path) -> None:
    gaps = {0: "", 1: "NaN"}
    (here / "gaps.csv").write_text(_rows("x", "y", x=lambda i: gaps.get(i % 7, i % 2 + i / 100), y=_label))
    result = typed("fit", "gaps.csv", "-t", "y", "-o", "run", *QUICK, "--json")
    assert result.exit_code == 0, result.stderr


def _rows(*header: str, rows: int = 40, **columns: Callable[[int], object]) -> str:
    lines = [",".join(str(columns[name](i)) for name in header) for i in range(rows)]
    return "\n".join((",".join(header), *lines)) + "\n"


def _label(i: int) -> str:
    return "ab"[i % 2]


BAD_DATA: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "not a table (PNG)": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(0).randbytes(300), ("bad.csv",)),
    "not a table (noise)": (random.Random(1).randbytes(1000), ("bad.csv",)),
    "empty": (b"", ("bad.csv", "empty")),
    "header only": ("x,label\n", ("header", "no rows")),
    "one class": (_rows("x", "label", x=lambda i: i * 7 % 13, label=lambda i: "a"), ("one class only", "'a'")),
    "class with one row": (
        _rows("x", "label", x=lambda i: i * 7 % 13, label=lambda i: "rare" if i == 9 else _label(i)),
        ("class with one row", "'rare'", "--rare-classes"),
    ),
    "all constant": (
        _rows("x", "z", "label", x=lambda i: 1, z=lambda i: "q", label=_label),
        ("no column to learn from", "x", "z"),
    ),
    "a thousand levels": (
        _rows("x", "label", rows=1000, x=lambda i: i % 7, label=lambda i: f"text {i}"),
        ("1,000 different texts", "'label'"),
    ),
    "ragged": (
        _rows("x", "label", x=lambda i: i * 7 % 13, label=lambda i: "a,b" if i == 3 else _label(i)),
        ("line 5", "3", "2"),
    ),
    "duplicate names": (
        _rows("x", "label", x=lambda i: i * 7 % 13, label=_label).replace("x,label", "label,label", 1),
        ("'label'",),
    ),
    "mixed types": (
        _rows("x", "label", rows=200, x=lambda i: "oops" if i == 50 else i % 13, label=_label),
        ("'x'", "'oops'", "--categorical x"),
    ),
    "infinite": (_rows("x", "label", x=lambda i: "inf" if i == 4 else i / 3, label=_label), ("'x'", "inf")),
    "undecodable": (
        b"\xff\xfe" + "x,label\n1,a\n".encode("utf-16-le") + b"\x00\xd8" * 3 + b"\n",
        ("bad.csv",),
    ),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_is_refused(case: str, refused: Command, here: Path) -> None:
    content, says = BAD_DATA[case]
    (here / "bad.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    refused("fit", "bad.csv", "--target", "label", "--out", "run", *QUICK, says=says)


def test_a_file_that_is_not_there(refused: Command) -> None:
    refused("fit", "nope.csv", "--target", "label", "--out", "run", says="nope.csv")


def test_a_folder_as_data(refused: Command, here: Path) -> None:
    (here / "folder.csv").mkdir()
    refused("fit", "folder.csv", "--target", "label", "--out", "run", says="folder.csv")


BAD_WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no target": ((), ("no target", "--target")),
    "unknown target": (("-t", "lable"), ("'lable'", "did you mean 'label'?")),
    "unknown task": (("-t", "label", "--task", "binry"), ("'binry'", "did you mean 'binary'?")),
    "unknown metric": (("-t", "label", "--metric", "f1x"), ("'f1x'", "did you mean", "--metric")),
    "unknown family": (("-t", "label", "--families", "nope"), ("'nope'", "linear")),
    "unknown class": (("-t", "label", "--positive", "nope"), ("'nope'", "ham, spam", "--positive")),
    "unknown rare": (("-t", "label", "--rare-classes", "kep"), ("'kep'", "did you mean 'keep'?")),
    "unknown preference": (("-t", "label", "--prefer", "quick"), ("'quick'", "fast, balanced, best")),
    "unknown text": (("-t", "label", "--text", "nope"), ("'nope'",)),
    "unknown drop": (("-t", "label", "--drop", "colur"), ("'colur'", "did you mean 'colour'?")),
    "unknown group": (("-t", "label", "--group", "nope"), ("'nope'",)),
    "unknown device": (("-t", "label", "--device", "gpu"), ("'gpu'", "cuda", "--device")),
    "negative time": (("-t", "label", "--time", "-1"), ("-1",)),
}


@pytest.mark.parametrize("case", BAD_WORDS)
def test_bad_words_are_refused(case: str, refused: Command, mail: Path) -> None:
    words, says = BAD_WORDS[case]
    refused("fit", mail, "--out", "run", *words, says=says)


def test_f1_needs_two_classes(refused: Command, here: Path) -> None:
    (here / "three.csv").write_text(_rows("x", "y", x=lambda i: i * 7 % 13, y=lambda i: "abc"[i % 3]))
    refused("fit", "three.csv", "-t", "y", "-o", "run", "--metric", "f1", says=("'f1'", "macro_f1", "multiclass"))


BAD_PLANS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "not TOML": (lambda plan: "task = \n", ("not TOML", "line 1")),
    "unknown key": (lambda plan: "flods = 3\n" + plan, ("'flods'", "did you mean 'folds'?")),
    "wrong type": (lambda plan: plan.replace("folds = 3", 'folds = "three"'), ("folds = 'three'", "int")),
    "unknown family": (lambda plan: plan.replace('family = "linear"', 'family = "linaer"'), ("'linaer'", "'linear'")),
    "bad setting": (lambda plan: plan.replace("[candidates.settings]", "[candidates.settings]\nnope = 1"), ("nope",)),
}


@pytest.mark.parametrize("case", BAD_PLANS)
def test_a_broken_plan_is_refused(case: str, refused: Command, mail: Path, run: Path) -> None:
    spoil, says = BAD_PLANS[case]
    plan = (run / "plan.toml").read_text()
    Path("plan.toml").write_text(spoil(plan))
    refused("fit", mail, "--plan", "plan.toml", "--out", "again", says=says)


def test_a_plan_that_is_not_there(refused: Command, mail: Path) -> None:
    refused("fit", mail, "--plan", "nope.toml", "--out", "run", says="nope.toml")


def test_a_folder_that_is_not_empty(refused: Command, mail: Path, here: Path) -> None:
    (here / "full").mkdir()
    (here / "full" / "diary.txt").write_text("mine")
    refused("fit", mail, "-t", "label", "--out", "full", says=("not empty", "full", "--out"))


def test_a_finished_run_is_not_overwritten(refused: Command, mail: Path, run: Path) -> None:
    refused("fit", mail, "-t", "label", "--out", run, says=("not empty", "--out"))


def test_a_file_in_the_place_of_the_run(refused: Command, mail: Path) -> None:
    refused("fit", mail, "-t", "label", "--out", mail, says="a file")
    refused("fit", mail, "-t", "label", "--out", mail / "run", says="a file")


def test_other_data_do_not_resume(refused: Command, typed: Command, mail: Path, run: Path) -> None:
    for part in ("model", "evidence"):
        os.rename(run / part, f"{part}-aside")
    pl.read_csv(mail).with_columns(pl.col("width") + 1).write_csv("other.csv")
    refused("fit", "other.csv", "--out", run, "--resume", says=("other data", "--resume"))


NO_SPACE, NO_PERMISSION = (errno.ENOSPC, "no space left"), (errno.EACCES, "no permission")


@pytest.mark.parametrize(
    ("owner", "call", "refusal"),
    [
        (os, "replace", NO_SPACE),
        (os, "replace", NO_PERMISSION),
        (os, "fsync", NO_SPACE),
        (Path, "touch", NO_PERMISSION),
        (Path, "mkdir", NO_PERMISSION),
        (Path, "write_bytes", NO_SPACE),
    ],
)
def test_a_disk_that_refuses(
    owner: object, call: str, refusal: tuple[int, str], refused: Command, mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, says = refusal

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(owner, call, refuse)
    refused("fit", mail, "-t", "label", "--out", "run", *QUICK, says=(says, "run", "--out"))


def test_a_disk_that_fills_while_fitting(typed: Command, mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that was begun stays, and goes on when there is room again."""
    real, left = os.replace, iter([True] * 4)

    def fill(source: Path, goal: Path) -> None:
        if not next(left, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, goal)

    words = ("fit", mail, "-t", "label", "--out", "run", *QUICK, "--json")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fill)
        stopped = typed(*words)
    assert stopped.exit_code == 2
    assert "no space left" in stopped.stderr and "--resume" in stopped.stderr
    assert typed(*words, "--resume").exit_code == 0


def test_a_place_that_no_one_may_write_to(refused: Command, mail: Path) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("no /proc on this system")
    refused("fit", mail, "-t", "label", "--out", "/proc/run", *QUICK, says="/proc/run")


def test_own_faults_are_told_as_such(typed: Command, mail: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise KeyError("oh")

    monkeypatch.setattr("assay.fit", break_down, raising=False)
    quiet = typed("fit", mail, "-t", "label")
    assert quiet.exit_code == 1
    assert "KeyError" in quiet.stderr and "report" in quiet.stderr and "Traceback" not in quiet.stderr
    monkeypatch.setenv("ASSAY_DEBUG", "1")
    assert "Traceback" in typed("fit", mail, "-t", "label").stderr


def test_hostile_names_do_not_reach_the_terminal(typed: Command, here: Path) -> None:
    values = np.random.default_rng(0).normal(size=40).round(2)
    pl.DataFrame({"\x1b[31mred[bold]": values, "y": [_label(i) for i in range(40)]}).write_csv("odd.csv")
    result = typed("fit", "odd.csv", "-t", "y", "-o", "run", *QUICK)
    assert result.exit_code == 0
    assert "\x1b" not in result.stderr and "red[bold]" in result.stderr


def test_two_classes_leave_nothing_to_decompose(typed: Command, mail: Path) -> None:
    result = typed("fit", mail, "--target", "label", *QUICK, "--decompose", "ovr,ovo")
    assert result.exit_code == 2
    assert "--decompose ovr for this target: there are two classes" in result.stderr.replace("\n", " ")
