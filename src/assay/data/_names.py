"""Names of columns as a header gives them."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from assay.core.errors import DataError, listed


def column_names(header: Iterable[object], path: Path) -> list[str]:
    """The names without blanks around them; a cell that is empty gives the number of its column.

    Raises:
        DataError: Two columns have the same name.
    """
    names = [str(cell or "").strip() or f"column {number}" for number, cell in enumerate(header, 1)]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"columns of one name in {path}: {listed(map(repr, repeated))}",
            expected="a name of its own for each column",
            fix="rename the columns in the header",
        )
    return names
