"""Files of weights that were made elsewhere: read without running anything that is in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.core.errors import PlanError, did_you_mean, listed

if TYPE_CHECKING:
    from torch import Tensor

_SAFE, _TORCH = ".safetensors", (".pt", ".pth", ".bin", ".ckpt", ".tar")
_TABLES = ("state_dict", "model_state_dict", "model", "net", "weights")


def find_weights(name: str) -> Path:
    """The file, without a look into it.

    Raises:
        PlanError: There is none, or its ending is not that of weights.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        inside = path / "model" / "arrays.safetensors"
        fix = f"set weights to {str(inside)!r}" if inside.is_file() else "name a file in it"
        raise _unusable(name, "which is a folder", fix)
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        raise _unusable(name, "which is not there", f"{did_you_mean(path.name, near)}change the path")
    if path.suffix.lower() not in (_SAFE, *_TORCH):
        raise _unusable(name, f"whose ending is {path.suffix!r}", "rename it if it is such a file")
    return path


def read_weights(name: str) -> dict[str, "Tensor"]:
    """All weights of a file by name, on the CPU; those in a table of their own, as beside an epoch number, too.

    Raises:
        PlanError: The file is not there, is damaged, or holds something else than weights.
    """
    import torch

    path = find_weights(name)
    held = _read(path)
    for key in _TABLES:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if not isinstance(held, Mapping):
        raise _unusable(name, f"which holds no table of weights ({type(held).__name__})", _SAVE)
    found = {str(key).removeprefix("module."): value for key, value in held.items() if isinstance(value, torch.Tensor)}
    if not found:
        raise _unusable(name, f"which holds no weights, but {listed(map(repr, held), 5) or 'nothing'}", _SAVE)
    return found


_SAVE = "write the weights anew: safetensors.torch.save_file(net.state_dict(), 'weights.safetensors')"


def _read(path: Path) -> Any:
    import torch
    from safetensors.torch import load_file

    try:
        if path.suffix.lower() == _SAFE:
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can fail anywhere in the parsers; whatever it is, the file is to blame
        if type(error).__name__ == "UnpicklingError" and "invalid load key" not in str(error):
            raise _unusable(
                str(path),
                "which holds Python objects beside weights; reading them could run any code",
                f"where you trust the file, {_SAVE}",
            ) from error
        raise _unusable(str(path), f"which does not read as weights ({type(error).__name__})", _SAVE) from error


def _unusable(name: str, why: str, fix: str) -> PlanError:
    return PlanError(
        f"weights = {name!r}, {why}",
        expected=f"a file of weights: {_SAFE}, or {' or '.join(_TORCH[:2])} as torch.save writes a state_dict",
        fix=fix,
    )
