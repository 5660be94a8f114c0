"""Several classes by binary models: a code says which classes stand against which, a decoder what the answers mean."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np

from assay.core.arrays import AnyArray, FloatArray
from assay.core.errors import PlanError, did_you_mean
from assay.core.members import member_names
from assay.core.state import State, take, take_array
from assay.data.schema import Schema
from assay.families import _of_binaries as of
from assay.families._base import Fitted, Learning, Predictor, Settings
from assay.families._decoding import DECODERS, SCORES, best_scale, decoded
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

MOST_MODELS = 1_000


@dataclass(frozen=True)
class CodedPredictor(Predictor):
    """Binary predictors for the columns of a code.

    Attributes:
        parts: One for each column.
        code: (k, m) int8.
        rows: (m,) how much the rows of each problem weighed.
        decoding: Name of the decoder.
        scale: What its scores are multiplied with before they are made probabilities.
    """

    parts: of.Parts
    code: AnyArray
    rows: FloatArray
    decoding: str
    scale: float = 1.0

    def predict(self, matrix: Matrix) -> FloatArray:
        """Probabilities (n, k)."""
        return decoded(self.decoding, self.scale, self.parts.outputs(matrix), self.code, self.rows)

    def state(self) -> State:
        """The parts, the code, and how it is read."""
        read = {"code": self.code, "rows": self.rows, "decoding": self.decoding, "scale": self.scale}
        return {**self.parts.state(), **read}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what ``state`` gave.

        Raises:
            RunError: The state is damaged.
        """
        code = take_array(state, "code", ndim=2, dtype=np.int8)
        rows = take_array(state, "rows", ndim=1, dtype=np.float64)
        decoding, scale = take(state, "decoding", str), take(state, "scale", float)
        parts = of.Parts.from_state(state)
        sided = bool(code.size and ((code == 1).any(axis=0) & (code == -1).any(axis=0)).all())
        if not sided or not np.isin(code, (-1, 0, 1)).all() or len(parts) != code.shape[1] or len(rows) != len(parts):
            raise of.damaged(
                f"a code {code.shape} for {len(parts)} models", "two sides in each column, and a model for each"
            )
        if decoding not in DECODERS or not 0 < scale < np.inf:
            raise of.damaged(f"decoding = {decoding!r} with a scale of {scale}", f"one of: {', '.join(DECODERS)}")
        return cls(parts, code, rows, decoding, scale)


class Coded(of.OfBinaries):
    """A family that learns several classes by binary models.

    Settings: those of `OfBinaries`; ``decoding``: how classes are read from the answers, one of `decodings`;
    ``scale``: what a decoder's scores are multiplied with, 0 for what suits the validation rows best.

    Attributes:
        decodings: Names of decoders that have a meaning for its code.
    """

    predictor = CodedPredictor
    decodings: ClassVar[tuple[str, ...]]

    @abstractmethod
    def code(self, k: int, settings: Settings, seed: int) -> AnyArray:
        """The code (k, m) for k classes."""

    @abstractmethod
    def count(self, k: int, settings: Settings) -> int:
        """How many models it fits for k classes."""

    def refusal_of(self, task: Task, settings: Settings = MappingProxyType({})) -> str | None:
        """Why such a task is not decomposed, whatever the base; None if it is."""
        if task.form is not Form.CLASSES:
            return "only classes that exclude each other are decomposed"
        k = len(task.labels)
        if k == 2:
            return "there are two classes, so there is nothing to decompose"
        count = self.count(k, {**self.defaults, **settings})
        if count > MOST_MODELS:
            return f"{k} classes would be {count:,} models, and {MOST_MODELS:,} are the most"
        return None

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It is for three classes or more, of which one of the bases can tell two apart."""
        return self.refusal_of(task) or super().unfit_for(schema, task, n_rows)

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Families know several classes themselves."""
        return f"its base learns all classes at once; --decompose {self.name} sets both side by side"

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families made of binary models; the decoder is one that suits the code."""
        super().check(settings, form)
        whole = {**self.defaults, **settings}
        if whole["decoding"] not in self.decodings:
            raise PlanError(
                f"decoding = {whole['decoding']!r} among the settings of {self.name}",
                expected=f"one of: {', '.join(self.decodings)}",
                fix=f"{did_you_mean(whole['decoding'], self.decodings)}change decoding in the plan",
            )
        if not 0 <= whole["scale"] < np.inf:
            raise PlanError(
                f"scale = {whole['scale']} among the settings of {self.name}",
                expected="a finite number, 0 or above",
                fix="change scale in the plan, or leave it out",
            )

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """The base's for two classes.

        Raises:
            PlanError: There would be too many models.
        """
        if len(task.labels) > 2 and (reason := self.refusal_of(task, settings)) is not None:
            raise PlanError(
                f"{self.name} cannot serve this data: {reason}",
                expected="fewer models",
                fix="change its settings or its family in the plan; ovr fits one model for each class",
            )
        return super().recipe(schema, task, settings)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Fit the base on each column of the code."""
        code = self.code(len(learning.task.labels), settings, learning.seed)
        fits = of.fit_all(learning, _problems(learning, code), settings)
        parts = of.Parts(settings["base"], tuple(fit.predictor for fit in fits))
        rows = np.bincount(learning.y, learning.weight, minlength=len(code)) @ (code != 0)
        fixed: dict[str, Any] = {"parts": [dict(fit.fixed) for fit in fits]}
        scale, decoding = float(settings["scale"]), settings["decoding"]
        if decoding in SCORES:
            if not scale:
                answers = parts.outputs(learning.valid)
                scale = best_scale(SCORES[decoding](answers, code, rows), learning.valid_y, learning.valid_weight)
            fixed["scale"] = scale
        predictor = CodedPredictor(parts, code, rows, decoding, scale or 1.0)
        return Fitted(predictor, fixed, {"models": len(fits), "base": settings["base"]})


def decomposition(name: str, task: Task) -> type[Coded]:
    """A way to learn the classes of a task by binary models.

    Raises:
        PlanError: There is none of that name, or it cannot serve the task.
    """
    kinds = {kind.name: kind for kind in map(of.family_named, member_names(of.PACKAGE)) if issubclass(kind, Coded)}
    if name not in kinds:
        raise PlanError(
            f"no decomposition named {name!r}",
            expected=f"one of: {', '.join(kinds)}",
            fix=f"{did_you_mean(name, kinds)}change --decompose",
        )
    if (reason := kinds[name]().refusal_of(task)) is not None:
        raise PlanError(
            f"--decompose {name} for this target: {reason}",
            expected="three classes or more, and models that can be counted",
            fix="leave --decompose out, or use ovr, which fits one model for each class",
        )
    return kinds[name]


def _problems(learning: Learning, code: AnyArray) -> list[of.Problem]:
    sides = np.where(code > 0, 1.0, np.where(code < 0, 0.0, np.nan))
    labels = learning.task.labels
    return [
        of.Problem(_named(code[:, column], labels), sides[learning.y, column], sides[learning.valid_y, column])
        for column in range(code.shape[1])
    ]


def _named(column: AnyArray, labels: tuple[str, ...]) -> str:
    """E.g. ``bus against van``."""
    plus, minus = (np.flatnonzero(column == side) for side in (1, -1))
    sides = [labels[side[0]] if len(side) == 1 else f"{len(side)} classes" for side in (plus, minus)]
    return " against ".join(sides)
