"""One-vs-one: for each two classes a model that tells them apart and has seen no others."""

from types import MappingProxyType

from assay.core.arrays import AnyArray
from assay.families._base import Settings
from assay.families._coded import Coded
from assay.families._codes import one_vs_one
from assay.families._of_binaries import DEFAULTS


class OneVsOne(Coded):
    """A model for each pair of classes.

    Settings: those of `Coded`; ``decoding``: ``"least_squares"`` (pairwise coupling, Wu, Lin & Weng 2004),
    ``"bradley_terry"`` (Hastie & Tibshirani 1998), or ``"votes"``: each model votes for a class.
    """

    name = "ovo"
    title = "One-vs-one"
    decodings = ("least_squares", "bradley_terry", "votes")
    defaults = MappingProxyType({**DEFAULTS, "decoding": "least_squares", "scale": 0.0})
    priority = 81

    def code(self, k: int, settings: Settings, seed: int) -> AnyArray:
        """Each class against each other one."""
        return one_vs_one(k)

    def count(self, k: int, settings: Settings) -> int:
        """One for each pair."""
        return k * (k - 1) // 2
