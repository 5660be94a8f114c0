"""The way into a fit: from a table and what is asked of it, or from a table and a plan, to work that can begin."""

from dataclasses import replace

import polars as pl

from assay.core.errors import PlanError, did_you_mean, listed
from assay.core.members import member
from assay.data.dataset import Dataset
from assay.data.fingerprint import fingerprint
from assay.data.prepare import Wishes, prepare
from assay.data.schema import Role
from assay.families._base import Family
from assay.fitting._work import Work, make_work
from assay.fitting.plan import Candidate, Plan
from assay.fitting.planning import FAMILIES, Request, make_plan
from assay.tasks._base import Asked, Form, Task
from assay.tasks._choose import choose_task, task_class


def begin_asked(table: pl.DataFrame, request: Request) -> Work:
    """Work by a plan made for this table.

    Raises:
        DataError: The table cannot be learned from.
        PlanError: What is asked does not fit it, or a device that is asked for is not there.
    """
    _check_device(request.device)
    mark = fingerprint(table)
    table, wishes = (Task if request.task is None else task_class(request.task)).as_rows(table, request.wishes)
    request = replace(request, wishes=wishes)
    data, task = _understood(table, request.wishes, request.task, request.asked)
    return make_work(data, make_plan(data, task, request, mark), task)


def begin_planned(table: pl.DataFrame, plan: Plan) -> Work:
    """Work by a plan that was given; on other data than it was made for, nothing that was fixed holds.

    Raises:
        DataError: The table cannot be learned from.
        PlanError: The plan does not fit it.
    """
    for candidate in plan.candidates:
        _check(candidate, task_class(plan.task).form)
    _check_device(plan.device)
    mark = fingerprint(table)
    table, _ = task_class(plan.task).as_rows(table, plan.wishes)
    data, task = _understood(table, plan.wishes, plan.task, plan.asked)
    for candidate in plan.candidates:  # what its settings ask of the columns is told before anything is fitted
        family = member(FAMILIES, Family, candidate.family)()  # type: ignore[type-abstract]
        family.recipe(data.schema, task, {**family.defaults, **candidate.settings})
    return make_work(data, plan.for_data(mark), task)


def begin_resumed(table: pl.DataFrame, plan: Plan, place: str) -> Work:
    """Work of a fit that was cut off.

    Raises:
        PlanError: The table is not the one that the fit began with.
    """
    if fingerprint(table) != plan.fingerprint:
        raise PlanError(
            f"other data than the fit in {place} began with",
            expected="the same rows and columns",
            fix="give the same data with --resume, or fit the new data into another folder with --out",
        )
    return begin_planned(table, plan)


def _check(candidate: Candidate, form: Form) -> None:
    family: type[Family] = member(FAMILIES, Family, candidate.family)  # type: ignore[type-abstract]
    for key in candidate.settings:
        if key not in family.defaults:
            raise PlanError(
                f"a setting {key!r} of the candidate {candidate.name!r}",
                expected=f"settings of {family.name}: {listed(family.defaults, 30) or 'it has none'}",
                fix=f"{did_you_mean(key, family.defaults)}change or remove the setting in the plan",
            )
    for fixed in candidate.fixed or ({},):
        family().check({**candidate.settings, **fixed}, form)


def _check_device(name: str) -> None:
    """A device that was asked for and is not there is told now; torch is loaded only for one that was."""
    if name != "auto":
        from assay.training.device import choose_device

        choose_device(name)


def _understood(table: pl.DataFrame, wishes: Wishes, task: str | None, asked: Asked) -> tuple[Dataset, Task]:
    data = prepare(table, wishes)
    target = data.table[data.schema.named(Role.TARGET) or wishes.target]
    return data, choose_task(target, task, asked)
