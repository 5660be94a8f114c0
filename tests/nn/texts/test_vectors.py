"""Files of word vectors: every form that is about, and every way in which one can be broken."""

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, OutputError, PlanError
from assay.nn.texts.vectors import find_vectors, read_vectors, width_of, write_vectors

GLOVE = "the 0.5 -1 2e-1\ngood 1 2 3\n. 4 5 6\nbad -1 -2 -3\n"
WORDS = ("", "bad", "the", "absent", "good")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.txt"
    path.write_text(GLOVE)
    return path


def test_the_vectors_of_the_words_that_are_asked_for_are_read(file: Path) -> None:
    found = read_vectors(str(file), WORDS)
    assert found.places.tolist() == [1, 2, 4]
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(found.values, [[-1, -2, -3], [0.5, -1, 0.2], [1, 2, 3]])
    assert width_of(str(file)) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"4 3\n" + GLOVE.encode(),
        gzip.compress(GLOVE.encode()),
        gzip.compress(b"4 3\n" + GLOVE.encode()),
        GLOVE.replace("\n", " \r\n").encode(),
        b"\xef\xbb\xbf" + GLOVE.encode(),
        GLOVE.rstrip().encode() + b"\n\n",
        GLOVE.encode() + b"good 9 9 9\n",
        GLOVE.encode() + b". . 1 2 3\nat name@site 1 2 3\n",
        b". . . 1 2 3\n" + GLOVE.encode(),
        GLOVE.encode() + b"\xff\xfe 1 2 3\n",
        b"12 0.5 0.5 0.5\n" + GLOVE.encode(),
    ],
    ids=["header", "gz", "gz+header", "windows", "mark", "blank lines", "twice", "blanks", "first", "bytes", "number"],
)
def test_every_form_that_is_about_gives_the_same(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(content)
    found = read_vectors(str(path), WORDS[1:] if content.startswith(b"\xef") else WORDS)
    wanted = {"bad": [-1, -2, -3], "good": [1, 2, 3]}
    words = WORDS[1:] if content.startswith(b"\xef") else WORDS
    read = {words[place]: values.tolist() for place, values in zip(found.places, found.values, strict=True)}
    assert {word: read[word] for word in wanted} == wanted


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (GLOVE + "so 1 2\n", r"line 5 of .* has 2 numbers after the word(?s:.*)3, as the first has"),
        (GLOVE + "so 1 2 3 4\n", r"line 5 of .* has 4 numbers after the word"),
        ("9 3\nthe 1 2 3\nso 1\n", "line 3 of .* has 1 numbers"),
        ("the 1 2 3\ngood 1 x 3\n", "line 2 of .* holds 'x' among its numbers"),
        ("the 1 2 3\ngood 1 nan 3\n", "line 2 of .* holds 'nan' among its numbers(?s:.*)finite"),
        ("the 1 2 3\ngood 1 1e99 3\n", "line 2 of .* holds '1e99'"),
        ("", "line 1 of .* is ''"),
        ("word\n", "line 1 of .* is 'word'"),
        ("text,label\n", "line 1 of .* is 'text,label'"),
        ("5 0\n", "line 1 of .* is '5 0'"),
        ("the 1 2 3\n" + "x" * 1_000_001, "line 2 of .* is longer than 1,000,000 bytes"),
    ],
)
def test_a_broken_file_is_told_by_the_line(content: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    with pytest.raises(DataError, match=found):
        read_vectors(str(path), WORDS)


def test_a_gzip_stream_that_ends_early_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vectors.gz"
    many = "".join(f"word{number} {number} 0.25 {number / 7}\n" for number in range(2_000))
    path.write_bytes(gzip.compress(many.encode())[:-500])
    with pytest.raises(DataError, match=r"a damaged gzip stream(?s:.*)fetch the file anew"):
        read_vectors(str(path), WORDS)


def test_a_path_that_is_none(file: Path) -> None:
    with pytest.raises(PlanError, match=r"which is not there(?s:.*)did you mean 'vectors\.txt'"):
        find_vectors(str(file.with_name("vector.txt")))
    with pytest.raises(PlanError, match="which is a folder"):
        width_of(str(file.parent))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    line = " ".join(["0.125"] * 50)
    path.write_text("".join(f"w{number} {line}\n" for number in range(20_000)))
    tracemalloc.start()
    try:
        assert len(read_vectors(str(path), ("w7", "w19999")).places) == 2
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 5
    finally:
        tracemalloc.stop()


@given(
    words=st.lists(st.from_regex(r"\w{1,6}", fullmatch=True), min_size=1, max_size=8, unique=True),
    seed=st.integers(0, 99),
)
def test_what_is_written_is_read_again_to_the_last_bit(
    words: list[str], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("round") / "vectors.txt"
    draw = np.random.default_rng(seed)
    values = (draw.normal(size=(len(words), 3)) * 10.0 ** draw.integers(-20, 20, (len(words), 3))).astype(np.float32)
    write_vectors(path, words, values)
    found = read_vectors(str(path), words)
    assert found.places.tolist() == list(range(len(words)))
    np.testing.assert_array_equal(found.values, values)


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="a folder stands at"):
        write_vectors(tmp_path, ["a"], np.zeros((1, 2), np.float32))
