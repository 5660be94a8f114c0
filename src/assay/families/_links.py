"""Between a net's scores and a task's outputs: what it learns, with which loss, where it begins, what it answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import RunError
from assay.core.state import State, take
from assay.families._base import Learning
from assay.tasks._base import Form
from assay.tasks.regression import Regression

if TYPE_CHECKING:
    from assay.nn.losses._base import Loss

FLOOR = 1e-6
_LEAST_PRIOR = 1e-4


class Link(ABC):
    """How one form of outputs comes from scores (n, c).

    Attributes:
        form: The form.
        takes: What its losses compare scores with, as in `nn.losses`.
        loss: Name of the loss that suits it.
    """

    form: ClassVar[Form]
    takes: ClassVar[str]
    loss: ClassVar[str]

    @classmethod
    def of(cls, learning: Learning) -> Self:
        """The link for some training rows."""
        return cls()

    def make_loss(self, **options: Any) -> "Loss":
        """The loss that suits it, which is also what the epoch to keep has least of.

        Raises:
            PlanError: It has no such option.
        """
        from assay.nn.losses._base import make_loss

        return make_loss(self.plain_loss(), **options)

    @classmethod
    def plain_loss(cls) -> "str | Loss":
        """The loss that suits any task of the form: by name, or itself where plans have no name for it."""
        return cls.loss

    def target(self, y: AnyArray) -> AnyArray:
        """What a loss compares scores with."""
        return y

    @abstractmethod
    def outputs(self, scores: FloatArray) -> FloatArray:
        """Scores (n, c) to outputs (n, k)."""

    @abstractmethod
    def scores(self, prior: FloatArray) -> FloatArray:
        """Scores (c,) whose outputs are ``prior`` (k,), or near them: where a net begins."""

    def state(self) -> State:
        """The link as JSON values."""
        return {"form": self.form.value}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls()


class Softmax(Link):
    """Classes: probabilities that sum to one, none below 1e-6 before they are scaled to do so."""

    form = Form.CLASSES
    takes = "class"
    loss = "cross_entropy"

    def outputs(self, scores: FloatArray) -> FloatArray:
        """Softmax (n, k)."""
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        outputs = np.maximum(powers / powers.sum(axis=1, keepdims=True), FLOOR)
        floored: FloatArray = outputs / outputs.sum(axis=1, keepdims=True)
        return floored

    def scores(self, prior: FloatArray) -> FloatArray:
        """Logarithms (k,)."""
        logs: FloatArray = np.log(np.maximum(prior, _LEAST_PRIOR))
        return logs


class Sigmoids(Link):
    """Labels: a probability for each by itself, none nearer than 1e-6 to 0 or 1."""

    form = Form.LABELS
    takes = "labels"
    loss = "bce"

    def outputs(self, scores: FloatArray) -> FloatArray:
        """Sigmoids (n, k)."""
        outputs: FloatArray = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        return np.clip(outputs, FLOOR, 1 - FLOOR)

    def scores(self, prior: FloatArray) -> FloatArray:
        """Log odds (k,)."""
        inside = np.clip(prior, _LEAST_PRIOR, 1 - _LEAST_PRIOR)
        odds: FloatArray = np.log(inside / (1 - inside))
        return odds


class Standardised(Link):
    """Numbers: learned in units of the target's spread from its centre; three scores where there is an interval."""

    form = Form.NUMBERS
    takes = "number"
    loss = "mse"

    def __init__(self, centre: float, spread: float, point: str = "mse", levels: tuple[float, ...] = ()) -> None:
        self.centre, self.spread, self.point, self.levels = centre, spread, point, levels

    @classmethod
    def of(cls, learning: Learning) -> Self:
        """In the units of the task, with its loss."""
        task = learning.task
        if not isinstance(task, Regression):
            raise TypeError(f"a {task.name} task has no units")
        return cls(task.centre, task.spread, task.loss, task.levels)

    def make_loss(self, **options: Any) -> "Loss":
        """The task's own for the prediction, and quantiles for the ends of an interval; it has no options.

        Raises:
            PlanError: One is given.
        """
        from assay.nn.losses._base import make_loss
        from assay.nn.losses._interval import Interval

        return make_loss(Interval(loss=self.point, levels=self.levels), **options)

    def target(self, y: AnyArray) -> AnyArray:
        """Numbers in units of the spread from the centre, (n,) float32."""
        return ((y - self.centre) / self.spread).astype(np.float32)

    def outputs(self, scores: FloatArray) -> FloatArray:
        """Back in the target's unit (n, k)."""
        return scores * self.spread + self.centre

    def scores(self, prior: FloatArray) -> FloatArray:
        """The other way."""
        return (prior - self.centre) / self.spread

    def state(self) -> State:
        """Form and units."""
        return {"form": self.form.value, "centre": self.centre, "spread": self.spread}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        return cls(take(state, "centre", float), take(state, "spread", float))


class Tags(Softmax):
    """Tags of steps: scores of each are also those of going from one to the next, and predictors sum over sequences."""

    form = Form.TAGS
    takes = "tags"
    loss = "chain"

    @classmethod
    def plain_loss(cls) -> "Loss":
        """The negative log likelihood of a sequence."""
        from assay.nn.losses._chain import Chain

        return Chain()


_LINKS: Mapping[Form, type[Link]] = {kind.form: kind for kind in (Softmax, Sigmoids, Standardised, Tags)}
# What a net gives that reads each row by itself.
LINKED = frozenset(_LINKS) - {Form.TAGS}


def link_of(learning: Learning) -> Link:
    """The link of a task's form, for some training rows."""
    return _LINKS[learning.task.form].of(learning)


def link_for(form: Form) -> type[Link]:
    """The kind of link that a form has."""
    return _LINKS[form]


def read_link(state: Mapping[str, Any]) -> Link:
    """Read a link.

    Raises:
        RunError: The state is damaged.
    """
    form = take(state, "form", str)
    if form not in {form.value for form in _LINKS}:
        raise RunError(
            f"a net that gives {form!r}",
            expected=f"one of: {', '.join(sorted(_LINKS))}",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return _LINKS[Form(form)].from_state(state)
