"""Mean ranks, and what a Nemenyi test cannot tell apart."""

import pytest
from contest.ranks import Ranking, rank, rankings
from contest.results import Result
from contest.verdicts import tabulate


def told(name: str, system: str, loss: float | None, kind: str = "tabular") -> Result:
    failure = "" if loss is not None else "exit code 1"
    return Result(name, kind, system, "", None, failure=failure, log_loss=loss or 0.0)


def test_ties_share_and_who_failed_is_last() -> None:
    table = tabulate(
        [
            *(told("a", system, loss) for system, loss in (("assay", 0.1), ("flaml", 0.2), ("logistic", 0.2))),
            *(told("b", system, loss) for system, loss in (("assay", 0.3), ("flaml", None), ("logistic", 0.2))),
        ]
    )
    found = rank(table, "tabular")
    assert found is not None
    assert list(found.means.items()) == [("assay", 1.5), ("logistic", 1.75), ("flaml", 2.75)]
    assert found.sets == 2


def test_who_is_not_measured_on_all_sets_yet_is_left_out() -> None:
    found = [told("a", "assay", 0.1), told("a", "flaml", 0.2), told("a", "logistic", 0.3)]
    table = tabulate([*found, told("b", "assay", 0.2), told("b", "logistic", 0.1), told("c", "assay", 0.2, "text")])
    assert [(each.title, list(each.means)) for each in rankings(table)] == [("Tables", ["assay", "logistic"])]
    assert rank({}, "tabular") is None


def test_the_critical_difference_is_that_of_the_paper() -> None:
    """Demsar 2006, section 3.2.3: four classifiers on 14 sets, 1.25 at the level of 0.05."""
    means = {"a": 2.000, "b": 2.143, "c": 2.893, "d": 3.143}
    assert Ranking("tabular", means, 14).difference == pytest.approx(1.25, abs=0.005)


def test_groups_are_as_large_as_may_be_and_none_is_alone() -> None:
    means = {"a": 1.0, "b": 1.9, "c": 2.9, "d": 4.2}
    assert Ranking("text", means, 14).alike == [("a", "b"), ("b", "c")]
    assert Ranking("text", means, 2000).alike == []
    assert Ranking("text", means, 2).alike == [("a", "b", "c", "d")]
