"""The effects of an additive member are those of its folds' models, on axes that all of them share."""

from pathlib import Path

import numpy as np
import pytest

import assay
from assay.fitting.model import Member
from assay.report._effects import Effect, effects
from tests.report.shape_runs import ROWS, shape_run


@pytest.fixture(scope="module")
def run(folder: Path) -> assay.Run:
    return shape_run(folder / "effects")


@pytest.fixture(scope="module")
def member(run: assay.Run) -> Member:
    return next(entry for entry in run.model.members if entry.family == "additive")


@pytest.fixture(scope="module")
def found(run: assay.Run, member: Member) -> dict[str, Effect]:
    return {effect.title: effect for effect in effects(run.model, member)}


def test_the_most_important_come_first(found: dict[str, Effect]) -> None:
    sizes = [effect.importance for effect in found.values()]
    assert sizes == sorted(sizes, reverse=True)
    assert next(iter(found)) == "<i>size</i>"


def test_a_number_has_the_curve_of_each_fold(member: Member, found: dict[str, Effect]) -> None:
    size = found["<i>size</i>"]
    (axis,) = size.axes
    assert size.folds.shape == (3, len(axis.edges) - 1, 1)
    (_, predictor), *_ = member.parts
    shape = next(shape for shape in predictor.shapes if shape.columns == (0,))
    place = int(np.searchsorted(axis.edges, 1.2)) - 1
    cell = np.searchsorted(predictor.grid.cuts[0], axis.middles[place], side="right")
    assert size.folds[0, place, 0] == shape.table[cell, 0]
    assert np.corrcoef(size.mean[:, 0], np.abs(axis.middles))[0, 1] > 0.9


def test_rows_are_counted_in_the_cells_of_the_axis(found: dict[str, Effect]) -> None:
    size = found["<i>size</i>"]
    kept = ROWS - len(range(0, ROWS, 11))
    assert size.mass.sum() == pytest.approx(2 * kept, rel=0.02)  # each row is learned from in two of three folds
    assert size.mass[np.abs(size.axes[0].middles) < 1].sum() == pytest.approx(0.68 * size.mass.sum(), rel=0.1)


def test_gaps_have_an_effect_of_their_own(found: dict[str, Effect]) -> None:
    assert found["<i>size</i>"].missing is not None
    assert found["kind"].missing is None


def test_levels_stand_by_name_the_commonest_first(found: dict[str, Effect]) -> None:
    kind = found["kind"]
    (axis,) = kind.axes
    assert set(axis.levels) == {"plain", "<b>odd</b>", "other"}
    assert (np.diff(kind.mass) <= 0).all()
    assert axis.levels[int(kind.mean[:, 0].argmax())] == "<b>odd</b>"


def test_dates_are_known_as_such(found: dict[str, Effect]) -> None:
    assert [title for title, effect in found.items() if effect.axes[0].is_date and len(effect.axes) == 1] == ["seen"]
