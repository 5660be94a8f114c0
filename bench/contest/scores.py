"""The one piece of code that scores every system, from its probabilities alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.arrays import BoolArray, FloatArray

FLOOR, BINS = 1e-15, 15


@dataclass(frozen=True)
class Scores:
    """``losses`` is the log loss of each test row, (n,); ``roc_auc`` is None where it is not defined.

    ``ece`` and ``ece_by_chance`` are those of `calibration_error`.
    """

    accuracy: float
    log_loss: float
    roc_auc: float | None
    ece: float
    ece_by_chance: float
    losses: FloatArray


def score(truth: Sequence[str], classes: Sequence[str], probabilities: FloatArray, trained: Sequence[str]) -> Scores:
    """Score probabilities against the true labels.

    Probabilities are clipped at 1e-15 and renormalised; a class that the model does not know has probability 1e-15.

    Args:
        truth: True labels, (n,).
        classes: Labels that the columns stand for, (k,).
        probabilities: (n, k).
        trained: Labels that occur in the training rows; AUC is left out if the truth has another one.

    Raises:
        ValueError: The probabilities do not fit the labels or are not finite.
    """
    from sklearn.metrics import accuracy_score, log_loss

    if probabilities.shape != (len(truth), len(classes)) or not np.isfinite(probabilities).all():
        raise ValueError(
            f"probabilities {probabilities.shape}, {len(truth)} rows, {len(classes)} classes, or not finite"
        )
    names = np.array(sorted({*truth, *classes, *trained}))
    full = np.zeros((len(truth), len(names)))
    full[:, np.searchsorted(names, np.array(classes))] = probabilities
    full = np.clip(full, FLOOR, 1.0)
    full /= full.sum(axis=1, keepdims=True)
    true = np.searchsorted(names, np.array(truth))
    ece, ece_by_chance = calibration_error(full.max(axis=1), full.argmax(axis=1) == true)
    return Scores(
        accuracy=float(accuracy_score(true, full.argmax(axis=1))),
        log_loss=float(log_loss(true, full, labels=np.arange(len(names)))),
        roc_auc=_auc(true, full) if set(truth) <= set(trained) else None,
        ece=ece,
        ece_by_chance=ece_by_chance,
        losses=-np.log(full[np.arange(len(true)), true]),
    )


def calibration_error(confidence: FloatArray, right: BoolArray) -> tuple[float, float]:
    """Expected calibration error, and what of it a model that is calibrated would show by chance on these rows.

    The rows, in the order of their confidence, fall into 15 bins B of equal size, and
    ``ECE = sum over B of |B| / n * |mean of right in B - mean of confidence in B|`` (Naeini et al. 2015; Guo et al.
    2017). If each row is right with probability ``c``, its confidence, a bin's gap is about normal and
    ``E[ECE] = sqrt(2 / pi) / n * sum over B of sqrt(sum of c (1 - c) in B)``.

    Args:
        confidence: Largest probability of each row, (n,).
        right: Whether the class that has it is the true one, (n,).
    """
    bins = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    gaps = [abs(right[rows].sum() - confidence[rows].sum()) for rows in bins]
    chance = [np.sqrt((confidence[rows] * (1 - confidence[rows])).sum() * 2 / np.pi) for rows in bins]
    return float(sum(gaps) / len(right)), float(sum(chance) / len(right))


def _auc(true: np.ndarray, full: FloatArray) -> float | None:
    """Binary: the last class is positive. More classes: mean of one against the rest, over classes with test rows."""
    from sklearn.metrics import roc_auc_score

    present = np.unique(true)
    if len(present) < 2:
        return None
    asked = present if full.shape[1] > 2 else present[-1:]
    return float(np.mean([roc_auc_score(true == at, full[:, at]) for at in asked]))


def paired_interval(ours: FloatArray, theirs: FloatArray, *, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95% percentile interval of the mean of ``ours - theirs``, by a paired bootstrap over rows (Efron 1979).

    Args:
        ours: Loss per row, (n,).
        theirs: Loss of the other system on the same rows, (n,).
        draws: Number of resamples.
        seed: Seed of the resamples.
    """
    difference = ours - theirs
    generator = np.random.default_rng(seed)
    size = len(difference)
    means = [difference[generator.integers(0, size, size)].mean() for _ in range(draws)]
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
