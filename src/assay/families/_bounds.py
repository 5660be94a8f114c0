"""Settings that a family cannot have: seen by their bounds, and told in the same words everywhere."""

from collections.abc import Mapping
from typing import Any

from assay.core.errors import PlanError, did_you_mean
from assay.training.optimizers._limits import Limit, one_of


def check_bounds(family: str, settings: Mapping[str, Any], bounds: Mapping[str, Limit | list[str]]) -> None:
    """See that settings are within their bounds, each a limit or the names that there are.

    Args:
        family: Its name.
        settings: Every key of ``bounds``; others may stand beside them.
        bounds: What is asked of each.

    Raises:
        PlanError: A setting is out of its bounds.
    """
    for key, bound in bounds.items():
        limit = one_of(*bound) if isinstance(bound, list) else bound
        if not limit.holds(settings[key]):
            hint = did_you_mean(str(settings[key]), bound) if isinstance(bound, list) else ""
            raise out_of_bounds(family, key, settings[key], f"{key} as {limit.words}", hint)


def out_of_bounds(family: str, key: str, value: Any, expected: str, hint: str = "") -> PlanError:
    """The error for a value that a setting cannot have; ``hint`` begins what to do next."""
    return PlanError(
        f"{key} = {value!r} among the settings of {family}",
        expected=expected,
        fix=f"{hint}change {key} in the plan, or leave it out",
    )
