"""State: how fitted things become files without pickle.

Everything fitted has ``state() -> State`` and ``from_state(State)``. A state is a tree of JSON values whose leaves
may also be NumPy arrays and ``Text`` (long text such as LightGBM's model). On disk the tree is one JSON file, the
arrays stand in one safetensors file and each long text in a file of its own; the tree refers to them by key. Reading
never builds anything but these plain values: which class takes a state is decided by code, not by the file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assay.core.arrays import AnyArray
from assay.core.errors import RunError

State = dict[str, Any]
T = TypeVar("T")

_ARRAY, _TEXT = "$array", "$text"


class Text(str):
    """Long text that gets a file of its own."""


def write_state(folder: Path, state: State) -> None:
    """Write a state into an existing folder as ``state.json``, ``arrays.safetensors`` and ``text-N.txt``."""
    from safetensors.numpy import save_file

    arrays: dict[str, AnyArray] = {}
    texts: list[str] = []
    tree = _pack(state, "", arrays, texts)
    (folder / "state.json").write_text(json.dumps(tree, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    save_file(arrays, folder / "arrays.safetensors")
    for number, text in enumerate(texts):
        (folder / f"text-{number}.txt").write_text(text, encoding="utf-8", newline="")


def read_state(folder: Path) -> State:
    """Read what ``write_state`` wrote.

    Raises:
        RunError: A file is missing or not what it should be.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tree = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "arrays.safetensors")
        state = _unpack(tree, arrays, folder)
    except (OSError, ValueError, KeyError, RecursionError, SafetensorError) as error:
        raise damaged(folder, f"{type(error).__name__}: {error}") from error
    if not isinstance(state, dict):
        raise damaged(folder, "the state is not an object")
    return state


def take(state: Mapping[str, Any], key: str, kind: type[T]) -> T:
    """The value under ``key`` if it is of type ``kind`` (an int passes for a float).

    Raises:
        RunError: The key is not there, or its value is of another type.
    """
    value = state.get(key)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)  # type: ignore[return-value]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        raise RunError(
            f"a model state in which {key!r} is {type(value).__name__}",
            expected=f"{key!r} of type {kind.__name__}",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return value


def take_array(state: Mapping[str, Any], key: str, *, ndim: int | None = None, dtype: Any = None) -> AnyArray:
    """The array under ``key``, its number of axes and its type checked.

    Raises:
        RunError: There is no such array.
    """
    value = take(state, key, np.ndarray)
    if (ndim is not None and value.ndim != ndim) or (dtype is not None and value.dtype != np.dtype(dtype)):
        raise RunError(
            f"a model state in which {key!r} is {value.dtype} with {value.ndim} axes",
            expected=f"{np.dtype(dtype) if dtype is not None else 'an array'} with {ndim} axes",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        )
    return value


def damaged(folder: Path, why: str) -> RunError:
    """The error for a folder whose files do not read as what they should be."""
    return RunError(
        f"damaged files in {folder} ({why})",
        expected="the files as Assay wrote them",
        fix="restore the run folder from a copy, or fit again",
    )


def _pack(value: Any, path: str, arrays: dict[str, AnyArray], texts: list[str]) -> Any:
    if isinstance(value, np.ndarray):
        key = path or "array"
        arrays[key] = np.ascontiguousarray(value)
        return {_ARRAY: key}
    if isinstance(value, Text):
        texts.append(str(value))
        return {_TEXT: len(texts) - 1}
    if isinstance(value, Mapping):
        return {str(key): _pack(inner, f"{path}/{key}", arrays, texts) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(inner, f"{path}/{number}", arrays, texts) for number, inner in enumerate(value)]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _unpack(value: Any, arrays: Mapping[str, AnyArray], folder: Path) -> Any:
    if isinstance(value, list):
        return [_unpack(inner, arrays, folder) for inner in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return arrays[value[_ARRAY]]
    if _TEXT in value:
        with (folder / f"text-{int(value[_TEXT])}.txt").open(encoding="utf-8", newline="") as file:
            return Text(file.read())
    return {key: _unpack(inner, arrays, folder) for key, inner in value.items()}
