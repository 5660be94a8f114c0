"""One-vs-rest: for each class a model that tells it from all others."""

from types import MappingProxyType

from assay.core.arrays import AnyArray
from assay.families._base import Settings
from assay.families._coded import Coded
from assay.families._codes import one_vs_rest
from assay.families._of_binaries import DEFAULTS


class OneVsRest(Coded):
    """As many binary models as there are classes.

    Settings: those of `Coded`; ``decoding``: ``"loss"``: the softmax of their log odds, scaled to suit the validation
    rows (lower log loss than the others with linear models and trees on letter and vehicle); ``"normalised"``: their
    probabilities divided by the sum; or ``"bradley_terry"`` (Huang, Weng & Lin 2006).
    """

    name = "ovr"
    title = "One-vs-rest"
    decodings = ("loss", "normalised", "bradley_terry")
    defaults = MappingProxyType({**DEFAULTS, "decoding": "loss", "scale": 0.0})
    priority = 80

    def code(self, k: int, settings: Settings, seed: int) -> AnyArray:
        """Each class against the others."""
        return one_vs_rest(k)

    def count(self, k: int, settings: Settings) -> int:
        """One for each class."""
        return k
