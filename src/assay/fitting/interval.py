"""How far a score could be off by the luck of the rows: a bootstrap interval."""

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.core.seeds import derive_seed
from assay.tasks._base import Metric

_WORK = 8_000_000


def bootstrap_interval(
    metric: Metric,
    y: AnyArray,
    outputs: FloatArray,
    decided: AnyArray,
    weight: FloatArray,
    *,
    seed: int = 0,
    level: float = 0.95,
    sequence: IntArray | None = None,
) -> tuple[float, float]:
    """Percentile interval of a metric over rows drawn with replacement (Efron 1979), as (low, high).

    Rows are drawn by multinomial counts that multiply their weights; 50 to 1,000 draws, fewer for more rows. Rows of
    one ``sequence`` (n,) are drawn together, since they are not independent.
    """
    return quantiles(drawn_scores(metric, y, outputs, decided, weight, seed=seed, sequence=sequence), level)


def drawn_scores(
    metric: Metric,
    y: AnyArray,
    outputs: FloatArray,
    decided: AnyArray,
    weight: FloatArray,
    *,
    seed: int = 0,
    sequence: IntArray | None = None,
) -> FloatArray:
    """The metric on each draw (draws,); the same rows are drawn for every model of as many rows, classes and seed.

    So the difference of two models' scores, draw by draw, is a paired bootstrap.
    """
    n = len(y)
    unit = np.arange(n) if sequence is None else np.unique(sequence, return_inverse=True)[1]
    units = int(unit.max(initial=-1)) + 1
    random = np.random.default_rng(derive_seed(seed, "bootstrap"))
    draws = int(np.clip(_WORK / max(1, n * outputs.shape[1]), 50, 1000))
    scores = []
    for _ in range(draws):
        counts = np.bincount(random.integers(0, units, units), minlength=units)[unit]
        drawn = np.flatnonzero(counts)
        weights = weight[drawn] * counts[drawn]
        scores.append(metric.score(y[drawn], outputs[drawn], decided[drawn], weights))
    return np.array(scores)


def quantiles(scores: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """The middle share ``level`` of the scores that are defined, as (low, high)."""
    defined = scores[np.isfinite(scores)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
