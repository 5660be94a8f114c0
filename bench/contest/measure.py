"""One measurement: a system on a set, fitted in one process of its own and asked in another."""

import json
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from assay.core.arrays import FloatArray
from contest.bystanders import now, others_since
from contest.machine import commit
from contest.results import Result, Results, budget
from contest.scores import Scores, score
from contest.sets import TARGET, DataSet
from contest.systems import System
from contest.task_scores import BY_KIND, rows_of


class Failed(Exception):
    """A contestant's process ended without a result."""


def measure(data: DataSet, system: System, seconds: float, results: Results) -> Result:
    """Fit, predict, score, and keep the result (or the reason why there is none).

    Args:
        data: The set.
        system: The contestant; its environment has to be ready.
        seconds: Budget for systems that know one, times their scale; each of the two processes is stopped when the
            system's patience is over after it.
        results: Where the result is kept.
    """
    result = Result(
        set=data.name,
        kind=data.kind,
        system=system.name,
        measured=datetime.now(UTC).date().isoformat(),
        seconds=budget(system, seconds),
    )
    losses: FloatArray | None = None
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        try:
            seen = _run(data, system, seconds, Path(name))
            if data.kind in BY_KIND:
                result = replace(result, **seen, **_of_task(data, Path(name)))
            else:
                scores = _scored(data, Path(name))
                result, losses = _filled(result, data, seen, scores), scores.losses
        except (Failed, ValueError) as error:
            result = replace(result, failure=str(error))
    results.keep(result, losses)
    return result


def _run(data: DataSet, system: System, seconds: float, folder: Path) -> dict[str, Any]:
    """Run both processes and return what they said about themselves."""
    job, model, given = folder / "job.json", folder / "model", budget(system, seconds) or 0.0
    description = {
        "train": str(data.train.resolve()),
        "test": str(data.test.resolve()),
        "target": data.target,
        "drop": data.drop,
        "text": data.text,
        "options": dict(system.options),
        "seconds": given,
        "rows": data.rows,
        "model": str(model),
        "out": str(folder),
        "started": time.time(),
    }
    job.write_text(json.dumps(description))
    seen: dict[str, Any] = {}
    start = now()
    for action in ("fit", "predict"):
        _call([str(system.python), str(system.script), action, str(job)], folder, given + system.patience)
        seen |= json.loads((folder / f"{action}.json").read_text())
        seen["disk_mb"] = _bytes(model) / 1e6
    if "assay" in seen["versions"]:
        seen["versions"]["commit"] = commit()
    return seen | {"others": others_since(start)}


def _call(command: list[str], folder: Path, limit: float) -> None:
    """Run a command in ``folder``, its whole process group ended at the limit or when we are stopped.

    Raises:
        Failed: It took too long or did not end well; the message has its last line.
    """
    log = folder / "log.txt"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"stopped after {limit:.0f} s") from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if code != 0:
        raise Failed(f"exit code {code}: {_last_line(log)}")


def _last_line(log: Path) -> str:
    """The last line of a log, without the folder that the benchmark ran in."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return (lines or ["no output"])[-1].replace(str(log.parent), "").strip()[:200]


def _scored(data: DataSet, folder: Path) -> Scores:
    with np.load(folder / "predicted.npz", allow_pickle=False) as predicted:
        classes, probabilities = predicted["classes"].tolist(), predicted["probabilities"]
    return score(labels_of(data.test), classes, probabilities, trained=labels_of(data.train))


def _of_task(data: DataSet, folder: Path) -> dict[str, Any]:
    with np.load(folder / "predicted.npz", allow_pickle=False) as answered:
        metrics = BY_KIND[data.kind](data, answered["classes"].tolist(), answered["probabilities"])
    return {"train_rows": rows_of(data.train), "test_rows": rows_of(data.test), "metrics": metrics}


def _filled(result: Result, data: DataSet, seen: dict[str, Any], scores: Scores) -> Result:
    trained = labels_of(data.train)
    return replace(
        result,
        train_rows=len(trained),
        test_rows=len(scores.losses),
        classes=len(set(trained)),
        accuracy=scores.accuracy,
        log_loss=scores.log_loss,
        roc_auc=scores.roc_auc,
        ece=scores.ece,
        ece_by_chance=scores.ece_by_chance,
        **seen,
    )


def labels_of(path: Path) -> list[str]:
    """The labels of a Parquet file, or of a stack of pictures, as text."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as stack:
            return [str(label) for label in stack[TARGET].tolist()]
    return pl.read_parquet(path, columns=[TARGET])[TARGET].cast(pl.String).to_list()


def _bytes(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
