"""What nets that read texts share: words by number, and the other columns beside what was read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Kind, Schema
from assay.families._base import Settings
from assay.families._net_family import TRAINING, NetFamily
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.tasks._base import Task

if TYPE_CHECKING:
    from torch import Tensor, nn

TEXT_TRAINING: Settings = {
    **TRAINING,
    "optimizer": "adamw",
    "rate": 0.002,
    "decay": 0.01,
    "schedule": "one_cycle",
    "epochs": 20,
    "batch": 64,
    "patience": 4,
    "min_df": 2,
    "most_words": 50_000,
    "longest": 256,
}


class TextFamily(NetFamily):
    """A net whose ``forward`` takes numbers of words (n, t) int64 and, if there are other columns, (n, d) float32."""

    sizes = ("words", "columns")

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a text, and rows enough to learn words from."""
        if not schema.features(Kind.TEXT):
            return "there is no text column"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Linear models on counts of words are better on few texts, and take seconds."""
        return "nets that learn words from scratch are behind linear models on word counts unless texts are very many"

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Words in their order; scaled numbers, categories one-hot, parts of dates."""
        words = {"min_df": settings["min_df"], "most": settings["most_words"], "longest": settings["longest"]}
        pairs = {"pairs": settings["pairs"]} if settings.get("pairs") else {}
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("tokens", {**words, **pairs}, (Kind.TEXT,)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {"max_levels": 32}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """``words``: how many numbers there are; ``columns``: how many other features; and the net's own settings."""
        own = {key: settings[key] for key in self.of_net}
        return {**own, "words": _tokens(matrix).size, "columns": columns_of(matrix).shape[1]}

    def headed(self, body: "nn.Module", features: int, facts: Mapping[str, Any]) -> "nn.Module":
        """A net that reads words with ``body`` to (n, features), and scores that and the other columns."""
        from assay.nn.headed import Headed

        given = {key: facts[key] for key in ("columns", "outputs", "drop_prob")}
        return Headed(body, features, **given)

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Numbers of words (n, t), and the other columns (n, d) if there are any."""
        import torch

        ids = torch.from_numpy(_tokens(matrix).ids.astype(np.int64))
        columns = columns_of(matrix)
        return (ids, torch.from_numpy(columns)) if columns.shape[1] else (ids,)


def _tokens(matrix: Matrix) -> Any:
    if matrix.tokens is None:
        raise PlanError("a table without texts", expected="a text column", fix="name it with --text")
    return matrix.tokens


def columns_of(matrix: Matrix) -> Any:
    """Dense features, then one-hot ones, (n, d) float32."""
    if matrix.sparse is None:
        return np.ascontiguousarray(matrix.dense)
    return np.hstack([matrix.dense, matrix.sparse.toarray()])
