"""Assay through its Python API, told more than a budget; `assay fit` with the same options does the same."""

from collections.abc import Callable
from fnmatch import fnmatch
from typing import Any

import numpy as np
import polars as pl
from _harness import Job, main
from _sentences import read_sentences

import assay


class Variant:
    """Set: target, budget and what the job says: the task of tags, the interval of numbers, families."""

    packages: tuple[str, ...] = ("assay", "polars", "lightgbm", "scikit-learn", "torch")

    def read(self, path: str, hidden: list[str]) -> Any:
        """A table, or a table of words for each sentence."""
        from assay.data.read import read_table

        if path.endswith(".conll"):
            sentences = enumerate(read_sentences(path)[0])
            return [pl.DataFrame({"sequence": str(number), "token": words}) for number, words in sentences]
        table = read_table(path)
        return table.drop([name for name in table.columns if any(fnmatch(name, one) for one in hidden)])

    def fit(self, job: Job) -> dict[str, float]:
        """Fit within the budget; the run folder is the model. Of ways to decompose, what each showed on the folds."""
        target = {} if job.train.endswith(".conll") else {"target": job.target}
        run = assay.fit(job.train, time=job.seconds, out=job.model, drop=job.drop, **target, **job.options)
        return _by_candidate(run) if "decompose" in job.options else {}

    def load(self, job: Job) -> None:
        """Load the run folder."""
        self.run = assay.load(job.model)

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """As the task answers."""
        given = pl.concat(frame) if isinstance(frame, list) else frame
        return _ANSWERS[self.run.model.task.form](self.run, given)


def _by_candidate(run: assay.Run) -> dict[str, float]:
    """Share of the rows right out of fold, log loss and seconds of each candidate that was fitted."""
    found: dict[str, float] = {}
    y = run.evidence.y
    for trial in run.evidence.trials:
        if trial.out_of_fold is None:
            continue
        rows = np.flatnonzero(~np.isnan(trial.out_of_fold).any(axis=1))
        outputs = trial.out_of_fold[rows].astype(np.float64)
        found[f"{trial.name} accuracy"] = float(np.mean(outputs.argmax(axis=1) == y[rows]))
        found[f"{trial.name} log_loss"] = float(run.model.task.row_loss(y[rows], outputs).mean())
        found[f"{trial.name} seconds"] = trial.seconds
    return found


def _classes(run: assay.Run, table: pl.DataFrame) -> tuple[list[str], Any]:
    return list(run.classes), run.predict_proba(table)


def _tags(run: assay.Run, table: pl.DataFrame) -> tuple[list[str], Any]:
    return run.predict(table).tolist(), []


def _labels(run: assay.Run, table: pl.DataFrame) -> tuple[list[str], Any]:
    found = run.predict_table(table)[0]["prediction"].to_list()
    names = list(run.classes)
    return names, np.array([[name in row for name in names] for row in found], np.int64)


def _numbers(run: assay.Run, table: pl.DataFrame) -> tuple[list[str], Any]:
    return ["prediction", "low", "high"], run.predict_proba(table)


_ANSWERS: dict[str, Callable[[assay.Run, pl.DataFrame], tuple[list[str], Any]]] = {
    "classes": _classes,
    "tags": _tags,
    "labels": _labels,
    "numbers": _numbers,
}


if __name__ == "__main__":
    main(Variant())
