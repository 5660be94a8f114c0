"""The way into a fit."""

from dataclasses import replace

import pytest

from assay.core.errors import PlanError
from assay.fitting.begin import begin_planned, begin_resumed
from assay.fitting.fit import Outcome
from tests.fitting.conftest import made_table


def test_a_plan_holds_on_its_own_data(outcome: Outcome) -> None:
    assert begin_planned(made_table(), outcome.plan).plan == outcome.plan


def test_on_other_data_what_was_fixed_is_let_go(outcome: Outcome) -> None:
    plan = begin_planned(made_table(seed=9), outcome.plan).plan
    assert not plan.is_fixed
    assert [c.name for c in plan.candidates] == [c.name for c in outcome.plan.candidates]


def test_a_resumed_fit_needs_the_data_that_it_began_with(outcome: Outcome) -> None:
    begin_resumed(made_table(), outcome.plan, "runs/x")
    with pytest.raises(PlanError, match=r"other data than the fit in runs/x began with[\s\S]*same data with --resume"):
        begin_resumed(made_table(seed=9), outcome.plan, "runs/x")


def test_a_plan_for_another_number_of_classes(outcome: Outcome) -> None:
    with pytest.raises(PlanError, match="3 classes"):
        begin_planned(made_table(classes=3), replace(outcome.plan))
