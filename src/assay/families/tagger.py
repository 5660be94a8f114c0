"""A net that reads sequences of steps: hashed words and their letters, their neighbours, and a chain of tags."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.arrays import Float32Array
from assay.data.schema import Kind, Schema
from assay.families._base import Settings
from assay.families._bounds import check_bounds
from assay.families._chained import Chained, sequence_of
from assay.families._net_family import TRAINING, NetFamily, NetPredictor
from assay.families._ways import AsTheyAre
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.features.spelling import TRAITS
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import BELOW_ONE, Limit, whole

if TYPE_CHECKING:
    from torch import Tensor, nn

_BOUNDS: Mapping[str, Limit | list[str]] = {
    "context": ["cnn", "lstm"],
    "rows": whole(16, 10_000_000),
    "vector": whole(4, 4_096),
    "filters": whole(1, 4_096),
    "width": whole(1, 4_096),
    "layers": whole(1, 16),
    "drop_words": BELOW_ONE,
    "drop_inputs": BELOW_ONE,
    "drop_prob": BELOW_ONE,
}


class TaggerPredictor(Chained, NetPredictor):
    """A net whose scores of steps and between tags are those of a chain."""

    @property
    def tags(self) -> int:
        """How many tags."""
        tags: int = self.facts["outputs"]
        return tags

    def scores(self, matrix: Matrix) -> Float32Array:
        """Scores (n + k + 2, k), see `assay.families._chain`."""
        from assay.families._sequence_scores import scores_of

        return scores_of(self.net, self.family.inputs(matrix, self.facts), sequence_of(matrix))


class Tagger(NetFamily):
    """Hashed traits of words and filters over letters, an LSTM from both ends or convolutions, and a chain of tags.

    As Lample et al. 2016 and Ma and Hovy 2016, with hashed vectors that are learned with all the rest.

    Settings: ``context``: ``lstm`` or ``cnn``; ``rows``, ``vector``, ``filters``, ``drop_words`` (see
    `assay.nn.sequences.spelled`); ``width`` and ``layers`` of the context; ``chain``: whether going from tag to tag has
    scores; ``drop_inputs``, ``drop_prob``: shares that are zero in training; ``letters`` of a word that are read.
    """

    name = "tagger"
    title = "Sequence net (BiLSTM or CNN, CRF)"
    suits = "a net reads each step among all others of its sequence"
    predictor = TaggerPredictor
    forms = frozenset({Form.TAGS})
    defaults = MappingProxyType(
        {
            **TRAINING,
            "optimizer": "adamw",
            "rate": 0.003,
            "decay": 0.01,
            "schedule": "trapezoid",
            "epochs": 20,
            "batch": 32,
            "patience": 4,
            "clip": 5.0,
            "context": "lstm",
            "rows": 4_000,
            "vector": 96,
            "filters": 48,
            "width": 128,
            "layers": 1,
            "chain": True,
            "drop_words": 0.2,
            "drop_inputs": 0.4,
            "drop_prob": 0.4,
            "letters": 16,
        }
    )
    of_net = (*_BOUNDS, "chain", "letters")
    sizes = ("texts", "columns")
    priority = 40
    small = MappingProxyType(
        {
            "rows": 64,
            "vector": 16,
            "filters": 4,
            "width": 16,
            "epochs": 8,
            "rate": 0.02,
            "batch": 8,
            "drop_inputs": 0.0,
        }
    )

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a feature column, and rows enough to learn from."""
        if not self.recipe(schema, task, self.defaults).encoders:
            return "there is no feature column"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def check(self, settings: Settings, form: Form = Form.TAGS) -> None:
        """As all nets, and by the bounds of the net's own settings."""
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Spelled words and categories, scaled numbers, parts of dates."""
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("spelling", {"letters": settings["letters"]}, (Kind.TEXT, Kind.CATEGORICAL)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """``texts``: words of a step; ``columns``: its other numbers; and the net's settings."""
        numbers = 0 if matrix.tokens is None else matrix.tokens.ids.shape[1]
        texts = numbers // (len(TRAITS) + settings["letters"])
        return {**{key: settings[key] for key in self.of_net}, "texts": texts, "columns": matrix.as_dense().shape[1]}

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.sequences.context import CONTEXTS
        from assay.nn.sequences.spelled import Spelled
        from assay.nn.sequences.tagger import Tagger as Net

        check_bounds(self.name, facts, _BOUNDS)
        own = {key: facts[key] for key in ("rows", "vector", "filters", "drop_words")}
        words = Spelled(facts["texts"], traits=len(TRAITS), **own) if facts["texts"] else None
        inputs = (words.features if words else 0) + facts["columns"]
        context = CONTEXTS[facts["context"]](inputs, facts["width"], facts["layers"], facts["drop_prob"])
        given = {key: facts[key] for key in ("outputs", "chain", "drop_inputs", "drop_prob")}
        return Net(words, context, **given)

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Numbers of words (n, i), and the other columns (n, d) if there are any."""
        import torch

        ids = np.zeros((len(matrix), 0), np.int32) if matrix.tokens is None else matrix.tokens.ids
        columns = matrix.as_dense()
        given = (torch.from_numpy(ids), torch.from_numpy(columns))
        return given if columns.shape[1] else given[:1]

    def way(self, settings: Settings) -> "AsTheyAre":
        """In batches of sequences."""
        from assay.families._ways import InSequences

        return InSequences()
