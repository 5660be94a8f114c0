"""Any net of the package timm, where it is installed."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assay.data.schema import Schema
from assay.families._classic_net import CLASSIC_TRAINING, ClassicFamily
from assay.tasks._base import Task

if TYPE_CHECKING:
    from torch import nn

_CPU = "--index-url https://download.pytorch.org/whl/cpu"


class Timm(ClassicFamily):
    """A net of timm (PyTorch Image Models), its head replaced by one that sees the other columns too.

    Settings: ``model``, its name in timm, ``drop_prob``, those of `ClassicFamily`, and all options of the training.
    Nothing is fetched: ``weights`` is a local file under timm's names.
    """

    name = "timm"
    title = "Net of timm"
    defaults = MappingProxyType({**CLASSIC_TRAINING, "model": "resnet18", "drop_prob": 0.0, "rate": 0.001})
    of_net = ("model", "drop_prob")
    priority = 77
    loading = 6.0
    extra = "timm"
    small = MappingProxyType(
        {"model": "test_resnet", "epochs": 25, "batch": 32, "rate": 0.003, "loss_options": {"label_smoothing": 0.1}}
    )

    def missing(self) -> str | None:
        """That timm, or the torchvision that it needs, cannot be loaded."""
        return _missing()

    def left_out(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """As all nets of large pictures; and that the package is not there."""
        if find_spec("timm") is None:
            return "it needs a package: pip install 'assay[timm]'"
        return super().left_out(schema, task, n_rows)

    def net(self, facts: Mapping[str, Any]) -> "nn.Module":
        """The net with first weights."""
        from assay.nn.pictures.timm import Timm as Body

        body = Body(facts["shape"], model=facts["model"])
        return self.headed(body, body.features, facts)


@cache
def _missing() -> str | None:
    try:
        import timm  # noqa: F401
    except Exception as error:  # a torchvision of another torch fails with more than ImportError
        why = f"the package timm cannot be loaded ({type(error).__name__}: {error})"
        if "torchvision" in str(error):
            return f"{why}; it needs the torchvision of the torch that is installed (pip install torchvision {_CPU})"
        return why
    return None
