"""Families made of binary models: another family, the base, is fitted on several problems of two sides each.

One mechanism under one-vs-rest, one-vs-one, output codes, binary relevance and chains of labels, which differ in the
problems that they pose and in what they make of the answers.
"""

import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from assay.core.arrays import FloatArray
from assay.core.clock import Deadline
from assay.core.errors import NotEnoughTime, PlanError, RunError, did_you_mean, listed
from assay.core.members import member, member_names
from assay.core.seeds import derive_seed
from assay.core.state import State, take
from assay.core.threads import blas_threads
from assay.data.schema import Schema
from assay.families._base import Family, Fitted, Learning, Predictor, Settings, Surroundings
from assay.families.prior import PriorPredictor
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.tasks.binary import Binary

T = TypeVar("T")

PACKAGE = "assay.families"
TWO_SIDES = Binary(("rest", "label"), "text")
_TELLING, _EARLY, _OVERDUE = 3, 0.25, 1.25
DEFAULTS: Settings = {"base": "linear", "settings": {}, "parts": ()}


@dataclass(frozen=True)
class Problem:
    """One binary problem: 1 for a row of the positive side, 0 for one of the other, NaN for a row that is left out.

    Attributes:
        name: For people.
        y, valid_y: Sides of the training rows (n,) and of the validation rows.
    """

    name: str
    y: FloatArray
    valid_y: FloatArray


@dataclass(frozen=True)
class Parts:
    """Binary predictors of one base, in the order of their problems; a problem without two sides has its prior."""

    base: str
    predictors: tuple[Predictor, ...]

    def __len__(self) -> int:
        return len(self.predictors)

    def outputs(self, matrix: Matrix) -> FloatArray:
        """Probability (n, m) of each problem's positive side."""
        columns = [predictor.predict(matrix)[:, 1] for predictor in self.predictors]
        return np.stack(columns, axis=1) if columns else np.zeros((len(matrix), 0))

    def state(self) -> State:
        """The base's name, and the state of each predictor."""
        parts = [
            {"is_prior": isinstance(predictor, PriorPredictor), "state": predictor.state()}
            for predictor in self.predictors
        ]
        return {"base": self.base, "parts": parts}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave; which class reads a part is decided by the names of Assay's own members.

        Raises:
            RunError: The state is damaged.
        """
        base = take(state, "base", str)
        if base not in member_names(PACKAGE) or not can_be_base(kind := family_named(base)):
            raise damaged(f"parts of the family {base!r}", "a family that learns two classes itself")
        parts = []
        for entry in take(state, "parts", list):
            if not isinstance(entry, Mapping):
                raise damaged("a part that is no state", "a state for each part")
            reader = PriorPredictor if take(entry, "is_prior", bool) else kind.predictor
            parts.append(reader.from_state(take(entry, "state", dict)))
        return cls(base, tuple(parts))


class OfBinaries(Family):
    """A family that fits another one on binary problems.

    Settings: ``base``: name of the family; ``settings``: a table laid over its defaults; ``parts``: what each of its
    fits has fixed, empty to find it.

    Attributes:
        bases: Families that are tried as the base of themselves, best first.
    """

    bases: ClassVar[tuple[str, ...]] = ("linear", "boosted")

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Each base that can serve, with the settings that it would try first."""
        return tuple(
            on_base(name, schema, n_rows) for name in self.bases if can_serve(family_named(name), schema, n_rows)
        )

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """One of the bases must be able to serve."""
        if self.variants(schema, task, n_rows):
            return None
        return f"none of the families that it is made of ({', '.join(self.bases)}) can serve such data"

    def kin(self, settings: Settings) -> str:
        """Those of one base."""
        return f"{self.name} of {settings['base']}"

    def hunger(self, settings: Settings) -> float:
        """The base's."""
        base, inner = based(settings)
        return base.hunger(inner)

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; the base exists, learns two classes itself, and accepts its settings."""
        super().check(settings, form)
        whole = {**self.defaults, **settings}
        kind, inner = family_named(whole["base"]), whole["settings"]
        if not can_be_base(kind):
            raise PlanError(
                f"base = {kind.name!r} among the settings of {self.name}",
                expected="a family that learns two classes itself",
                fix="change base in the plan, e.g. to linear or boosted",
            )
        for key in inner:
            if key not in kind.defaults:
                raise PlanError(
                    f"a setting {key!r} for {kind.name}, the base of {self.name}",
                    expected=f"settings of {kind.name}: {listed(kind.defaults, 30) or 'it has none'}",
                    fix=f"{did_you_mean(key, kind.defaults)}change or remove the setting in the plan",
                )
        fixed: Sequence[Settings] = whole["parts"] or ({},)
        for part in fixed:
            kind().check({**inner, **part}, Form.CLASSES)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """The base's for two classes, so that its encodings are shared."""
        base, inner = based(settings)
        return base.recipe(schema, TWO_SIDES, inner)

    @abstractmethod
    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Fit the base on each problem and combine."""


def family_named(name: str) -> type[Family]:
    """A family by name.

    Raises:
        PlanError: There is none.
    """
    return member(PACKAGE, Family, name)  # type: ignore[type-abstract]


def on_base(name: str, schema: Schema, n_rows: int) -> Settings:
    """Settings that name a base, with what it would try first on two classes."""
    (first, *_) = family_named(name)().variants(schema, TWO_SIDES, n_rows)
    return {"base": name, "settings": dict(first)} if first else {"base": name}


def based(settings: Settings) -> tuple[Family, Settings]:
    """The base that settings name, and all of its own settings."""
    base = family_named(settings["base"])()
    return base, {**base.defaults, **settings["settings"]}


def label_problems(learning: Learning) -> list[Problem]:
    """Each label against its absence."""
    return [
        Problem(label, learning.y[:, number], learning.valid_y[:, number])
        for number, label in enumerate(learning.task.labels)
    ]


def fit_all(learning: Learning, problems: Sequence[Problem], settings: Settings) -> list[Fitted]:
    """Fit the base on each problem.

    Raises:
        NotEnoughTime: The base says so of one of the problems.
    """
    base, inner = based(settings)

    pace = Pace(len(problems))

    def fitted(number: int, given: Learning) -> Fitted:
        told = settings["parts"][number] if settings["parts"] else {}
        fit = fit_one(given, problems[number], base, {**inner, **told})
        if not number:  # so many models take time to predict as well, on these rows and on as many others
            started = time.monotonic()
            fit.predictor.predict(learning.valid)
            pace.kept = 2 * len(problems) * (time.monotonic() - started)
        return fit

    return side_by_side(fitted, len(problems), learning, base, pace=pace)


def side_by_side(
    work: Callable[[int, Learning], T], count: int, learning: Learning, base: Family, *, pace: "Pace | None" = None
) -> list[T]:
    """What ``work`` gives for each number below ``count``, several at once where the base is safe in threads.

    Each is given an equal share of the time that is left when it begins, and draws of its own; how many run at once
    changes nothing else. With a base that is not safe they take turns, with all threads for each.

    Raises:
        NotEnoughTime: The first ones took so long, whatever their share, that all of them would end far too late.
    """
    from joblib import Parallel, delayed

    workers = max(1, min(learning.threads, count)) if base.threadsafe else 1
    base.load()
    pace = pace or Pace(count)
    pace.workers = workers

    def done(number: int) -> T:
        end = pace.end(learning.deadline)
        pace.see(number, end)
        share = end.share(min(1.0, workers / (count - number)))
        seed, threads = derive_seed(learning.seed, "part", number), max(1, learning.threads // workers)
        started = time.monotonic()
        found = work(number, replace(learning, deadline=share, seed=seed, threads=threads))
        pace.took.append(time.monotonic() - started)
        return found

    # One thread for each, also where one works alone: sums in another order would be another model.
    with blas_threads(1 if base.threadsafe else learning.threads):
        found: list[T] = Parallel(workers, backend="threading", batch_size=1)(delayed(done)(at) for at in range(count))
    return found


@dataclass
class Pace:
    """How long models take that are fitted one after the other, by some workers.

    Attributes:
        took: Seconds of each.
        kept: Seconds to be left for what comes after them.
    """

    count: int
    workers: int = 1
    took: list[float] = field(default_factory=list)
    kept: float = 0.0

    def end(self, deadline: Deadline) -> Deadline:
        """When the last of them should be done: before a deadline, at half of what is left of it or later."""
        return deadline.share(max(0.5, 1 - self.kept / max(deadline.remaining, 1e-9)))

    def see(self, number: int, deadline: Deadline) -> None:
        """See, before one of the first models, that all of them can end about in time, whatever share each is given.

        Raises:
            NotEnoughTime: They cannot.
        """
        if len(self.took) < _TELLING or number >= max(_TELLING + 1, _EARLY * self.count):
            return
        each = float(np.median(self.took))
        if each * (self.count - number) / self.workers > _OVERDUE * deadline.remaining:
            raise NotEnoughTime(f"{self.count:,} models take about {each * self.count / self.workers:.1f} s")


def fit_one(learning: Learning, problem: Problem, base: Family, settings: Settings) -> Fitted:
    """Fit the base on one problem; the prior of its rows where they are all of one side."""
    two = two_sided(learning, problem)
    heavy = np.bincount(two.y, two.weight, minlength=2)
    if heavy.min() <= 0:
        return Fitted(PriorPredictor(TWO_SIDES.prior(two.y, two.weight)), {})
    return base.fit(two, settings)


def two_sided(learning: Learning, problem: Problem) -> Learning:
    """What a base is given of a problem: the rows that have a side, with their weights.

    Without such a validation row the training rows take their place.
    """
    matrix, y, weight = _known(learning.train, problem.y, learning.weight)
    valid = _known(learning.valid, problem.valid_y, learning.valid_weight)
    if not valid[2].sum() > 0:
        valid = (matrix, y, weight)
    return replace(
        learning,
        task=TWO_SIDES,
        train=matrix,
        y=y,
        weight=weight,
        valid=valid[0],
        valid_y=valid[1],
        valid_weight=valid[2],
        surroundings=Surroundings(f"{learning.surroundings.name}, {problem.name}"),
    )


def damaged(found: str, expected: str) -> RunError:
    """The error for a state that is not what it should be."""
    return RunError(
        found,
        expected=expected,
        fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
    )


def _known(matrix: Matrix, y: FloatArray, weight: FloatArray) -> tuple[Matrix, Any, FloatArray]:
    known = np.isfinite(y)
    if known.all():
        return matrix, y.astype(np.int64), weight
    rows = np.flatnonzero(known)
    return matrix.rows(rows), y[rows].astype(np.int64), weight[rows]


def can_be_base(kind: type[Family]) -> bool:
    """Whether a family learns two classes itself."""
    return Form.CLASSES in kind.forms and not issubclass(kind, OfBinaries) and not kind.baseline


def can_serve(kind: type[Family], schema: Schema, n_rows: int) -> bool:
    """Whether a family can be the base on such data."""
    return can_be_base(kind) and kind().refusal(schema, TWO_SIDES, n_rows) is None
