"""Arrays in one safetensors file, some of them packed: the first bytes of all numbers, then the second, deflated.

Numbers that are near each other, or rounded, have bytes in common, and small ones bytes of nothing. The file's own
metadata say of a packed array which type and shape it has; how bytes are deflated is RFC 1951.
"""

import json
import math
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, Float32Array

_TOLD = "packed"
_FEWEST_BYTES = 4_096
_WORTH = 0.75  # of its bytes; the weights of a net keep nine tenths, and are left for others to read as they are
_SMALLEST = -99  # power of two
_LARGEST = 8 * 2**30
_FAST = 1  # twice as quick as 6, and a tenth larger


def write_arrays(file: Path, arrays: Mapping[str, AnyArray], *, small: bool = False) -> None:
    """Write arrays by name, packed if they are to be ``small`` and it saves a quarter."""
    from safetensors.numpy import save_file

    kept, told = dict(arrays), dict[str, Any]()
    for name, array in arrays.items() if small else ():
        if array.nbytes >= _FEWEST_BYTES and len(packed := _packed(array)) < _WORTH * array.nbytes:
            kept[name] = np.frombuffer(packed, np.uint8)
            told[name] = {"type": array.dtype.str, "shape": array.shape}
    save_file(kept, file, metadata={_TOLD: json.dumps(told)} if told else None)


def read_arrays(file: Path) -> dict[str, AnyArray]:
    """What ``write_arrays`` wrote.

    Raises:
        Exception: Of any type, where the file was made or changed by somebody else.
    """
    from safetensors import safe_open
    from safetensors.numpy import load_file

    arrays: dict[str, AnyArray] = load_file(file)
    with safe_open(file, "numpy") as opened:
        told = json.loads((opened.metadata() or {}).get(_TOLD, "{}"))
    for name, about in told.items():
        arrays[name] = _unpacked(arrays[name].tobytes(), np.dtype(about["type"]), tuple(about["shape"]))
    return arrays


def in_steps(values: Float32Array, bits: int) -> Float32Array:
    """Each as so many steps of one size that the largest has at most 2^``bits``: these take fewer bytes when packed."""
    _, exponent = np.frexp(np.abs(values).max(initial=0.0))
    step = np.ldexp(np.float32(1), max(int(exponent), _SMALLEST) - bits)
    steps: Float32Array = np.rint(values / step) * step
    return steps


def _packed(array: AnyArray) -> bytes:
    numbers = np.ascontiguousarray(array).reshape(-1, 1)
    return zlib.compress(numbers.view(np.uint8).T.tobytes(), _FAST)


def _unpacked(packed: bytes, dtype: "np.dtype[np.generic]", shape: tuple[int, ...]) -> AnyArray:
    size = math.prod(shape)
    wanted = size * dtype.itemsize
    if dtype.kind not in "biuf" or min(shape, default=0) < 0 or wanted > _LARGEST:
        raise ValueError(f"an array of {dtype} in the shape {shape}")
    stream = zlib.decompressobj()
    plain = stream.decompress(packed, wanted + 1)
    if len(plain) != wanted or not stream.eof:
        raise ValueError(f"a packed array of {dtype} in the shape {shape} with {len(plain):,} bytes")
    bytes_of = np.frombuffer(plain, np.uint8).reshape(dtype.itemsize, size)
    whole: AnyArray = np.ascontiguousarray(bytes_of.T).view(dtype).reshape(shape)
    return whole
