"""CoNLL-U, the format of Universal Dependencies: ten columns parted by tabs; words and parts of speech are read.

Lemmas, features and heads are annotation like the tags themselves: a text that is to be tagged has none of them.
"""

import re
from pathlib import Path

import polars as pl

from assay.core.errors import DataError
from assay.data._conll import text_of
from assay.data._sequences import SEQUENCE

_COLUMNS = 10
_UNSAID = "_"
_WORD = re.compile(r"[0-9]+")
_NO_WORD = re.compile(r"[0-9]+[-.][0-9]+")


def read_conllu(path: Path) -> pl.DataFrame:
    """A row for each word: ``sequence`` (number of its sentence), ``token`` (FORM), and ``tag`` (UPOS) if any is said.

    Multiword tokens (``1-2``), empty nodes (``8.1``) and comments are passed over. See
    https://universaldependencies.org/format.html.

    Raises:
        DataError: A line without ten columns or without a number; no word; the text is not UTF-8, or is cut off.
    """
    rows: list[tuple[int, str, str | None]] = []
    sentence, open_ = 0, False
    for place, line in enumerate(text_of(path).split("\n"), 1):
        if not line.strip():
            sentence, open_ = sentence + open_, False
            continue
        if line.startswith("#") and not open_:
            continue
        cells = _cells(path, place, line.rstrip("\r"))
        open_ = True
        if _WORD.fullmatch(cells[0]):
            rows.append((sentence, cells[1], None if cells[3] == _UNSAID else cells[3]))
    if not rows:
        raise DataError(f"no word in {path}", expected="ten columns in each line", fix="check how it was written")
    schema = {SEQUENCE: pl.Int64, "token": pl.String, "tag": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.drop("tag") if table["tag"].null_count() == table.height else table


def _cells(path: Path, place: int, line: str) -> list[str]:
    cells = line.split("\t")
    if len(cells) != _COLUMNS:
        found = "one column" if len(cells) == 1 else f"{len(cells)} columns"
        raise DataError(
            f"{found} parted by tabs in line {place:,} of {path}: {line[:60]!r}",
            expected=f"{_COLUMNS} columns, from ID to MISC",
            fix="mend that line; or call the file .conll if it has other columns",
        )
    if not (_WORD.fullmatch(cells[0]) or _NO_WORD.fullmatch(cells[0])):
        raise DataError(
            f"the number {cells[0]!r} of a word in line {place:,} of {path}",
            expected="a number such as 1, 1-2 or 8.1",
            fix="mend that line; or call the file .conll if it has other columns",
        )
    return cells
