"""The contract of a family: a recipe for its features, a fit on one fold, and a predictor that can be saved.

A family never sees which fold it serves, which other candidates there are, or how it will be combined.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from assay.core.arrays import AnyArray, FloatArray
from assay.core.clock import Deadline
from assay.core.errors import PlanError
from assay.core.progress import Progress, Silence
from assay.core.state import State
from assay.data.schema import Schema
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

Settings = Mapping[str, Any]

_FORMS = {
    Form.CLASSES: "one class of a row",
    Form.LABELS: "several labels of a row",
    Form.NUMBERS: "numbers",
    Form.TAGS: "tags of a sequence",
}


@dataclass(frozen=True)
class Surroundings:
    """Where a fit may leave what is of use, and to whom it may tell how far it is; nothing here decides anything.

    Attributes:
        name: Of the fit, for people: candidate and fold.
        events: A folder for curves and pictures of a training; None for none.
        in_full: Whether costly pictures are wanted too: they are, of one fold.
        scratch: A folder for the state of a long fit, so that one that is killed goes on; None for none.
        progress: Who listens.
    """

    name: str = "fit"
    events: Path | None = None
    in_full: bool = False
    scratch: Path | None = None
    progress: Progress = field(default_factory=Silence)


@dataclass(frozen=True)
class Learning:
    """All that a fit is given.

    Attributes:
        task: What is decided; a family asks it for its form and the number of labels, not for its name.
        train, y, weight: The training rows: matrix, encoded target (see `tasks._base.Form`), (n,) float64 weights.
        valid, valid_y, valid_weight: The fold's other rows, to stop early on and to choose between steps of a path.
        seed: For every draw.
        threads: How many threads to use.
        deadline: When to stop and give the best so far. A fit that takes longer breaks the budget.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``, for families that can choose.
        surroundings: What a fit may use to keep and to tell.
    """

    task: Task
    train: Matrix
    y: AnyArray
    weight: FloatArray
    valid: Matrix
    valid_y: AnyArray
    valid_weight: FloatArray
    seed: int = 0
    threads: int = 1
    deadline: Deadline = field(default_factory=Deadline)
    device: str = "auto"
    surroundings: Surroundings = field(default_factory=Surroundings)


class Predictor(ABC):
    """A fitted model: predicts, and can be saved. Has no reference to what it was fitted on."""

    @abstractmethod
    def predict(self, matrix: Matrix) -> FloatArray:
        """Outputs (n, k) float64 for n rows, k as the task says; for classes rows sum to one."""

    @abstractmethod
    def state(self) -> State:
        """Everything that `from_state` needs."""

    @classmethod
    @abstractmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Predictor":
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """


@dataclass(frozen=True)
class Fitted:
    """What a fit gives.

    Attributes:
        predictor: The model.
        fixed: Settings that make the same fit again without looking at the clock or at the validation rows, e.g.
            ``{"rounds": 312}``: `Family.fit` with the settings updated by them gives the same predictor, bit for bit.
        notes: Plain facts for the evidence, e.g. ``{"stopped": "early", "C": 0.3}``.
        training: What was seen of a net's training, as JSON values: see `families/_nets.py`; empty for other models.
    """

    predictor: Predictor
    fixed: Settings
    notes: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)


class Family(ABC):
    """One kind of model. Stateless: all that was learned is in the predictor.

    Attributes:
        name: As in the plan; also the name of its file.
        title: For people, e.g. ``"Boosted trees (LightGBM)"``.
        predictor: The class that its fits give.
        defaults: Every setting that it has.
        suits: Why it is tried of itself, in plain words.
        priority: Families are tried from low to high.
        appetite: How much of the time it can put to use, relative to the others.
        loading: Seconds that importing its libraries may take; with less time than twice that left it is not begun.
        extra: The optional dependencies that hold what it needs, as in ``pip install 'assay[...]'``; see `missing`.
        costly: Its fits take so long that fewer folds, each with more of the time, are better.
        refits: In the model a fit on all rows takes the place of those on folds: it is a mean of many itself, or keeps
            the rows, so that the mean of some such fits would only be larger and slower.
        forms: What it can learn to give.
        threadsafe: Fits of it may run beside each other in threads: they change nothing outside of what they make.
        baseline: Shown for comparison; not what a person would use if anything else was fitted.
        small: Settings under which it learns some hundred rows in a second or less, for tests.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    predictor: ClassVar[type[Predictor]]
    defaults: ClassVar[Settings]
    suits: ClassVar[str] = "it can learn from such columns"
    priority: ClassVar[int] = 50
    appetite: ClassVar[float] = 1.0
    loading: ClassVar[float] = 0.0
    extra: ClassVar[str] = ""
    costly: ClassVar[bool] = False
    refits: ClassVar[bool] = False
    forms: ClassVar[frozenset[Form]] = frozenset({Form.CLASSES})
    threadsafe: ClassVar[bool] = False
    baseline: ClassVar[bool] = False
    small: ClassVar[Settings] = MappingProxyType({})

    def missing(self) -> str | None:
        """What it needs that is not installed, in plain words; None if it can be used. A member has ``extra`` then."""
        return None

    def need(self) -> None:
        """See that all is there that it needs.

        Raises:
            PlanError: It is not.
        """
        if (reason := self.missing()) is not None:
            raise PlanError(
                f"the family {self.name!r} cannot be used: {reason}",
                expected="the packages that it needs",
                fix=f"pip install 'assay[{self.extra}]', or do without it",
            )

    def refusal(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Why this family cannot serve such a task on such data, in plain words; None if it can."""
        if task.form not in self.forms:
            return f"it does not learn {_FORMS[task.form]}"
        return self.unfit_for(schema, task, n_rows)

    @abstractmethod
    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Why this family, which knows the task's form, cannot serve such data, in plain words; None if it can."""

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Why it is tried only if a person names it, in plain words; None if it is tried of itself."""
        return None

    def variants(self, schema: Schema, task: Task, n_rows: int) -> tuple[Settings, ...]:
        """Settings that are worth trying on such data, best first; each is laid over ``defaults``."""
        return ({},)

    def kin(self, settings: Settings) -> str:
        """What candidates with such settings are variants of: fits of one kin cost about as much as each other."""
        return self.name

    def hunger(self, settings: Settings) -> float:
        """The appetite of a candidate with such settings."""
        return self.appetite

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """Refuse settings that it cannot have, before anything is fitted; a family adds what it knows of their range.

        Args:
            settings: Any of the keys of ``defaults``.
            form: What the task wants to be given.

        Raises:
            PlanError: A value is of another type than its default, or something that it needs is not installed.
        """
        self.need()
        for key, value in settings.items():
            if not alike(value, self.defaults[key]):
                raise PlanError(
                    f"{key} = {value!r} among the settings of {self.name}",
                    expected=f"a value like {self.defaults[key]!r}",
                    fix=f"change {key} in the plan, or leave it out",
                )

    @abstractmethod
    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """The features that it reads."""

    def load(self) -> None:  # noqa: B027  most families have nothing to load
        """Import the libraries of a fit, so that the first fold's time is not spent on that."""

    @abstractmethod
    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Fit on one fold; ``settings`` hold every key of ``defaults``.

        Raises:
            NotEnoughTime: The deadline is too near.
        """


def alike(value: Any, default: Any) -> bool:
    """Whether a setting's value is of the type that its default shows."""
    if isinstance(value, bool) or isinstance(default, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    if isinstance(default, tuple | list):
        return isinstance(value, tuple | list)
    return isinstance(value, Mapping if isinstance(default, Mapping) else type(default))
