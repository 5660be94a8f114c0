import math

import numpy as np
import pytest

from assay.training.optimizers import _limits as limits


@pytest.mark.parametrize(
    ("limit", "right", "wrong"),
    [
        (limits.ABOVE_ZERO, [1, 1e-12, np.float32(2)], [0, -1, math.inf, math.nan, 10**400, True, "1", None]),
        (limits.NOT_NEGATIVE, [0, 0.5], [-1e-9, math.nan, False]),
        (limits.BELOW_ONE, [0, 0.999], [1, 1.5, -0.1]),
        (limits.INSIDE, [0.001, 0.999], [0, 1]),
        (limits.SHARE, [0, 0.5, 1], [1.01, -0.01]),
        (limits.whole(1, 7), [1, 7, np.int64(3)], [0, 8, 2.0, True, "3", 10**400]),
        (limits.at_least(1), [1, 10**9, np.int64(3)], [0, -1, 2.0, True, "3", math.inf]),
        (limits.FLAG, [True, False], [0, 1, "true", None]),
        (limits.BETAS, [(0, 0.9), [0.5, 0.999]], [0.9, (0.9,), (0.9, 1.0), (0.9, 0.9, 0.9), "ab", None]),
        (limits.several(limits.SHARE), [[0.5], (0, 1, 1)], [[], 0.5, [2]]),
        (limits.one_of("rms", "spectral"), ["rms"], ["RMS", "", None, ["rms"]]),
    ],
)
def test_what_holds_and_what_does_not(limit, right, wrong):
    assert [value for value in right if not limit.holds(value)] == []
    assert [value for value in wrong if limit.holds(value)] == []


def test_lists_say_how_many_values_they_want():
    assert limits.BETAS.words == "a list of 2 values, each a number from 0 to below 1"
    assert limits.several(limits.SHARE).words == "a list of one or more values, each a number from 0 to 1"
    assert limits.whole(0, 10**6).words == "a whole number from 0 to 1,000,000"
    assert limits.one_of("a", "b").words == "one of: 'a', 'b'"
