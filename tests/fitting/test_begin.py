"""The way into a fit."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assay.core.errors import PlanError
from assay.data.prepare import Wishes
from assay.fitting.assembly import Outcome
from assay.fitting.begin import begin_asked, begin_planned, begin_resumed
from assay.fitting.plan import Candidate
from assay.fitting.planning import Request
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


def test_a_device_that_is_not_there_is_told_before_anything_begins(
    outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(PlanError, match=r"the device 'cuda' was asked for and is not there[\s\S]*--device cpu"):
        begin_planned(made_table(), replace(outcome.plan, device="cuda"))
    with pytest.raises(PlanError, match="no device named 'gpu'"):
        begin_asked(made_table(), Request(Wishes(target="label"), device="gpu"))
    begin_planned(made_table(), replace(outcome.plan, device="cpu"))


def test_a_setting_of_another_type_is_told_before_anything_begins(outcome: Outcome) -> None:
    spoiled = Candidate("lines", "linear", {"numeric": 3})
    with pytest.raises(PlanError, match="numeric = 3 among the settings of linear"):
        begin_planned(made_table(), replace(outcome.plan, candidates=(spoiled,)))


def test_settings_that_do_not_go_with_the_columns_are_told_before_anything_begins(outcome: Outcome) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (240, 9, 9, 1)).astype(np.uint8)
    table = made_table().with_columns(pl.Series("picture", pixels))
    spoiled = Candidate("own", "pattern", {"pattern": "INPUT -> CONV -> POOL -> FC"})
    with pytest.raises(PlanError, match=r"maps of 9 by 9: \(9 - 2\) / 2 \+ 1 = 4.5 is not a whole number"):
        begin_planned(table, replace(outcome.plan, candidates=(spoiled,)))


def test_a_plan_for_another_number_of_classes(outcome: Outcome) -> None:
    with pytest.raises(PlanError, match="3 classes"):
        begin_planned(made_table(classes=3), replace(outcome.plan))
