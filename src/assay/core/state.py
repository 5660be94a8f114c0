"""State: how fitted things become files without pickle.

Everything fitted has ``state() -> State`` and ``from_state(State)``. A state is a tree of JSON values whose leaves
may also be NumPy arrays and ``Text`` (long text such as the words of a tokenizer). On disk the tree is one JSON file,
the arrays stand in one safetensors file (see `assay.core.packing`) and each long text in a file of its own. The tree
refers to an array by its JSON pointer (RFC 6901) in an object with the one key ``$array``, to a text by number under
``$text``; a key of the state's own that begins with ``$`` is written with one more. Reading never builds anything but
these plain values: which class takes a state is decided by code, not by the file.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assay.core.arrays import AnyArray
from assay.core.errors import RunError
from assay.core.packing import read_arrays, write_arrays

State = dict[str, Any]
T = TypeVar("T")

_ARRAY, _TEXT = "$array", "$text"
_EXACT = 2**53
_NUMBERS = "biuf"


class Text(str):
    """Long text that gets a file of its own."""


def write_state(folder: Path, state: State, *, small: bool = False) -> None:
    """Write a state into an existing folder as ``state.json``, ``arrays.safetensors`` and ``text-N.txt``.

    Args:
        folder: That is there.
        state: To write.
        small: Whether to take some time, about a second for 100 MB, to pack arrays where that saves much.

    Raises:
        TypeError: Something in the state is no JSON value, no text and no array of numbers.
    """
    arrays: dict[str, AnyArray] = {}
    texts: list[str] = []
    tree = _pack(state, "", arrays, texts)
    (folder / "state.json").write_text(json.dumps(tree, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    write_arrays(folder / "arrays.safetensors", arrays, small=small)
    for number, text in enumerate(texts):
        (folder / f"text-{number}.txt").write_text(text, encoding="utf-8", newline="")


def read_state(folder: Path) -> State:
    """Read what ``write_state`` wrote.

    Raises:
        RunError: A file is missing or not what it should be.
    """
    try:
        tree = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        arrays = read_arrays(folder / "arrays.safetensors")
        texts = {int(file.stem[5:]): _text(file) for file in folder.glob("text-*.txt")}
        state = _unpack(tree, arrays, texts)
    except Exception as error:  # a forged file can fail anywhere in the parsers; whatever it is, the files are to blame
        raise damaged(folder, f"{type(error).__name__}: {error}") from error
    if not isinstance(state, dict):
        raise damaged(folder, "the state is not an object")
    return state


def weigh(state: Any) -> tuple[int, int]:
    """How many floating numbers the arrays of a state hold, and how many bytes its arrays and long texts take."""
    if isinstance(state, np.ndarray):
        return (state.size if state.dtype.kind == "f" else 0), state.nbytes
    if isinstance(state, Text):
        return 0, len(state.encode("utf-8", "surrogatepass"))
    parts = state.values() if isinstance(state, Mapping) else state if isinstance(state, list | tuple) else ()
    weights = [weigh(part) for part in parts]
    return sum(numbers for numbers, _ in weights), sum(size for _, size in weights)


def take(state: Mapping[str, Any], key: str, kind: type[T]) -> T:
    """The value under ``key`` if it is of type ``kind`` (an int passes for a float).

    Raises:
        RunError: The key is not there, or its value is of another type.
    """
    value = state.get(key)
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < _EXACT:
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
        kind = "numbers" if dtype is None else np.dtype(dtype)
        axes = "any number of" if ndim is None else ndim
        raise RunError(
            f"a model state in which {key!r} is {value.dtype} with {value.ndim} axes",
            expected=f"an array of {kind} with {axes} axes",
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
        if value.dtype.kind not in _NUMBERS:
            raise TypeError(f"an array of {value.dtype} at {path} cannot be kept; only numbers and booleans can")
        arrays[path] = np.asarray(value, dtype=value.dtype.newbyteorder("="), order="C")
        return {_ARRAY: path}
    if isinstance(value, Text):
        texts.append(str(value))
        return {_TEXT: len(texts) - 1}
    if isinstance(value, Mapping):
        return {_written_key(key): _pack(inner, f"{path}/{_step(key)}", arrays, texts) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(inner, f"{path}/{number}", arrays, texts) for number, inner in enumerate(value)]
    if isinstance(value, np.generic):
        return value.item()
    return value


def _written_key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of a state must be a text, not {key!r}")
    return f"${key}" if key.startswith("$") else key


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unpack(value: Any, arrays: Mapping[str, AnyArray], texts: Mapping[int, Text]) -> Any:
    if isinstance(value, list):
        return [_unpack(inner, arrays, texts) for inner in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return arrays[value[_ARRAY]]
    if _TEXT in value:
        return texts[value[_TEXT]]
    return {key.removeprefix("$"): _unpack(inner, arrays, texts) for key, inner in value.items()}


def _text(file: Path) -> Text:
    with file.open(encoding="utf-8", newline="") as stream:
        return Text(stream.read())
