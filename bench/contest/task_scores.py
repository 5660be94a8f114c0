"""Scores of tasks that have no classes, for every system from what it answered alone."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import polars as pl
from peers._sentences import read_sentences

from assay.core.arrays import FloatArray
from contest.sets import DataSet


def tagging(data: DataSet, tags: Sequence[str], _: FloatArray) -> dict[str, float]:
    """Token accuracy, and the F1 of spans where tags are BIO: of begin, end and type, as seqeval counts them.

    Raises:
        ValueError: There is not a tag for each word.
    """
    _, truth = read_sentences(data.test)
    if len(tags) != sum(map(len, truth)):
        raise ValueError(f"{len(tags)} tags for {sum(map(len, truth))} words")
    told, start = [], 0
    for sentence in truth:
        told.append(list(tags[start : start + len(sentence)]))
        start += len(sentence)
    right = sum(one == two for a, b in zip(truth, told, strict=True) for one, two in zip(a, b, strict=True))
    scores = {"token_accuracy": right / len(tags)}
    if any(tag.startswith("B-") for sentence in truth for tag in sentence):
        true, found = ({(n, *s) for n, tags in enumerate(many) for s in spans(tags)} for many in (truth, told))
        scores["span_f1"] = 2 * len(true & found) / (len(true) + len(found))
    return scores


def spans(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """First and last place and type of each span of a sentence; an I that follows no tag of its type begins one."""
    found: list[tuple[int, int, str]] = []
    before = "O"
    for at, tag in enumerate(tags):
        letter, _, kind = tag.partition("-")
        if letter == "B" or (letter == "I" and (before == "O" or before.partition("-")[2] != kind)):
            found.append((at, at, kind))
        elif letter == "I":
            found[-1] = (found[-1][0], at, kind)
        before = tag
    return found


def multilabel(data: DataSet, labels: Sequence[str], decided: FloatArray) -> dict[str, float]:
    """Micro-F1, macro-F1 and Hamming loss of 0 or 1 (n, k).

    Raises:
        ValueError: The answers do not fit the rows.
    """
    from sklearn.metrics import f1_score, hamming_loss

    names, truth = _labels(pl.read_parquet(data.test), data.target)
    if decided.shape != (len(truth), len(labels)) or not {*labels} <= {*names}:
        raise ValueError(f"answers {decided.shape} for {len(truth)} rows, labels {sorted({*labels} - {*names})}")
    full = np.zeros(truth.shape, np.int64)
    full[:, [names.index(label) for label in labels]] = decided
    return {
        "micro_f1": float(f1_score(truth, full, average="micro")),
        "macro_f1": float(f1_score(truth, full, average="macro", zero_division=0.0)),
        "hamming_loss": float(hamming_loss(truth, full)),
    }


def regression(data: DataSet, names: Sequence[str], numbers: FloatArray) -> dict[str, float]:
    """Root mean squared error, and coverage and mean width of intervals where there are any (n, 3).

    Raises:
        ValueError: The answers do not fit the rows.
    """
    truth = pl.read_parquet(data.test, columns=[data.target])[data.target].cast(pl.Float64).to_numpy()
    if numbers.shape != (len(truth), len(names)) or not np.isfinite(numbers).all():
        raise ValueError(f"answers {numbers.shape} for {len(truth)} rows, or not finite")
    scores = {"rmse": float(np.sqrt(np.mean((numbers[:, 0] - truth) ** 2)))}
    if numbers.shape[1] == 3:
        low, high = numbers[:, 1], numbers[:, 2]
        scores["coverage"] = float(np.mean((low <= truth) & (truth <= high)))
        scores["width"] = float(np.mean(high - low))
    return scores


BY_KIND: Mapping[str, Callable[[DataSet, Sequence[str], FloatArray], dict[str, float]]] = {
    "tagging": tagging,
    "tabular_multilabel": multilabel,
    "text_multilabel": multilabel,
    "regression": regression,
}


def rows_of(path: Path) -> int:
    """How many rows a file of `BY_KIND` has, or sentences."""
    if path.suffix == ".conll":
        return len(read_sentences(path)[0])
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _labels(table: pl.DataFrame, target: str) -> tuple[list[str], np.ndarray]:
    """Names of the labels, and 0 or 1 (n, k), from columns that fit a pattern or from a column of lists."""
    names = [name for name in table.columns if fnmatch(name, target)]
    if "*" in target:
        return names, table.select(names).to_numpy()
    lists = table[target].to_list()
    found = sorted({label for row in lists for label in row})
    return found, np.array([[name in row for name in found] for row in lists], np.int64)
