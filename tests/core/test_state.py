"""States come back as they were written; what was forged comes back as a RunError."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from safetensors.numpy import save_file

from assay.core.errors import RunError
from assay.core.state import Text, damaged, read_state, take, take_array, write_state

DTYPES = st.sampled_from(
    [np.dtype(name) for name in ("bool", "i1", "u1", "i2", "i4", "i8", "u8", "f2", "f4", "f8", ">f8", ">i4")]
)
ARRAYS = stn.arrays(DTYPES, stn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text()
KEYS = st.text() | st.sampled_from(["$array", "$text", "$$", "a/b", "a~1b", "a", "b", "", "/", "0"])
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        PLAIN | ARRAYS | st.text().map(Text),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=10,
    ),
    max_size=4,
)


def written_and_read(folder: Path, state: dict[str, Any]) -> dict[str, Any]:
    write_state(folder, state)
    return read_state(folder)


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray)
        assert (one.shape, one.dtype.newbyteorder("=")) == (other.shape, other.dtype)
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key, value in one.items():
            assert_same(value, other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for value, again in zip(one, other, strict=True):
            assert_same(value, again)
    else:
        assert (type(one), one) == (type(other), other)


@given(state=TREES)
def test_every_state_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, state: dict[str, Any]) -> None:
    assert_same(state, written_and_read(tmp_path_factory.mktemp("state"), state))


def test_keys_that_look_like_paths_do_not_meet(tmp_path: Path) -> None:
    state = {"a/b": np.zeros(2), "a": {"b": np.ones(3)}, "a~1b": np.full(1, 7.0)}
    assert_same(state, written_and_read(tmp_path, state))


def test_words_of_the_user_never_become_references(tmp_path: Path) -> None:
    state = {"levels": {"$array": "/x", "$text": 0, "$$array": 1}, "x": np.zeros(1)}
    assert_same(state, written_and_read(tmp_path, state))


def test_numbers_of_numpy_become_plain_and_tuples_lists(tmp_path: Path) -> None:
    state = written_and_read(tmp_path, {"n": np.int64(3), "x": np.float32(0.5), "both": (1, 2), "yes": np.bool_(True)})
    assert state == {"n": 3, "x": 0.5, "both": [1, 2], "yes": True}
    assert [type(value) for value in state.values()] == [int, float, list, bool]


def test_arrays_may_lie_in_memory_as_they_like(tmp_path: Path) -> None:
    base = np.arange(12.0).reshape(3, 4)
    state = {"turned": base.T, "fortran": np.asfortranarray(base), "every second": base[:, ::2]}
    assert_same(state, written_and_read(tmp_path, state))


def test_long_text_keeps_every_line_end(tmp_path: Path) -> None:
    assert written_and_read(tmp_path, {"tree": Text("a\r\nb\n\rc")})["tree"] == "a\r\nb\n\rc"
    assert (tmp_path / "text-0.txt").read_bytes() == b"a\r\nb\n\rc"


def test_the_same_state_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write_state(tmp_path / name, {"b": np.ones(3), "a": np.zeros((2, 2)), "c": Text("x")})
        contents.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"x": np.array(["a"])}, "an array of <U1 at /x cannot be kept"),
        ({"x": np.array([object()])}, "an array of object at /x cannot be kept"),
        ({"x": {1, 2}}, "set is not JSON serializable"),
        ({"x": {1: "a"}}, "a key of a state must be a text, not 1"),
    ],
)
def test_what_cannot_be_kept_is_refused_when_written(tmp_path: Path, state: dict[str, Any], says: str) -> None:
    with pytest.raises(TypeError, match=says):
        write_state(tmp_path, state)


@pytest.mark.parametrize(
    "tree",
    [
        '{"a": {"$array": "/missing"}}',
        '{"a": {"$array": ["/x"]}}',
        '{"a": {"$array": {}}}',
        '{"a": {"$text": 7}}',
        '{"a": {"$text": -1}}',
        '{"a": {"$text": {}}}',
        '{"a": {"$text": 1e999}}',
        '{"a": {"$text": "../../secret"}}',
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"a": ' + "[" * 900 + "]" * 900 + "}",
        '{"a": ' + "9" * 5000 + "}",
        "[1]",
        '"text"',
        '{"a": 1',
        "",
        "\x80\x04\x95",
    ],
    ids=lambda tree: tree[:24],
)
def test_a_forged_tree_is_refused_or_plain(tmp_path: Path, tree: str) -> None:
    write_state(tmp_path, {"x": np.ones(2), "t": Text("text")})
    (tmp_path / "state.json").write_text(tree, encoding="utf-8")
    try:
        state = read_state(tmp_path)
    except RunError as error:
        assert "damaged files in" in str(error)
    else:
        assert state["a"][0][0] == state["a"][0][0]  # deep, yet read whole


def _safetensors(header: dict[str, Any], body: bytes = bytes(16)) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 7,
        (2**62).to_bytes(8, "little") + b"{}",
        b"\x80\x04\x95" + b"\x00" * 40,
        _safetensors({"/x": {"dtype": "F64", "shape": [2**40], "data_offsets": [0, 16]}}),
        _safetensors({"/x": {"dtype": "F64", "shape": [-2], "data_offsets": [0, 16]}}),
        _safetensors({"/x": {"dtype": "F64", "shape": [2], "data_offsets": [0, 99]}}),
        _safetensors({"/x": {"dtype": "F64", "shape": [0, 2**62, 2**62], "data_offsets": [0, 0]}}, b""),
        _safetensors({"/x": {"dtype": "BF16", "shape": [8], "data_offsets": [0, 16]}}),
        _safetensors({"/x": {"dtype": "F8_E4M3", "shape": [16], "data_offsets": [0, 16]}}),
        _safetensors({"/x": {"dtype": "OBJECT", "shape": [2], "data_offsets": [0, 16]}}),
        _safetensors({"/y": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}}),
    ],
    ids=range(12),
)
def test_forged_arrays_are_refused_or_of_another_type(tmp_path: Path, content: bytes) -> None:
    write_state(tmp_path, {"x": np.ones(2)})
    (tmp_path / "arrays.safetensors").write_bytes(content)
    with pytest.raises(RunError, match=r"damaged files in|a model state in which 'x' is"):
        take_array(read_state(tmp_path), "x", ndim=1, dtype=np.float64)


@pytest.mark.parametrize("name", ["state.json", "arrays.safetensors"])
def test_a_missing_file_is_told(tmp_path: Path, name: str) -> None:
    write_state(tmp_path, {"x": np.ones(2)})
    (tmp_path / name).unlink()
    with pytest.raises(RunError, match="damaged files in"):
        read_state(tmp_path)


def test_a_missing_array_is_told(tmp_path: Path) -> None:
    write_state(tmp_path, {"x": np.ones(2)})
    save_file({"/y": np.ones(2)}, tmp_path / "arrays.safetensors")
    with pytest.raises(RunError, match=r"damaged files in .*KeyError: '/x'"):
        read_state(tmp_path)


def test_a_missing_text_or_one_that_is_no_text_is_told(tmp_path: Path) -> None:
    write_state(tmp_path, {"x": Text("long")})
    (tmp_path / "text-0.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(RunError, match="UnicodeDecodeError"):
        read_state(tmp_path)
    (tmp_path / "text-0.txt").unlink()
    with pytest.raises(RunError, match="KeyError: 0"):
        read_state(tmp_path)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(1, int), (1.5, float), ("a", str), (True, bool), ([1], list), ({"a": 1}, dict), (Text("a"), Text)],
)
def test_a_value_of_the_right_type_is_taken(value: object, kind: type) -> None:
    assert take({"key": value}, "key", kind) is value


def test_a_whole_number_passes_for_a_float() -> None:
    assert take({"key": 3}, "key", float) == 3.0
    assert isinstance(take({"key": 3}, "key", float), float)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(True, int), (True, float), (1.0, int), ("1", int), (None, str), ("a", Text), (10**400, float), ([], dict)],
)
def test_a_value_of_another_type_is_refused(value: object, kind: type) -> None:
    with pytest.raises(RunError, match=f"'key' is {type(value).__name__}.*\nExpected: 'key' of type {kind.__name__}"):
        take({"key": value}, "key", kind)


def test_a_value_that_is_not_there_is_refused() -> None:
    with pytest.raises(RunError, match="'key' is NoneType"):
        take({}, "key", int)


def test_arrays_are_checked_for_axes_and_type() -> None:
    state = {"x": np.zeros((2, 3), np.float32), "y": [1.0, 2.0]}
    assert take_array(state, "x", ndim=2, dtype=np.float32) is state["x"]
    assert take_array(state, "x") is state["x"]
    with pytest.raises(RunError, match=r"float32 with 2 axes.\nExpected: an array of float64 with 2 axes"):
        take_array(state, "x", ndim=2, dtype=np.float64)
    with pytest.raises(RunError, match=r"float32 with 2 axes.\nExpected: an array of numbers with 1 axes"):
        take_array(state, "x", ndim=1)
    with pytest.raises(RunError, match="'y' is list"):
        take_array(state, "y")


def test_damage_names_the_folder_and_the_reason(tmp_path: Path) -> None:
    assert str(damaged(tmp_path, "it rained")).startswith(f"Found: damaged files in {tmp_path} (it rained).")
