"""`assay.compare`: several runs side by side."""

from pathlib import Path

from assay.api._run import load
from assay.core.errors import PlanError
from assay.fitting.bakeoff import Bakeoff, bake_off
from assay.fitting.run import RunFolder


def compare(*runs: str | Path | RunFolder) -> Bakeoff:
    """The models of some runs on the same folds, the best first: score with interval, seconds, parameters, size.

    Args:
        runs: Finished runs, or their folders.

    Raises:
        PlanError: No run, or runs that differ in data, folds or metric.
        RunError: A folder is no finished run.
    """
    if not runs:
        raise PlanError("no run to compare", expected="one run folder or more", fix="assay compare RUN RUN")
    return bake_off([run if isinstance(run, RunFolder) else load(run) for run in runs])
