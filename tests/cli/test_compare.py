"""`assay compare`."""

import json
from pathlib import Path

import pytest

import assay
from tests.cli.conftest import Typed, made_table


@pytest.fixture
def two(here: Path) -> tuple[Path, Path]:
    for name in ("linear", "prior"):
        assay.fit(made_table(), target="label", families=[name], time=0, folds=2, out=here / name)
    return Path("linear"), Path("prior")


def test_a_table_with_a_line_for_each_model(typed: Typed, two: tuple[Path, Path]) -> None:
    found = typed("compare", *two)
    assert found.exit_code == 0
    assert found.stdout == ""
    assert "60 rows tested in the same 2 folds" in found.stderr
    lines = [line.split()[:2] for line in found.stderr.splitlines()]
    assert ["linear", "linear"] in lines
    assert ["prior", "prior"] in lines


def test_json(typed: Typed, two: tuple[Path, Path]) -> None:
    found = json.loads(typed("compare", *two, "--json").stdout)
    assert (found["metric"], found["rows"], found["folds"]) == ("log_loss", 60, 2)
    assert found["contenders"][0]["run"] == "linear"
    assert found["contenders"][0]["behind"] is None
    keys = {"run", "name", "family", "score", "interval", "behind", "seconds", "parameters", "size"}
    assert all(set(one) == keys for one in found["contenders"])


def test_runs_on_other_folds_are_the_persons_fault(typed: Typed, two: tuple[Path, Path], here: Path) -> None:
    assay.fit(made_table(), target="label", families=["prior"], time=0, folds=3, out=here / "other")
    found = typed("compare", two[0], "other")
    assert found.exit_code == 2
    assert "other folds in other than in linear" in found.stderr
