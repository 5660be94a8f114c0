"""Every task passes every check; a wrong one is caught."""

import numpy as np
import pytest

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.members import member, member_names
from assay.tasks._base import Rule, Task
from assay.tasks._choose import PACKAGE
from assay.tasks.multiclass import Multiclass
from assay.testing.tasks import (
    CHECKS,
    Check,
    check_calibration,
    check_decisions,
    check_metrics,
    check_prior,
    check_rows,
    check_state,
    check_target,
)

NAMES = member_names(PACKAGE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_task_passes_every_check(name: str, check: Check) -> None:
    check(member(PACKAGE, Task, name))  # type: ignore[type-abstract]


class Certain(Multiclass):
    def prior(self, y: AnyArray, weight: FloatArray) -> FloatArray:
        return np.eye(len(self.labels))[0]


class Contrary(Multiclass):
    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        return outputs.argmin(axis=1)

    def row_loss(self, y: AnyArray, outputs: FloatArray) -> FloatArray:
        return -super().row_loss(y, outputs)


class Restless(Multiclass):
    def calibrated(self, outputs: FloatArray, calibration: tuple[float, ...]) -> FloatArray:
        return outputs**2


class Forgetful(Multiclass):
    @classmethod
    def from_state(cls, state: object) -> "Forgetful":
        return cls(("a", "b", "c"), "text")


class Flat(Multiclass):
    def decide(self, outputs: FloatArray, rule: Rule, sequence: IntArray | None = None) -> AnyArray:
        return outputs


class Blind(Multiclass):
    def labelled(self, y: AnyArray) -> AnyArray:
        return np.ones(len(y), np.bool_)


@pytest.mark.parametrize(
    ("wrong", "check", "says"),
    [
        (Certain, check_prior, "a prior that is certain"),
        (Contrary, check_rows, "the prior has smaller losses"),
        (Restless, check_calibration, "no calibration changes outputs"),
        (Forgetful, check_state, "another one"),
        (Flat, check_decisions, "decisions of the shape"),
        (Blind, check_target, "counts as a label"),
    ],
)
def test_the_suite_catches_a_wrong_task(wrong: type[Task], check: Check, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check(wrong)


def test_a_metric_that_does_not_exist_is_caught() -> None:
    class Odd(Multiclass):
        second_metric = "luck"

    with pytest.raises(Exception, match="no metric 'luck'"):
        check_metrics(Odd)
