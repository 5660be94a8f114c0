"""Nets of the package timm (PyTorch Image Models), which is no part of Assay: it is used where it is installed."""

from collections.abc import Sequence
from typing import Any

import torch

from assay.core.errors import PlanError, did_you_mean
from assay.nn.pictures._staged import Staged


class Timm(Staged):
    """A net of timm without its head; its stages are the groups of layers that it names itself.

    Weights are never fetched: they come from a local file, under timm's names, or are drawn anew.

    Args:
        shape: Of a picture: height, width, channels.
        model: As in ``timm.list_models()``; a tag behind a dot, which names weights, changes nothing.

    Raises:
        PlanError: There is no such model, or it cannot see such pictures.
        ImportError: The package cannot be loaded.
    """

    def __init__(self, shape: Sequence[int], *, model: str) -> None:
        import timm

        # Only names that timm itself knows: others, such as "hf-hub:...", would be looked up on the network.
        if not timm.is_model(model):
            raise PlanError(
                f"no model of timm named {model!r}",
                expected="a name that timm.list_models() gives, such as 'resnet18' or 'convnext_atto'",
                fix=f"{did_you_mean(model, timm.list_models())}change model in the plan",
            )
        net, features = _made(shape, model)
        super().__init__([net], features, pooled=False)
        named = (getattr(net, "default_cfg", None) or {}).get("classifier") or ()
        self.heads = (named,) if isinstance(named, str) else tuple(named)

    def named_here(self, name: str) -> str:
        """A name as timm writes it."""
        return f"stages.0.{name}"

    def stage_patterns(self) -> list[list[str]]:
        """Names of the parameters of each group, in the order of computation."""
        from timm.models import group_parameters

        net: Any = self.stages[0]
        groups = group_parameters(net, net.group_matcher(coarse=True)) if hasattr(net, "group_matcher") else {}
        return [[self.named_here(name) for name in names] for names in groups.values()] or super().stage_patterns()


def _made(shape: Sequence[int], model: str) -> tuple[Any, int]:
    """The net, and how many features it finds in a picture."""
    import timm

    fixed = getattr(timm.models.get_pretrained_cfg(model), "fixed_input_size", False)
    sized = {"img_size": tuple(shape[:2])} if fixed else {}
    try:
        net = timm.create_model(model, pretrained=False, num_classes=0, in_chans=shape[2], **sized).eval()
        with torch.no_grad():
            seen = net(torch.zeros(1, shape[2], *shape[:2]))
        return net.train(), seen.shape[1]
    except Exception as error:  # a model can refuse pictures of a size in any way that it likes
        raise PlanError(
            f"the model {model!r} of timm cannot see pictures of {shape[1]} by {shape[0]} "
            f"({type(error).__name__}: {error})",
            expected="a model that takes them",
            fix="choose another model, or give larger pictures",
        ) from error
