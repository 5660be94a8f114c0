"""Three classes or more, of which a row has exactly one."""

from types import MappingProxyType
from typing import Self

import polars as pl

from assay.core.errors import PlanError
from assay.tasks import _metrics as m
from assay.tasks._base import NOTHING_ASKED, Asked
from assay.tasks._classes import ClassTask, as_text, classes_of, fits_no_classes, refuse_numbers

_ALL = (m.LOG_LOSS, m.ACCURACY, m.ROC_AUC, m.MACRO_F1, m.BALANCED_ACCURACY, m.MCC, m.AVERAGE_PRECISION)


class Multiclass(ClassTask):
    """Classes that exclude each other: outputs (n, k), the most probable one is decided."""

    name = "multiclass"
    metrics = MappingProxyType({metric.name: metric for metric in _ALL})

    @classmethod
    def suits(cls, target: pl.Series) -> bool:
        """Three different labels or more, unless they are numbers that cannot be classes."""
        if target.dtype.is_nested() or fits_no_classes(target):
            return False
        return as_text(target).drop_nulls().n_unique() >= 3

    @classmethod
    def from_target(cls, target: pl.Series, asked: Asked = NOTHING_ASKED) -> Self:
        """The task for a target with two classes or more."""
        refuse_numbers(asked, cls.name)
        labels, values = classes_of(target)
        if asked.positive is not None:
            raise PlanError(
                f"--positive {asked.positive!r} for a task with {len(labels)} classes",
                expected="a positive class only where there are two classes",
                fix="leave --positive out",
            )
        return cls(labels, values)
