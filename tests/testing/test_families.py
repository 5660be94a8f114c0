"""Every family against every check of the suite."""

import numpy as np
import pytest

from assay.core.members import member, member_names
from assay.families._base import Family, Fitted
from assay.families.prior import Prior, PriorPredictor
from assay.testing.families import (
    CHECKS,
    Check,
    check_damaged_state,
    check_determinism,
    check_inputs_untouched,
    check_learns,
    check_one_row,
    check_outputs,
    check_weights,
)

NAMES = member_names("assay.families")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_family_passes_every_check(name: str, check: Check) -> None:
    kind = member("assay.families", Family, name)
    if (reason := kind().missing()) is not None:
        pytest.skip(reason)
    check(kind)


class Certain(Prior):
    """Gives zeros."""

    class predictor(PriorPredictor):
        def predict(self, matrix):
            return np.eye(len(self.outputs))[np.zeros(len(matrix), int)]

    def fit(self, learning, settings):
        return Fitted(self.predictor(learning.task.prior(learning.y, learning.weight)), {})


class Lazy(Prior):
    """Says that it is more than a baseline, and looks at no weight."""

    baseline = False

    def fit(self, learning, settings):
        return Fitted(PriorPredictor(learning.task.prior(learning.y, np.ones(len(learning.y)))), {})


class Rolling(Prior):
    """Draws from NumPy's global generator."""

    def fit(self, learning, settings):
        np.random.random()
        return super().fit(learning, settings)


class Scribbling(Prior):
    """Writes on its inputs."""

    def fit(self, learning, settings):
        learning.weight[:] *= 2
        return super().fit(learning, settings)


class Crowded(Prior):
    """A row's outputs depend on how many there are."""

    class predictor(PriorPredictor):
        def predict(self, matrix):
            outputs = super().predict(matrix) + len(matrix)
            return outputs / outputs.sum(axis=1, keepdims=True)

    def fit(self, learning, settings):
        return Fitted(self.predictor(np.array([0.1, 0.2, 0.3, 0.4])), {})


class Trusting(Prior):
    """Takes any state."""

    class predictor(PriorPredictor):
        @classmethod
        def from_state(cls, state):
            return cls(state)


@pytest.mark.parametrize(
    ("wrong", "check", "says"),
    [
        (Certain, check_outputs, "an output of 0.0"),
        (Lazy, check_learns, "chance"),
        (Lazy, check_weights, "ten times the weight"),
        (Rolling, check_determinism, "global generators"),
        (Scribbling, check_inputs_untouched, "written to"),
        (Crowded, check_one_row, "alone"),
        (Trusting, check_damaged_state, "is accepted"),
    ],
)
def test_the_suite_catches_a_wrong_family(wrong: type[Family], check: Check, says: str) -> None:
    with pytest.raises(AssertionError, match=says):
        check(wrong)
