"""Which sizes are measured, and with which budget."""

from collections.abc import Iterator, Sequence

from contest.entry import Entry
from contest.sets import DataSet
from contest.systems import ASSAY, BENCH, System

from sizes.made import Made

GROUPS = ("rows", "columns", "large")
ROWS, COLUMNS = (1_000, 10_000, 100_000, 1_000_000), (10, 100, 1_000)
USUAL_ROWS, USUAL_COLUMNS = 10_000, 30
LARGE = (1_000_000, 100)
SECONDS, LARGE_SECONDS, LIFTED_SECONDS = 60.0, 120.0, 0.0
MADE = BENCH / "work" / "made"
LIFTED = System(
    "lifted",
    "Assay, budget lifted",
    "",
    budgeted=True,
    options={"families": ["linear", "boosted"]},
    peer=ASSAY,
    patience=7200.0,
)
PLAIN = System(ASSAY, "Assay", "", budgeted=True)


def entries(sets: Sequence[DataSet], others: Sequence[DataSet]) -> Iterator[Entry]:
    """All of them, the small ones first; the sets that are found take no part."""
    for rows in ROWS:
        yield from _both("rows", sized(rows, USUAL_COLUMNS))
    for columns in COLUMNS:
        yield from _both("columns", sized(USUAL_ROWS, columns))
    yield Entry("large", sized(*LARGE), PLAIN, LARGE_SECONDS)


def sized(rows: int, columns: int) -> Made:
    """The made set of a size."""
    name = f"made_{rows}x{columns}"
    return Made(name, "tabular", MADE / name, rows=20_000, height=rows, width=columns)


def _both(group: str, data: Made) -> Iterator[Entry]:
    yield Entry(group, data, LIFTED, LIFTED_SECONDS)
    yield Entry(group, data, PLAIN, SECONDS)
