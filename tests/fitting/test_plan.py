"""Plans: readable, editable, and wrong ones told so."""

import pytest

from assay.core.errors import PlanError
from assay.data.prepare import Wishes
from assay.fitting.plan import Candidate, Plan

PLAN = Plan(
    wishes=Wishes(target="label", text=("body",)),
    task="binary",
    metric="log_loss",
    candidates=(
        Candidate("prior", "prior"),
        Candidate("boosted-2", "boosted", {"leaves": 8, "rate": 0.1}, ({"rounds": 3}, {"rounds": 5})),
    ),
    folds=2,
    fingerprint="abc",
)


def test_toml_round_trip() -> None:
    assert Plan.from_toml(PLAN.to_toml()) == PLAN


def test_a_plan_is_fixed_when_every_candidate_is() -> None:
    assert not PLAN.is_fixed
    fixed = Candidate("prior", "prior", {}, ({}, {}))
    assert Plan(**{**vars(PLAN), "candidates": (fixed, PLAN.candidates[1])}).is_fixed


def test_on_other_data_nothing_is_fixed() -> None:
    assert PLAN.for_data("abc") is PLAN
    other = PLAN.for_data("xyz")
    assert other.fingerprint == "xyz"
    assert all(not candidate.fixed for candidate in other.candidates)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('task = "binary"', 'tusk = "binary"', r"a key 'tusk' in the plan[\s\S]*did you mean 'task'"),
        ("folds = 2", 'folds = "two"', r"folds = 'two' in the plan[\s\S]*type int"),
        ("folds = 2", "folds = 0", r"folds = 0[\s\S]*1 or more"),
        ('scheme = "stratified"', 'scheme = "stratifed"', r"scheme = 'stratifed'[\s\S]*did you mean 'stratified'"),
        ("seconds = 60.0", "seconds = true", r"seconds = True[\s\S]*type float"),
        ('task = "binary"', "task = ", r"is not TOML"),
        ('target = "label"', 'goal = "label"', r"a key 'goal' in the plan, \[wishes\]"),
        ('name = "prior"', 'name = "boosted-2"', r"two candidates of one name"),
        ('family = "prior"\n', "", r"\[\[candidates\]\] is not whole"),
    ],
)
def test_a_wrong_plan_is_told_where(old: str, new: str, message: str) -> None:
    text = PLAN.to_toml()
    assert old in text
    with pytest.raises(PlanError, match=message):
        Plan.from_toml(text.replace(old, new))


def test_a_plan_without_wishes_or_candidates() -> None:
    with pytest.raises(PlanError, match=r"no \[wishes\]"):
        Plan.from_toml('task = "binary"')
    with pytest.raises(PlanError, match="a plan without candidates"):
        Plan.from_toml('task = "binary"\nmetric = "accuracy"\n[wishes]\ntarget = "label"')
