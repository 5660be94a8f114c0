"""What every contestant's script does around its own few lines: read the job, fit, save, load, predict, measure.

It runs in the environments of all peers, so it needs nothing but the standard library and numpy.

    python peer_NAME.py fit JOB.json        fits and leaves a model on disk, in a process of its own
    python peer_NAME.py predict JOB.json    loads that model, predicts the test rows, then times single rows and many
"""

import json
import platform
import resource
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np

WARM_ROWS, TIMED_ROWS, TIMED_SECONDS = 5, 100, 30.0
MANY_SECONDS = 20.0


@dataclass(frozen=True)
class Job:
    """What to do.

    ``started`` is the wall clock at which the process was asked for, ``seconds`` the budget, ``options`` what the
    script is told besides, ``rows`` how many to predict at once for the sake of time, 0 for none.
    """

    train: str
    test: str
    target: str
    drop: list[str]
    text: list[str]
    options: dict[str, Any]
    seconds: float
    rows: int
    model: str
    out: str
    started: float


class Peer(Protocol):
    """A contestant; frames are whatever its ``read`` gives, sliced by rows."""

    packages: tuple[str, ...]

    def read(self, path: str, hidden: list[str]) -> Any:
        """Read a Parquet file without the hidden columns."""

    def fit(self, job: Job) -> dict[str, float] | None:
        """Fit on the training rows and leave the model at ``job.model``; numbers to be kept besides, if any."""

    def load(self, job: Job) -> None:
        """Load the model from ``job.model``, warm."""

    def predict(self, frame: Any) -> tuple[list[str], Any]:
        """Return the labels as text and the probabilities (n, classes)."""


def main(peer: Peer) -> None:
    """Do what the command line says: ``fit JOB`` or ``predict JOB``."""
    action, path = sys.argv[1:]
    job = Job(**json.loads(Path(path).read_text()))
    {"fit": _fit, "predict": _predict}[action](peer, job)


def pandas_frame(path: str, hidden: list[str]) -> Any:
    """Read a Parquet file with pandas, without the hidden columns."""
    import pandas as pd

    return pd.read_parquet(path).drop(columns=hidden)


def _fit(peer: Peer, job: Job) -> None:
    told = peer.fit(job)
    seen = {
        "fit_seconds": time.time() - job.started,
        "peak_mb": _peak_bytes() / 1e6,
        "versions": {"python": platform.python_version()} | _versions(peer.packages),
    } | ({"metrics": told} if told else {})
    (Path(job.out) / "fit.json").write_text(json.dumps(seen))


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Versions of those packages that are installed; some go by another name on other machines."""
    found = {}
    for name in packages:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _predict(peer: Peer, job: Job) -> None:
    peer.load(job)
    frame = peer.read(job.test, [job.target, *job.drop])
    classes, probabilities = peer.predict(frame)
    np.savez(
        Path(job.out) / "predicted.npz",
        classes=np.asarray(classes, dtype=np.str_),
        probabilities=np.asarray(probabilities, dtype=np.float64),
    )
    seen = {"latency_ms": _latency(peer, frame)} | (
        {"rows_per_second": _rate(peer, frame, job.rows)} if job.rows else {}
    )
    (Path(job.out) / "predict.json").write_text(json.dumps(seen))


def _latency(peer: Peer, frame: Any) -> float:
    """Median milliseconds of one-row predictions, each of another row, after a few that are not counted."""
    for at in range(min(WARM_ROWS, len(frame))):
        peer.predict(frame[at : at + 1])
    spent: list[float] = []
    while len(spent) < TIMED_ROWS and sum(spent) < TIMED_SECONDS * 1000:
        at = len(spent) % len(frame)
        row = frame[at : at + 1]
        spent.append(1000 * _timed(peer, row))
    return median(spent)


def _rate(peer: Peer, frame: Any, rows: int) -> float:
    """Rows per second of one call on ``rows`` rows, the frame's own over and over; fewer if that took too long."""
    slow = _timed(peer, frame)
    rows = max(1, min(rows, int(MANY_SECONDS / slow * len(frame))))
    many = getattr(frame, "iloc", frame)[np.arange(rows) % len(frame)]
    return rows / _timed(peer, many)


def _timed(peer: Peer, frame: Any) -> float:
    """Seconds of predicting a frame."""
    start = time.perf_counter()
    peer.predict(frame)
    return time.perf_counter() - start


def _peak_bytes() -> int:
    """Largest resident memory of this process or of any child that it waited for.

    ``ru_maxrss`` of the process itself starts at what its parent used before exec; VmHWM does not.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        own = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return max(own, children) * 1024
