"""Packed arrays come back bit for bit; what is forged is refused before it takes memory."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from safetensors import safe_open
from safetensors.numpy import save_file

from assay.core.arrays import AnyArray, Float32Array
from assay.core.errors import RunError
from assay.core.packing import in_steps, read_arrays, write_arrays
from assay.core.state import read_state, write_state


def again(folder: Path, array: AnyArray) -> tuple[AnyArray, int]:
    """The array as it is read, and the bytes of its file."""
    file = folder / "arrays.safetensors"
    write_arrays(file, {"x": array}, small=True)
    return read_arrays(file)["x"], file.stat().st_size


@given(
    seed=st.integers(0, 1_000),
    shape=st.sampled_from([(), (0,), (0, 3), (3, 2), (1_000, 7), (5_000,), (40, 30, 20)]),
    kind=st.sampled_from(["bool", "i1", "u1", "i2", "i4", "i8", "u8", "f2", "f4", "f8"]),
)
def test_every_array_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, seed: int, shape: tuple[int, ...], kind: str
) -> None:
    array = np.asarray(np.random.default_rng(seed).integers(0, 100, shape)).astype(kind)
    found, _ = again(tmp_path_factory.mktemp("packed"), array)
    assert (found.shape, found.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(found, array)


def test_the_same_arrays_give_the_same_bytes(tmp_path: Path) -> None:
    arrays = {f"/{number}": np.full(5_000, number) for number in range(20)}
    written = []
    for name in ("one", "other"):
        write_arrays(tmp_path / name, arrays, small=True)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


def test_numbers_that_are_no_numbers_keep_their_bits(tmp_path: Path) -> None:
    array = np.tile(np.array([np.nan, -np.nan, np.inf, -0.0, 0.0, 1e-40], np.float32), 2_000)
    found, size = again(tmp_path, array)
    assert found.tobytes() == array.tobytes() and size < array.nbytes / 10


def test_what_saves_little_is_left_for_others_to_read(tmp_path: Path) -> None:
    """The weights of a net stand in the file as any reader of safetensors expects them."""
    weights = np.random.default_rng(0).normal(size=(300, 200)).astype(np.float32)
    again(tmp_path, weights)
    with safe_open(tmp_path / "arrays.safetensors", "numpy") as opened:
        np.testing.assert_array_equal(opened.get_tensor("x"), weights)


@given(
    values=stn.arrays(np.float32, (9,), elements=st.floats(width=32, min_value=-(2**100), max_value=2**100)),
    bits=st.integers(1, 20),
)
def test_steps_are_near_and_whole(values: Float32Array, bits: int) -> None:
    found = in_steps(values, bits)
    assert found.dtype == np.float32
    assert (np.abs(found - values) <= max(np.abs(values).max() / 2**bits, 2.0**-99)).all()
    assert np.array_equal(in_steps(found, bits + 1), found)


def test_numbers_in_steps_take_less(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=50_000).astype(np.float32)
    assert again(tmp_path, in_steps(numbers, 12))[1] < numbers.nbytes / 2
    assert not in_steps(np.zeros(3, np.float32), 8).any() and len(in_steps(numbers[:0], 8)) == 0


def test_an_array_may_be_changed_once_it_is_read(tmp_path: Path) -> None:
    found, _ = again(tmp_path, np.zeros(5_000, np.int64))
    found[0] = 7
    assert found[0] == 7


@pytest.mark.parametrize(
    "told",
    [
        {"type": "<f4", "shape": [2_000]},
        {"type": "<f4", "shape": [2_001]},
        {"type": "<f8", "shape": [1_000, 2]},
        {"type": "<f4", "shape": [-1, -2_000]},
        {"type": "<f4", "shape": [2**40, 2**40]},
        {"type": "|O", "shape": [1_000]},
        {"type": "<U4", "shape": [500]},
        {"type": "V8", "shape": [1_000]},
        {"type": "os", "shape": [1_000]},
        {"type": "<f4"},
        {"shape": [1_000]},
        [1],
        "x",
    ],
    ids=str,
)
def test_a_forged_type_or_shape_is_refused(tmp_path: Path, told: Any) -> None:
    write_state(tmp_path, {"x": np.zeros(1_500, np.float32)}, small=True)
    file = tmp_path / "arrays.safetensors"
    with safe_open(file, "numpy") as opened:
        assert json.loads(opened.metadata()["packed"]) == {"/x": {"type": "<f4", "shape": [1_500]}}
        packed = opened.get_tensor("/x")
    save_file({"/x": packed}, file, metadata={"packed": json.dumps({"/x": told})})
    with pytest.raises(RunError, match="damaged files in"):
        read_state(tmp_path)


@pytest.mark.parametrize("text", ["not JSON", "[]", '{"/y": {"type": "<f4", "shape": [10]}}', "[" * 100_000], ids=len)
def test_metadata_of_somebody_else_are_refused(tmp_path: Path, text: str) -> None:
    write_state(tmp_path, {"x": np.zeros(10, np.float32)})
    save_file({"/x": np.zeros(10, np.float32)}, tmp_path / "arrays.safetensors", metadata={"packed": text})
    with pytest.raises(RunError, match="damaged files in"):
        read_state(tmp_path)


def test_bytes_that_were_not_deflated_are_refused(tmp_path: Path) -> None:
    write_state(tmp_path, {"x": np.zeros(1_500, np.float32)})
    told = json.dumps({"/x": {"type": "<f4", "shape": [1_500]}})
    save_file({"/x": np.zeros(6_000, np.uint8)}, tmp_path / "arrays.safetensors", metadata={"packed": told})
    with pytest.raises(RunError, match="damaged files in"):
        read_state(tmp_path)
