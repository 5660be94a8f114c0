"""What nets that read texts share: words by number, their vectors, and the other columns beside what was read."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import PlanError
from assay.data.schema import Kind, Schema
from assay.families._base import Fitted, Learning, Settings
from assay.families._bounds import check_bounds, out_of_bounds
from assay.families._net_family import TRAINING, NetFamily
from assay.features._base import Matrix, Tokens
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import whole

if TYPE_CHECKING:
    from torch import Tensor, nn

VECTORS = "embedding.weight"
RESERVED = 3
_MOST = 2**31 - 1
_BOUNDS = {**dict.fromkeys(("min_df", "most_words", "longest"), whole(1, _MOST)), "vectors_frozen": whole(0, _MOST)}

TEXT_TRAINING: Settings = MappingProxyType(
    {
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
        "vectors": "",
        "vectors_frozen": 0,
    }
)


class TextFamily(NetFamily):
    """A net whose ``forward`` takes numbers of words (n, t) int64 and, if there are other columns, (n, d) float32.

    The vectors of its words are a parameter whose name ends in ``embedding.weight``, a row for each word.

    Settings that all have: ``min_df``, ``most_words`` and ``longest`` of the encoder ``tokens``; ``vectors``: path of a
    file of word vectors in GloVe's text format to begin with, which also decides how wide they are; empty for none;
    ``vectors_frozen``: epochs for which they stay as they are. ``freeze = "*embedding.weight"`` keeps them for good.
    """

    sizes = ("words", "columns")

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a text, and rows enough to learn words from."""
        if not schema.features(Kind.TEXT):
            return "there is no text column"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """Linear models on counts of words are better on few texts, and take seconds."""
        return "nets that learn words from scratch are behind linear models on word counts unless texts are very many"

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets; and the file of word vectors has to be there, and to begin as one."""
        super().check(settings, form)
        wanted = {**self.defaults, **settings}
        check_bounds(self.name, wanted, _BOUNDS)
        key, epochs = "vectors_frozen", wanted["vectors_frozen"]
        if epochs and not wanted["vectors"]:
            raise out_of_bounds(self.name, key, epochs, f"{key} as 0 where vectors names no file")
        if epochs and wanted["freeze"]:
            raise out_of_bounds(self.name, key, epochs, f"{key} as 0 where freeze names what is frozen")
        if wanted["vectors"]:
            from assay.nn.texts.vectors import width_of

            width_of(wanted["vectors"])

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
        """``words``: how many numbers of words there are; ``columns``: how many other features; and the net's settings.

        Raises:
            PlanError: A net of such settings cannot read texts, or there is no such file of vectors.
            DataError: The file of vectors cannot be read.
        """
        own = {key: settings[key] for key in self.of_net}
        if settings.get("vectors"):
            from assay.nn.texts.vectors import width_of

            own["vector" if "vector" in own else "width"] = width_of(settings["vectors"])
        return {**own, "words": len(_tokens(matrix).words), "columns": matrix.as_dense().shape[1]}

    def headed(self, body: "nn.Module", features: int, facts: Mapping[str, Any]) -> "nn.Module":
        """A net that reads words with ``body`` to (n, features), and scores that and the other columns."""
        from assay.nn.headed import Headed

        given = {key: facts[key] for key in ("columns", "outputs", "drop_prob")}
        return Headed(body, features, **given)

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Numbers of words (n, t), and the other columns (n, d) if there are any."""
        import torch

        ids = torch.from_numpy(_tokens(matrix).ids.astype(np.int64))
        columns = matrix.as_dense()
        return (ids, torch.from_numpy(columns)) if columns.shape[1] else (ids,)

    def before(
        self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings
    ) -> Mapping[str, Any]:
        """Lay the vectors of the file into the net; tells of how many words, and whether there are words at all."""
        words = _tokens(learning.train).words
        known = len(words) - RESERVED
        if not known:
            return {"words": f"none: no word stands in {settings['min_df']} rows (min_df), so all are read as one"}
        if not settings.get("vectors"):
            return {}
        from assay.nn.texts.vectors import read_vectors

        found = read_vectors(settings["vectors"], ("",) * RESERVED + words[RESERVED:])
        _lay(found.places, found.values, net)
        count = len(found.places)
        return {"vectors": f"{count:,} of {known:,} words found in {settings['vectors']} ({count / known:.0%})"}

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """As all nets; vectors from a file are held still for their first epochs."""
        frozen = {"freeze": f"*{VECTORS}", "unfreeze": settings.get("vectors_frozen", 0)}
        return super().fit(learning, {**settings, **frozen} if frozen["unfreeze"] else settings)


def _lay(places: Any, values: Any, net: "nn.Module") -> None:
    """Put vectors (k, d) at their places; other words are drawn anew with their spread, as Kim (2014) does."""
    import torch

    (weight,) = (parameter for name, parameter in net.named_parameters() if name.endswith(VECTORS))
    if not len(places):
        return
    with torch.no_grad():
        weight.normal_(std=float(values.std()))
        weight[torch.from_numpy(places)] = torch.from_numpy(values)
        weight[0] = 0


def _tokens(matrix: Matrix) -> Tokens:
    if matrix.tokens is None:
        raise PlanError("a table without texts", expected="a text column", fix="name it with --text")
    return matrix.tokens
