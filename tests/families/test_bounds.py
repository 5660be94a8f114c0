"""Settings out of their bounds, whatever family they are of."""

from typing import Any

import pytest

from assay.core.errors import PlanError
from assay.families._bounds import check_bounds, out_of_bounds
from assay.training.optimizers._limits import BELOW_ONE, Limit, whole

BOUNDS: dict[str, Limit | list[str]] = {"width": whole(1, 64), "drop": BELOW_ONE, "cell": ["lstm", "gru"]}
WITHIN = {"width": 64, "drop": 0.0, "cell": "gru", "depth": -1}


def test_what_is_within_is_taken_and_what_has_no_bound_is_not_looked_at() -> None:
    check_bounds("rnn", WITHIN, BOUNDS)


@pytest.mark.parametrize(
    ("settings", "expected", "fix"),
    [
        ({"width": 65}, "width as a whole number from 1 to 64", "change width in the plan, or leave it out"),
        ({"drop": 1}, "drop as a number from 0 to below 1", "change drop in the plan, or leave it out"),
        (
            {"cell": "gruu"},
            "cell as one of: 'lstm', 'gru'",
            "did you mean 'gru'? change cell in the plan, or leave it out",
        ),
        ({"cell": 3}, "cell as one of: 'lstm', 'gru'", "change cell in the plan, or leave it out"),
        (
            {"drop": "no", "cell": "no"},
            "drop as a number from 0 to below 1",
            "change drop in the plan, or leave it out",
        ),
    ],
    ids=str,
)
def test_the_first_setting_out_of_bounds_is_named(settings: dict[str, Any], expected: str, fix: str) -> None:
    key, value = next(iter(settings.items()))
    with pytest.raises(PlanError, match=f"{key} = {value!r} among the settings of rnn") as caught:
        check_bounds("rnn", {**WITHIN, **settings}, BOUNDS)
    assert (caught.value.expected, caught.value.fix) == (expected, fix)


def test_a_rule_between_settings_is_told_in_the_same_words() -> None:
    error = out_of_bounds("bag", "frozen", 2, "0 where vectors names no file")
    assert str(error) == (
        "Found: frozen = 2 among the settings of bag.\nExpected: 0 where vectors names no file.\n"
        "Next: change frozen in the plan, or leave it out."
    )
