"""Names in a header."""

from pathlib import Path

import pytest

from assay.core.errors import DataError
from assay.data._names import column_names

FILE = Path("t.csv")


def test_blanks_go_and_gaps_are_numbered() -> None:
    assert column_names([" a ", None, "", "b"], FILE) == ["a", "column 2", "column 3", "b"]


@pytest.mark.parametrize("header", [["a", "b", "a"], ["a", " a"], ["column 2", ""]])
def test_names_are_unique(header: list[str]) -> None:
    with pytest.raises(DataError, match=r"columns of one name in t.csv: '(a|column 2)'[\s\S]*rename"):
        column_names(header, FILE)
