"""A pretrained text encoder that is trained on: slower than as it stands, and surer where rows are enough."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.core.errors import NotEnoughTime, PlanError
from assay.data.schema import Kind, Schema
from assay.families._base import Fitted, Learning, Settings
from assay.families._bounds import check_bounds
from assay.families._net_family import TRAINING, NetFamily
from assay.features import _text_encoder as texts
from assay.features._base import Matrix
from assay.features._encoding import Recipe
from assay.features._sentence_net import quiet, reading
from assay.tasks._base import Form, Task
from assay.training.optimizers._limits import BELOW_ONE, whole

if TYPE_CHECKING:
    from torch import Tensor, nn

    from assay.families._ways import AsTheyAre

# Measured: 3 s to read 22 million weights, before the first step.
_LEAST_SECONDS = 5.0
_BOUNDS = {"longest": whole(4, 512), "drop_prob": BELOW_ONE}


class Finetuned(NetFamily):
    """All weights of a transformer and a linear head, trained at a low rate (Devlin et al. 2019, "BERT").

    The model holds the trained weights and the tokenizer, so that it predicts without the encoder it began as; the
    package transformers is needed. Settings: ``encoder``: a folder, an installed package or a name on the hub, empty
    for the first installed package; ``longest``: subwords of a row at most; ``drop_prob`` before the head; all options
    of the training. ``config`` and ``pooling`` are found in the encoder's folder where they are empty.
    """

    name = "finetuned"
    title = "Pretrained encoder, trained on"
    defaults = MappingProxyType(
        {
            **TRAINING,
            "encoder": "",
            "longest": 128,
            "config": "",
            "pooling": "",
            "drop_prob": 0.1,
            "optimizer": "adamw",
            "rate": 5e-5,
            "decay": 0.01,
            "schedule": "trapezoid",
            "warmup": 0.1,
            "clip": 1.0,
            "epochs": 4,
            "batch": 32,
        }
    )
    of_net = ("config", "pooling", "drop_prob")
    sizes = ("columns",)
    priority = 80
    loading = 8.0
    extra = "pretrained"
    small = MappingProxyType({"epochs": 3, "rate": 5e-4, "batch": 16, "longest": 16})

    def missing(self) -> str | None:
        """That the extra is not installed."""
        return texts.missing()

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a text, and some rows."""
        if not schema.features(Kind.TEXT):
            return "there is no text column"
        return "a net needs 50 rows or more" if n_rows < 50 else None

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It takes minutes."""
        if texts.missing():
            return "it needs packages: pip install 'assay[pretrained]'"
        return "to train a pretrained encoder takes minutes for a thousand texts"

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all nets; and the encoder has to be there, or is fetched."""
        self.need()
        super().check(settings, form)
        check_bounds(self.name, {**self.defaults, **settings}, _BOUNDS)
        reading(texts.folder_of(settings.get("encoder", ""), fetch=True))

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Subwords; scaled numbers, categories one-hot, parts of dates."""
        wanted: list[tuple[str, Mapping[str, Any], tuple[Kind, ...]]] = [
            ("subwords", {key: settings[key] for key in ("encoder", "longest")}, (Kind.TEXT,)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {"max_levels": 32}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def facts(self, settings: Settings, matrix: Matrix) -> dict[str, Any]:
        """The net's config and pooling, as the encoder's folder says; ``columns``: how many other features."""
        folder = texts.folder_of(settings["encoder"])
        config = settings["config"] or (folder / "config.json").read_text(encoding="utf-8")
        pooling = settings["pooling"] or reading(folder).pooling
        columns = matrix.as_dense().shape[1]
        return {"config": config, "pooling": pooling, "drop_prob": settings["drop_prob"], "columns": columns}

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.headed import Headed
        from assay.nn.texts.pretrained import Pretrained

        body = Pretrained(facts["config"], pooling=facts["pooling"])
        given = {key: facts[key] for key in ("columns", "outputs", "drop_prob")}
        return Headed(body, body.features, **given)

    def inputs(self, matrix: Matrix, facts: Mapping[str, Any]) -> tuple["Tensor", ...]:
        """Numbers of subwords (n, t), and the other columns (n, d) if there are any."""
        import torch

        if matrix.tokens is None:
            raise PlanError("a table without texts", expected="a text column", fix="name it with --text")
        ids, columns = torch.from_numpy(matrix.tokens.ids).long(), matrix.as_dense()
        return (ids, torch.from_numpy(columns)) if columns.shape[1] else (ids,)

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """As all nets, if there is time to read the weights and to take a step.

        Raises:
            NotEnoughTime: There is not.
        """
        if learning.deadline.remaining < _LEAST_SECONDS:
            raise NotEnoughTime(f"to read and train a pretrained encoder takes {_LEAST_SECONDS:.0f} s or more")
        return super().fit(learning, settings)

    def before(
        self, net: "nn.Module", learning: Learning, inputs: Sequence["Tensor"], settings: Settings
    ) -> Mapping[str, Any]:
        """Lay the encoder's weights into the net.

        Raises:
            PlanError: They cannot be read.
        """
        from transformers import AutoModel

        folder = texts.folder_of(settings["encoder"])
        try:
            with quiet():
                given = AutoModel.from_pretrained(
                    str(folder), use_safetensors=True, local_files_only=True, trust_remote_code=False
                )
            net.get_submodule("body.net").load_state_dict(given.float().state_dict())
        except Exception as error:  # a foreign folder can fail anywhere
            raise texts.not_there(f"an encoder in {folder} that cannot be read ({type(error).__name__})") from error
        return {"encoder": settings["encoder"] or folder.parent.name, "sha256": texts.digest(folder)}

    def way(self, settings: Settings) -> "AsTheyAre":
        """In batches of like length."""
        from assay.families._ways import InBuckets

        return InBuckets()
