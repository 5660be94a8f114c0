"""Which task a target stands for, unless the person says it."""

import polars as pl

from assay.core.members import member, member_names
from assay.tasks._base import NOTHING_ASKED, Asked, Task

PACKAGE = "assay.tasks"


def choose_task(target: pl.Series, name: str | None = None, asked: Asked = NOTHING_ASKED) -> Task:
    """The task named, or the first in alphabetical order that suits the target.

    Raises:
        PlanError: There is no task of that name, or it does not fit the target.
        DataError: No task can learn from such a target.
    """
    if name is not None:
        return task_class(name).from_target(target, asked)
    suiting = (kind for kind in map(task_class, member_names(PACKAGE)) if kind.suits(target))
    return next(suiting).from_target(target, asked)


def task_class(name: str) -> type[Task]:
    """The class of a task by name.

    Raises:
        PlanError: There is no task of that name.
    """
    return member(PACKAGE, Task, name)  # type: ignore[type-abstract]
