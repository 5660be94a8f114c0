"""Splines as features: what they can follow, few values, gaps, knots by cross-validation, refusals."""

import numpy as np
import pytest

from assay.core.errors import PlanError, RunError
from assay.data.schema import Kind
from assay.features._base import Target
from assay.features._bases import BASES
from assay.features.splines import Splines
from tests.features.tables import blocks, table


@pytest.mark.parametrize("basis", BASES)
def test_a_sum_of_them_follows_a_curve_that_no_line_does(basis):
    x = np.linspace(-3, 3, 300)
    (block,) = blocks(Splines(basis=basis, knots=9, degree=5), table(Kind.NUMERIC, x=x))
    design = np.column_stack([np.ones(300), block])
    rest = np.sin(2 * x) - design @ np.linalg.lstsq(design, np.sin(2 * x), rcond=None)[0]
    assert rest.std() < 0.45 * np.sin(2 * x).std()


def test_fewer_distinct_values_than_knots_give_fewer_knots():
    encoder = Splines(basis="bins", knots=6)
    (block,) = blocks(encoder, table(Kind.NUMERIC, few=[1, 1, 2, 4] * 5, one=[7] * 20))
    assert [knots.tolist() for knots in encoder.knots] == [[1, 2, 4], [7]]
    assert encoder.feature_names == ("few ~ 1", "few ~ 2")
    assert block.shape == (20, 2)


def test_a_gap_is_zero_and_told_beside():
    encoder = Splines(knots=4)
    (block,) = blocks(encoder, table(Kind.NUMERIC, x=[1, 2, None, 4, 5, 6]))
    assert encoder.feature_names[-1] == "x is missing"
    assert block[2].tolist() == [0, 0, 0, 1]
    assert block[:, -1].tolist() == [0, 0, 1, 0, 0, 0]


def test_values_far_beyond_those_of_training_are_drawn_in():
    _, later = blocks(Splines(), table(Kind.NUMERIC, x=range(20)), table(Kind.NUMERIC, x=[38, 1e30]))
    assert later[0].tolist() == pytest.approx(later[1].tolist())


def test_cross_validation_gives_a_wild_curve_more_knots_than_a_line():
    draw = np.random.default_rng(0)
    x = draw.uniform(0, 1, 800)
    data = table(Kind.NUMERIC, x=x)
    found = []
    for chance in (x, 0.5 + 0.5 * np.sin(20 * x)):
        y = (draw.random(800) < chance).astype(np.int64)
        encoder = Splines(knots=0).fit(data, ["x"], np.arange(800), Target(y, 2))
        found.append(len(encoder.knots[0]))
    assert found[0] < found[1]
    assert found[1] >= 9


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(PlanError, match=r"no basis 'spline' for splines(.|\n)*b_spline"):
        Splines(basis="spline")
    with pytest.raises(PlanError, match="splines with 1 knots of degree 3"):
        Splines(knots=1)
    with pytest.raises(PlanError, match="splines with 5 knots of degree 0"):
        Splines(knots=5, degree=0)


def test_a_state_whose_parts_do_not_fit_is_refused():
    encoder = Splines()
    blocks(encoder, table(Kind.NUMERIC, x=range(9)))
    with pytest.raises(RunError, match="splines of the basis 'wool'"):
        Splines.from_state({**encoder.state(), "basis": "wool"})
    with pytest.raises(RunError, match="0 rows of knots"):
        Splines.from_state({**encoder.state(), "knots": []})
