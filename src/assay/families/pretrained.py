"""A pretrained text encoder with a linear head: it knows words that the training rows do not have."""

from types import MappingProxyType

from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._design import make_design
from assay.families._path import DEFAULTS, LinearPredictor, walk
from assay.features import _text_encoder as texts
from assay.features._encoding import Recipe
from assay.features._sentence_net import reading
from assay.tasks._base import Form, Task

# A text of 13 tokens takes 5 ms, one of 170 takes 50 (measured, one thread), so these take 10 to 100 s; the plan knows
# no lengths, and the clock does not cut an encoder short.
_MOST_ROWS = 2_000


class Pretrained(Family):
    """L2-regularised logistic regression on the vectors of an encoder that stays as it is, and on other columns.

    Settings: ``encoder``: a folder, an installed package or a name on the hub, empty for the first installed package;
    ``path`` and ``steps`` (see `assay.families._path.walk`).
    """

    name = "pretrained"
    title = "Pretrained encoder, frozen"
    predictor = LinearPredictor
    defaults = MappingProxyType({"encoder": "", **DEFAULTS})
    priority = 45
    loading = 6.0
    extra = "pretrained"

    def missing(self) -> str | None:
        """That the extra is not installed."""
        return texts.missing()

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It needs a text."""
        return None if schema.features(Kind.TEXT) else "there is no text column"

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """The extra or an encoder is not there; or vectors of so many texts take too long to be made unasked."""
        if texts.missing() or not texts.first_installed():
            return "it needs packages: pip install 'assay[pretrained]'"
        return f"vectors of more than {_MOST_ROWS:,} texts take long to make" if n_rows > _MOST_ROWS else None

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families; and the encoder has to be there, or is fetched."""
        super().check(settings, form)
        reading(texts.folder_of(settings.get("encoder", ""), fetch=True))

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """Sentence vectors; scaled numbers, categories one-hot, parts of dates."""
        wanted = [
            ("sentences", {"encoder": settings["encoder"]}, (Kind.TEXT,)),
            ("robust", {}, (Kind.NUMERIC, Kind.BOOLEAN)),
            ("onehot", {}, (Kind.CATEGORICAL,)),
            ("calendar", {}, (Kind.DATETIME,)),
        ]
        return Recipe(tuple((name, given) for name, given, kinds in wanted if schema.features(*kinds)))

    def load(self) -> None:
        """Import the library that reads encoders."""
        import transformers  # noqa: F401

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Walk the path of C on all features."""
        return walk(learning, make_design(learning.train, learning.weight, threads=learning.threads), settings)
