"""Numbers as people read them: shares, scores, counts and times, never more digits than they carry."""

import math
from collections.abc import Sequence

DASH = "–"

METRICS = {
    "log_loss": ("log loss", "how surprised it is by the truth; smaller is better, 0 is perfect"),
    "accuracy": ("accuracy", "share of rows decided right"),
    "roc_auc": ("ROC AUC", "how often a row of a class is ranked above a row of another; 0.5 is guessing"),
    "f1": ("F1", "balance of precision and recall for the positive class"),
    "macro_f1": ("macro F1", "F1 averaged over the classes, rare ones counting as much as common ones"),
    "balanced_accuracy": ("balanced accuracy", "share decided right, averaged over the classes"),
    "mcc": ("Matthews correlation", "agreement of decision and truth; 0 is chance, 1 is perfect"),
    "average_precision": ("average precision", "area under the precision-recall curve"),
    "micro_f1": ("micro F1", "F1 over all labels of all rows together; common labels count most"),
    "samples_f1": ("F1 of rows", "F1 of each row's labels, averaged over the rows"),
    "hamming_loss": ("Hamming loss", "share of single labels decided wrong; smaller is better"),
    "subset_accuracy": ("subset accuracy", "share of rows whose labels are all decided right"),
    "ranking_loss": ("ranking loss", "share of pairs in which an absent label is ranked above one that is there"),
    "lrap": ("label ranking average precision", "how far up a row's own labels are ranked; 1 is perfect"),
    "coverage_error": ("coverage", "how many labels from the top hold all of a row's own"),
    "span_f1": ("span F1", "F1 of whole spans with their type; a span with a wrong end counts as wrong"),
    "token_accuracy": ("token accuracy", "share of steps decided right"),
    "sequence_accuracy": ("sequence accuracy", "share of sequences in which every step is right"),
    "rmse": ("RMSE", "root of the mean squared error, in the target's unit; large errors count most"),
    "mae": ("MAE", "mean absolute error, in the target's unit"),
    "r2": ("R²", "share of the target's variance that is explained; 0 is the mean, 1 is perfect"),
    "pinball": ("pinball loss", "how far quantiles are from the truth; smaller is better"),
    "interval_coverage": ("interval coverage", "share of truths inside their interval"),
    "interval_width": ("interval width", "mean width of the intervals, in the target's unit"),
    "interval_score": ("interval score", "width, and a fine for each truth outside; smaller is better"),
}


def metric_title(name: str) -> str:
    """A metric's name for people."""
    return METRICS.get(name, (name.replace("_", " "), ""))[0]


def percent(share: float) -> str:
    """A share as per cent; 100% and 0% are said only where they are exact."""
    if not math.isfinite(share):
        return DASH
    for digits in (1, 2, 3):
        text = f"{100 * share:.{digits}f}"
        if float(text) not in (0.0, 100.0) or share in (0.0, 1.0):
            return ("0" if share == 0.0 else "100" if share == 1.0 else text) + "%"
    return ">99.999%" if share > 0.5 else "<0.001%"


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * share:.1f} percentage points"


def score(value: float | None) -> str:
    """A metric's value."""
    if value is None or not math.isfinite(value):
        return DASH
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) >= 0.1 or value == 0 else f"{value:.4f}"


def count(number: float) -> str:
    """A number of rows, or a sum of row weights."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def rows(number: float) -> str:
    """A count with its noun."""
    return f"{count(number)} row" if number == 1 else f"{count(number)} rows"


def seconds(time: float) -> str:
    """A time span."""
    if time < 0.01:
        return "<0.01 s"
    if time < 10:
        return f"{time:.2g} s" if time < 1 else f"{time:.1f} s"
    return f"{time:.0f} s" if time < 120 else f"{int(time) // 60} min {int(time) % 60} s"


def compact(value: float) -> str:
    """A value of a column."""
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:.4g}"


def short(text: str, longest: int = 40) -> str:
    """A name cut to fit a chart or a cell."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def both_ends(text: str, longest: int = 22) -> str:
    """A name cut in its middle: names that begin alike often end differently."""
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    tail = (longest - 1) // 2
    return f"{flat[: longest - 1 - tail]}…{flat[-tail:]}"


def joined(names: Sequence[str]) -> str:
    """``"a, b and c"``."""
    return " and ".join(([", ".join(names[:-1])] if len(names) > 1 else []) + list(names[-1:]))


def plural(number: int, noun: str) -> str:
    """``"1 fold"``, ``"5 folds"``."""
    ending = "" if number == 1 else "es" if noun.endswith(("s", "x", "ch")) else "s"
    return f"{number:,} {noun}{ending}"
