"""Error-correcting output codes: models that part the classes in many ways, so that some of them may be wrong."""

from types import MappingProxyType

from assay.core.arrays import AnyArray
from assay.core.errors import PlanError, did_you_mean
from assay.families import _codes as codes
from assay.families._base import Settings
from assay.families._coded import Coded
from assay.families._of_binaries import DEFAULTS
from assay.tasks._base import Form

_CODES = ("auto", "exhaustive", "dense", "sparse", "bch")
_FEW = 6


class OutputCodes(Coded):
    """A model for each column of a code (Dietterich & Bakiri 1995; Allwein, Schapire & Singer 2000).

    Settings: those of `Coded`; ``code``: ``"exhaustive"``, ``"dense"`` or ``"sparse"`` (random), ``"bch"``, or
    ``"auto"``: exhaustive up to six classes, dense for more; ``decoding``: ``"loss"`` (logistic; its softmax, scaled to
    suit the validation rows, had the lowest log loss on letter, vowel_speakers and vehicle), ``"hamming"``, or the
    couplings ``"least_squares"`` and ``"bradley_terry"``.
    """

    name = "ecoc"
    title = "Error-correcting output codes"
    decodings = ("loss", "hamming", "least_squares", "bradley_terry")
    defaults = MappingProxyType({**DEFAULTS, "code": "auto", "decoding": "loss", "scale": 0.0})
    priority = 82

    def check(self, settings: Settings, form: Form = Form.CLASSES) -> None:
        """As all families of coded classes; there is such a code."""
        super().check(settings, form)
        kind = {**self.defaults, **settings}["code"]
        if kind not in _CODES:
            raise PlanError(
                f"code = {kind!r} among the settings of {self.name}",
                expected=f"one of: {', '.join(_CODES)}",
                fix=f"{did_you_mean(kind, _CODES)}change code in the plan",
            )

    def code(self, k: int, settings: Settings, seed: int) -> AnyArray:
        """The code of the kind that is asked for."""
        kind = _kind(settings, k)
        if kind == "exhaustive":
            return codes.exhaustive(k)
        return {"dense": codes.dense, "sparse": codes.sparse, "bch": codes.bch}[kind](k, seed)

    def count(self, k: int, settings: Settings) -> int:
        """One for each column."""
        kind = _kind(settings, k)
        if kind == "exhaustive":
            return int(2 ** (k - 1) - 1)
        return {"dense": codes.n_dense, "sparse": codes.n_sparse, "bch": codes.n_bch}[kind](k)


def _kind(settings: Settings, k: int) -> str:
    kind = str(settings["code"])
    return ("exhaustive" if k <= _FEW else "dense") if kind == "auto" else kind
