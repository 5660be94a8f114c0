"""Word vectors that were made elsewhere, in GloVe's text format, and written in it.

A line is a word and its numbers, parted by blanks (Pennington et al. 2014). A first line of two whole numbers, as
word2vec and fastText write it, is passed over. Files have gigabytes: they are read line by line, gzipped or not, and
only the numbers of words that are asked for are looked at.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from assay.core.arrays import Float32Array, IntArray
from assay.core.errors import DataError, PlanError, did_you_mean
from assay.core.files import written

_LONGEST_LINE = 1_000_000
_MOST_NUMBERS = 100_000
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Found:
    """Vectors of some of the words: ``values`` (k, width) float32 are those of the words at ``places`` (k,)."""

    places: IntArray
    values: Float32Array


def find_vectors(name: str) -> Path:
    """The file, without a look into it.

    Raises:
        PlanError: There is none.
    """
    path = Path(name).expanduser()
    if not path.is_file():
        near = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        what = "which is a folder" if path.is_dir() else "which is not there"
        raise PlanError(
            f"vectors = {name!r}, {what}",
            expected="a file of word vectors in GloVe's text format: a word and its numbers on each line",
            fix=f"{did_you_mean(path.name, near)}change the path",
        )
    return path


def width_of(name: str) -> int:
    """Numbers of a vector in a file.

    Raises:
        PlanError: There is no such file.
        DataError: It does not begin as such a file.
    """
    path = find_vectors(name)
    with _opened(path) as file:
        return _begun(file, path)[0]


def read_vectors(name: str, words: Sequence[str]) -> Found:
    """The vectors of those words that the file has; of a word that stands there twice, the first.

    Raises:
        PlanError: There is no such file.
        DataError: A line has another count of numbers than the first, or something that is no finite number.
    """
    path = find_vectors(name)
    wanted = {word.encode("utf-8", "surrogatepass"): place for place, word in enumerate(words) if word}
    found: dict[int, list[float]] = {}
    with _opened(path) as file:
        width, skipped = _begun(file, path)
        for number, line in _lines(file, path, skipped):
            word, *rest = line.split(b" ", 1)
            blanks = line.count(b" ")
            if blanks != width and _is_broken(line, width):
                numbers = blanks if word else blanks + 1
                raise _unreadable(path, number, f"has {numbers} numbers after the word", f"{width}, as the first has")
            place = wanted.get(word) if blanks == width else None
            if place is not None and place not in found:
                found[place] = _numbers(rest[0], path, number)
    places = np.array(sorted(found), np.int64)
    values = np.array([found[place] for place in places.tolist()], np.float32).reshape(len(places), width)
    return Found(places, values)


def write_vectors(path: Path, words: Sequence[str], values: Float32Array) -> None:
    """Write words and their vectors (k, width); with nine digits, so that the same float32 numbers are read again.

    Raises:
        OutputError: The place cannot be written to.
    """
    line = " ".join(["%s", *["%.9g"] * values.shape[1]]) + "\n"
    with written(path) as beside, beside.open("wb") as file:
        for word, vector in zip(words, values, strict=True):
            file.write((line % (word, *vector.tolist())).encode("utf-8", "surrogatepass"))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                with gzip.open(path) as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                file.seek(0)
                yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(
            f"a damaged gzip stream in {path} ({error})",
            expected="a whole file of word vectors",
            fix="fetch the file anew",
        ) from error
    except OSError as error:
        raise DataError(
            f"a file that cannot be read: {path} ({error.strerror or error})",
            expected="a file of word vectors that this user may read",
            fix="change the path, or the permissions of the file",
        ) from error


def _begun(file: BinaryIO, path: Path) -> tuple[int, int]:
    """Numbers of a vector, and how many lines are no vectors; the file stands at its first vector then."""
    first = file.readline(_LONGEST_LINE).strip(b" \t\r\n\xef\xbb\xbf")
    fields = first.split(b" ")
    if len(fields) == 2 and all(field.isdigit() for field in fields):
        width, skipped = int(fields[1][:9]), 1
    else:
        numbers = list(dropwhile(lambda field: not _is_number(field), fields[1:]))
        width, skipped = len(numbers), 0
        file.seek(0)
    if not 1 <= width <= _MOST_NUMBERS:
        raise _unreadable(path, 1, f"is {_shown(first)}", "a word and its numbers, parted by single blanks")
    return width, skipped


def _lines(file: BinaryIO, path: Path, skipped: int) -> Iterator[tuple[int, bytes]]:
    number = skipped
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise _unreadable(path, number, f"is longer than {_LONGEST_LINE:,} bytes", "a word and its numbers")
        if line := line.rstrip(b" \t\r\n"):
            yield number, line


def _is_broken(line: bytes, width: int) -> bool:
    """Whether a line of too few or too many fields is at fault; some files have words that hold blanks."""
    head, *numbers = line.rsplit(b" ", width)
    return len(numbers) < width or _is_number(head.rsplit(b" ", 1)[-1])


def _numbers(text: bytes, path: Path, number: int) -> list[float]:
    fields = text.split(b" ")
    wrong = [field for field in fields if not _is_number(field)]
    if wrong:
        raise _unreadable(path, number, f"holds {_shown(wrong[0])} among its numbers", "finite numbers")
    return [float(field) for field in fields]


def _is_number(field: bytes) -> bool:
    try:
        return abs(float(field)) < _LARGEST
    except ValueError:
        return False


def _shown(line: bytes) -> str:
    return repr(line[:60].decode("utf-8", "replace"))


def _unreadable(path: Path, number: int, found: str, expected: str) -> DataError:
    return DataError(
        f"line {number:,} of {path} {found}",
        expected=f"{expected} (word vectors in GloVe's text format)",
        fix="repair that line, or give another file",
    )
