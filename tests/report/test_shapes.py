"""What the report says and draws of an additive model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import assay
from assay.report._facts import Facts, gather
from assay.report._page import page, write_report
from assay.report._section import Section
from assay.report._shapes import section
from tests.report.conftest import made_run
from tests.report.shape_runs import shape_run


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, assay.Run]:
    return {kind: shape_run(folder / kind, kind) for kind in ("two", "three", "number")}


def drawn(run: assay.Run) -> tuple[Facts, Section]:
    facts = gather(run)
    found = section(facts)
    assert found is not None
    return facts, found


def rows(spec: Any) -> list[dict[str, Any]]:
    """All inline data of a chart."""
    return [row for part in spec["datasets"].values() for row in part]


def test_a_model_without_shapes_has_no_such_section(folder: Path) -> None:
    assert section(gather(made_run(folder / "none"))) is None


def test_it_says_what_a_shape_is_and_which_tell_most(runs: dict[str, assay.Run]) -> None:
    _, found = drawn(runs["two"])
    said = " ".join(found.says)
    assert "‘additive’ is a constant and the sum of" in said
    assert "to the log odds of ‘yes’" in said
    assert "Most is told by ‘<i>size</i>’" in said
    assert found.shown["rows"][0]["share"] == 1.0


def test_a_curve_is_drawn_as_it_is_in_the_model(runs: dict[str, assay.Run]) -> None:
    _, found = drawn(runs["two"])
    steps = [row for row in rows(found.charts["shape-0"].spec) if "low" in row]
    assert all(row["low"] - 1e-4 <= row["y"] <= row["high"] + 1e-4 for row in steps)
    ends = [row["y"] for row in (steps[0], steps[-1])]
    middle = min(steps, key=lambda row: abs(row["x"]))["y"]
    assert min(ends) > middle + 2
    assert "Where it is missing:" in found.charts["shape-0"].caption


def test_three_classes_have_a_line_each(runs: dict[str, assay.Run]) -> None:
    facts, found = drawn(runs["three"])
    assert {name for name, _ in found.charts["shape-0"].legend} == set(facts.names)
    assert "to the score of each class" in found.says[0]


def test_numbers_are_told_in_their_own_unit(runs: dict[str, assay.Run]) -> None:
    _, found = drawn(runs["number"])
    heights = [row["y"] for row in rows(found.charts["shape-0"].spec) if "low" in row]
    assert 40 < np.ptp(heights) < 130  # thirty for each unit of size, which goes to about three
    assert "to the prediction of ‘label’" in found.says[0]


def test_the_page_holds_them_and_no_markup_of_the_data(runs: dict[str, assay.Run]) -> None:
    for run in runs.values():
        html = page(run)
        assert "What each column adds" in html
        assert "<i>size</i>" not in html
        assert "<b>odd</b>" not in html


def test_every_chart_is_drawn_without_a_warning(runs: dict[str, assay.Run], browser: Any, folder: Path) -> None:
    for kind, run in runs.items():
        told: list[str] = []
        opened = browser.new_page()
        opened.on("console", lambda message, told=told: told.append(message.text))
        opened.on("pageerror", lambda error, told=told: told.append(str(error)))
        opened.goto(write_report(run, folder / f"{kind}.html").as_uri())
        _, found = drawn(run)
        for key in found.charts:
            opened.wait_for_selector(f"#{key} svg")
        assert told == []
        opened.close()


def test_specs_are_plain_json(runs: dict[str, assay.Run]) -> None:
    _, found = drawn(runs["three"])
    for chart in found.charts.values():
        assert json.loads(json.dumps(chart.spec, allow_nan=False)) == chart.spec
