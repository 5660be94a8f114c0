"""All that changes in a training, taken out and put back: for rollbacks in memory and for checkpoints on disk."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from assay.training.history import Epoch

if TYPE_CHECKING:
    from assay.training.trainer import Trainer

Tree = dict[str, Any]


def take(trainer: "Trainer") -> Tree:
    """A copy of the state of a training between two steps; the leaves are tensors and JSON values."""
    state = trainer.optimizer.state_dict()
    tree: Tree = {
        "net": dict(trainer.net.state_dict()),
        "optimizer": {
            "state": {str(number): entry for number, entry in state["state"].items()},
            "groups": [{key: group[key] for key in group if key != "params"} for group in state["param_groups"]],
        },
        "averaged": trainer.averaged.state() if trainer.averaged else None,
        "schedule": trainer.schedule.state(),
        "guard": asdict(trainer.guard),
        "ranks": trainer.curriculum.ranks,
        "at": {**asdict(trainer.at), "seconds": trainer.elapsed},
        "epochs": [asdict(epoch) for epoch in trainer.history.epochs],
    }
    copied: Tree = mapped(tree, lambda tensor: tensor.detach().clone())
    return copied


def put(trainer: "Trainer", tree: Mapping[str, Any]) -> None:
    """Put a training back to where `take` found it; the copy stays whole, for the next time."""
    tree = mapped(tree, lambda tensor: tensor.detach().clone())
    trainer.net.load_state_dict(tree["net"])
    groups = trainer.optimizer.state_dict()["param_groups"]
    pairs = zip(tree["optimizer"]["groups"], groups, strict=True)
    state = {int(number): entry for number, entry in tree["optimizer"]["state"].items()}
    trainer.optimizer.load_state_dict(
        {"state": state, "param_groups": [{**saved, "params": group["params"]} for saved, group in pairs]}
    )
    if trainer.averaged:
        trainer.averaged.restore(tree["averaged"]["steps"], tree["averaged"]["net"])
    trainer.schedule.restore(tree["schedule"])
    trainer.guard.first, trainer.guard.best = tree["guard"]["first"], tree["guard"]["best"]
    trainer.curriculum.ranks = tree["ranks"]
    for key, value in tree["at"].items():
        if key != "seconds":
            setattr(trainer.at, key, value)
    trainer.history.epochs = [Epoch(**entry) for entry in tree["epochs"]]
    trainer.window.clear()


def sound(trainer: "Trainer") -> bool:
    """Whether all weights are numbers."""
    norms = torch._foreach_norm([parameter.detach() for parameter in trainer.net.parameters()])
    return bool(torch.isfinite(torch.stack([norm.float() for norm in norms])).all())


def from_arrays(value: Any, device: torch.device) -> Any:
    """The tree with every array as a tensor on a device."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value).to(device)
    if isinstance(value, dict):
        return {key: from_arrays(inner, device) for key, inner in value.items()}
    if isinstance(value, list):
        return [from_arrays(inner, device) for inner in value]
    return value


def mapped(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """The tree with every tensor changed; tuples become lists, as they do in JSON."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        return {key: mapped(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mapped(inner, change) for inner in value]
    return value
