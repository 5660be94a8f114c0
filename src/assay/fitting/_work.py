"""What stays the same during a fit: labelled rows, folds, and encodings shared by the candidates of a fold."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.errors import DataError, listed
from assay.core.seeds import derive_seed
from assay.data.dataset import Dataset
from assay.data.schema import Kind, Role
from assay.data.splits import Fold, make_folds
from assay.features._base import Matrix, Target
from assay.features._encoding import Encoding, Recipe
from assay.fitting.plan import Plan
from assay.tasks._base import Metric, Task

_CACHE_BYTES = 300_000_000


@dataclass(frozen=True)
class Work:
    """Data, task and folds of a fit. ``y`` and ``weight`` are for all rows; unlabelled rows are in no fold."""

    data: Dataset
    plan: Plan
    task: Task
    metric: Metric
    y: AnyArray
    weight: FloatArray
    folds: tuple[Fold, ...]

    @property
    def scored(self) -> IntArray:
        """Rows that stand in the validation part of a fold, sorted."""
        return np.sort(np.concatenate([fold.valid for fold in self.folds]))

    def fold(self, number: int) -> Fold:
        """A fold; behind the last, all rows to learn from, and where others are wanted those of the last fold."""
        if number < len(self.folds):
            return self.folds[number]
        every = np.unique(np.concatenate([part for fold in self.folds for part in (fold.train, fold.valid)]))
        return Fold(train=every, valid=self.folds[-1].valid)


def make_work(data: Dataset, plan: Plan, task: Task) -> Work:
    """Set rows without a label aside and split the others as the plan says.

    Raises:
        DataError: A class has one row, and the plan does not say what to do with it.
    """
    y, weight = task.encoded(data), data.weights()
    lone = task.lone_rows(y)
    if lone.any() and plan.rare_classes == "error":
        raise _refuse(tuple(map(repr, task.decode(y[lone]))), plan.wishes.target)
    rows = np.flatnonzero(task.labelled(y) & ~lone)
    folds = make_folds(
        rows,
        k=plan.folds,
        seed=derive_seed(plan.seed, "folds"),
        strata=task.strata(y),
        groups=_groups(data),
        time=_time(data),
    )
    extra = np.flatnonzero(lone) if plan.rare_classes == "keep" else np.zeros(0, np.int64)
    folds = tuple(Fold(train=np.sort(np.r_[fold.train, extra]), valid=fold.valid) for fold in folds)
    return Work(data, plan, task, task.metric(plan.metric), y, weight, folds)


def _refuse(rare: tuple[str, ...], target: str) -> DataError:
    return DataError(
        f"{'a class' if len(rare) == 1 else f'{len(rare)} classes'} with one row in the target column {target!r}: "
        f"{listed(rare, 6)}",
        expected="two rows or more of each class: one to learn from, one to test on",
        fix="add rows, merge the class into another, or say --rare-classes keep (learn it, untested) or drop",
    )


def _groups(data: Dataset) -> IntArray | None:
    """What a split never parts: rows of a group, or else steps of a sequence."""
    name = data.schema.named(Role.GROUP)
    if name is not None:
        return data.levels(name).codes
    sequence = data.sequence()
    return None if sequence is None or len(np.unique(sequence)) == len(data) else sequence


def _time(data: Dataset) -> FloatArray | None:
    name = data.schema.named(Role.TIME)
    if name is None:
        return None
    return data.seconds(name) if data.schema[name].kind is Kind.DATETIME else data.numbers(name)


@dataclass
class Encodings:
    """Fitted encodings by recipe and fold. Matrices are kept while there is room, and made again when they are not."""

    work: Work
    _fitted: dict[tuple[str, int], Encoding] = field(default_factory=dict)
    _matrices: OrderedDict[tuple[str, int], tuple[Matrix, Matrix]] = field(default_factory=OrderedDict)

    def of(self, recipe: Recipe, number: int) -> tuple[Matrix, Matrix]:
        """Matrices of the training and the validation rows of a fold."""
        key = (recipe.key, number)
        if key not in self._matrices:
            self._keep(key, self._make(recipe, number))
        self._matrices.move_to_end(key)
        return self._matrices[key]

    def encoding(self, recipe: Recipe, number: int) -> Encoding:
        """The encoding itself, for the model."""
        if (recipe.key, number) not in self._fitted:
            self._make(recipe, number)
        return self._fitted[recipe.key, number]

    def _make(self, recipe: Recipe, number: int) -> tuple[Matrix, Matrix]:
        fold, work = self.work.fold(number), self.work
        target = Target(work.y, len(work.task.labels), work.task.form)
        # The training block can differ from `transform` (out-of-fold target encoding), so it is fitted again.
        encoding, train = Encoding.fit(recipe, work.data, fold.train, target)
        self._fitted[recipe.key, number] = encoding
        return train, encoding.transform(work.data, fold.valid)

    def _keep(self, key: tuple[str, int], matrices: tuple[Matrix, Matrix]) -> None:
        self._matrices[key] = matrices
        while (
            len(self._matrices) > 1
            and sum(one.nbytes for pair in self._matrices.values() for one in pair) > _CACHE_BYTES
        ):
            self._matrices.popitem(last=False)
