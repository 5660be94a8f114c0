"""Made tables of any number of rows and columns: noisy views of a few hidden factors, and what has nothing to say."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from contest.sets import TARGET, DataSet

from assay.core.arrays import FloatArray

FACTORS, TELLING, EVERY, LEVELS, MISSING = 8, 20, 5, (4, 12, 40, 200), 0.03
TEST_ROWS = 5000


@dataclass(frozen=True)
class Made(DataSet):
    """A set that is made when it is first needed; ``height`` and ``width`` are its training rows and its columns."""

    height: int = 0
    width: int = 0

    def make(self) -> None:
        """Write both files if they are not there."""
        if self.train.is_file() and self.test.is_file():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        table = made(self.height + TEST_ROWS, self.width)
        table.tail(TEST_ROWS).write_parquet(self.test)
        table.head(self.height).write_parquet(self.train)


def made(rows: int, columns: int, seed: int = 0) -> pl.DataFrame:
    """Make a table with two classes.

    In the manner of scikit-learn's ``make_classification`` (Guyon 2003), with categories and a smooth target: eight
    hidden factors ``h``, standard normal; a row is of the second class with probability ``sigmoid(h0 + 2 h1 h2 +
    2 |h3| - 1.6 + sin(3 h4))``. Of the first 20 columns each shows one of the factors, with noise of half its
    variance; the others are noise alone. Every fifth column is cut into categories, 4, 12, 40 or 200 of them; the
    others are numbers with three decimals, and of every tenth 3% are missing.
    """
    draw = np.random.default_rng((seed, rows, columns))
    hidden = draw.standard_normal((FACTORS, rows))
    table = pl.DataFrame([_column(at, hidden, draw) for at in range(columns)])
    score = hidden[0] + 2 * hidden[1] * hidden[2] + 2 * np.abs(hidden[3]) - 1.6 + np.sin(3 * hidden[4])
    second = draw.random(rows) < 1 / (1 + np.exp(-score))
    return table.with_columns(pl.Series(TARGET, second.astype(np.int8)))


def _column(at: int, hidden: FloatArray, draw: np.random.Generator) -> pl.Series:
    seen: FloatArray = draw.standard_normal(hidden.shape[1])
    if at < TELLING:
        seen = hidden[at % FACTORS] + seen * np.sqrt(0.5)
    if at % EVERY == EVERY - 1:
        levels = LEVELS[at // EVERY % len(LEVELS)]
        cut = np.digitize(seen, np.linspace(-2.5, 2.5, levels - 1))
        return pl.Series(f"x{at}", [f"v{level}" for level in range(levels)]).gather(cut)
    series = pl.Series(f"x{at}", np.round(seen, 3))
    return series.set(pl.Series(draw.random(seen.shape) < MISSING), None) if at % 10 == 0 else series
