"""`assay.fit`: read, begin, fit, and keep in a run folder."""

import math
import tempfile
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl

from assay.api._run import Run
from assay.core.clock import Budget
from assay.core.errors import PlanError
from assay.core.progress import Progress, Silence
from assay.core.threads import calm_threads
from assay.data._sql import without_password
from assay.data.prepare import Wishes
from assay.data.read import read_table
from assay.fitting._work import Work
from assay.fitting.about import describe, most_wrong, worst_sequences
from assay.fitting.begin import begin_asked, begin_planned, begin_resumed
from assay.fitting.checkpoint import Checkpoint
from assay.fitting.fit import fit_plan
from assay.fitting.plan import Plan
from assay.fitting.planning import Request
from assay.fitting.run import RunFolder
from assay.tasks._base import Asked


def fit(
    source: Any,
    target: str | None = None,
    *,
    out: str | Path | None = None,
    time: float | None = None,
    query: str | None = None,
    task: str | None = None,
    metric: str | None = None,
    positive: str | None = None,
    loss: str | None = None,
    interval: float | None = None,
    ordinal: bool = False,
    order: Sequence[str] = (),
    broken_spans: str = "repair",
    families: Sequence[str] = (),
    decompose: str | Sequence[str] = (),
    folds: int | None = None,
    rare_classes: str = "error",
    prefer: str = "balanced",
    text: Sequence[str] = (),
    categorical: Sequence[str] = (),
    numeric: Sequence[str] = (),
    picture: Sequence[str] = (),
    picture_size: int | None = None,
    drop: Sequence[str] = (),
    group: str | None = None,
    sequence: str | None = None,
    weight: str | None = None,
    time_column: str | None = None,
    seed: int = 0,
    threads: int | None = None,
    device: str = "auto",
    plan: str | Path | Plan | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Fit a classifier on labelled rows and keep it, with what it is worth, in a run folder.

    Args:
        source: A path (CSV, TSV, Parquet, Arrow, JSON Lines, Excel), a folder of pictures in which each folder is a
            class (the target is ``"label"``), an ``.npz`` file with a stack of pictures, a connection URL with
            ``query``, or a frame of pandas, Polars, PyArrow or anything else that narwhals takes.
        target: Name of the column to predict; may be left out where ``plan`` says it.
        out: Folder for the run; a temporary one, gone with the returned object, if None.
        time: Wall-clock budget in seconds, 0 for none; the plan's if None, else 60.
        query: SQL query for a connection URL.
        task: ``"binary"``, ``"multiclass"``, ``"ordinal"``, ``"multilabel"``, ``"regression"`` or ``"tagging"``; found
            from the target if None.
        metric: What to be best at; of classes log_loss (default), accuracy, roc_auc, f1, macro_f1, balanced_accuracy,
            mcc, average_precision. A name that a task does not have is told with those that it has.
        positive: The positive class of a binary task; the last in sorted order if None.
        loss: What predicted numbers are to make small.
        interval: Share of the truths, e.g. 0.9, that an interval around each predicted number is to hold.
        ordinal: The classes have an order: the task is ``"ordinal"`` then, also where ``order`` is given.
        order: Classes of an ordinal task from low to high; that of their numbers if empty.
        broken_spans: What to do with a tag such as ``I-x`` that follows nothing: ``"repair"`` (it begins a span) or
            ``"refuse"``.
        families: Only these kinds of model, in this order of priority.
        decompose: Ways to learn three classes or more by binary models (``"ovr"``, ``"ovo"``, ``"ecoc"``), each of
            which is tried beside every family that can serve.
        folds: Number of folds; by the number of rows if None.
        rare_classes: What to do with a class of one row: ``"error"``, ``"keep"`` or ``"drop"``.
        prefer: What a model is to be: ``"fast"`` (few members, each fitted once, as good within noise), ``"balanced"``
            (no member that is not missed) or ``"best"``.
        text: Columns that hold text, whatever they look like.
        categorical: Columns that hold categories.
        numeric: Columns that hold numbers.
        picture: Columns that hold pictures or paths of picture files; most are found out.
        picture_size: Pixels on the longer side that pictures are scaled to; None for their own size up to 64.
        drop: Columns that are not to be used.
        group: Column whose rows of one value never stand on both sides of a split.
        sequence: Column whose rows of one value, in their order, are the steps of a sequence.
        weight: Column with row weights.
        time_column: Column to split by time: every fold is tested on later rows than it learned from.
        seed: For every random draw.
        threads: How many to use; all cores if None.
        device: Where nets are trained: ``"cpu"``, ``"cuda"``, ``"mps"``, or ``"auto"`` for the best there is.
        plan: A plan, or the path of a ``plan.toml``, that decides all of the above.
        resume: Go on with a fit that was cut off in ``out``.
        progress: Someone to tell how far it is.

    Returns:
        The finished run.

    Raises:
        DataError: The data cannot be read or learned from.
        PlanError: A setting that does not exist or does not fit the data.
        OutputError: ``out`` is taken or cannot be written.
    """
    calm_threads()
    budget = Budget()
    wishes = Wishes(
        target=target or "",
        text=tuple(text),
        categorical=tuple(categorical),
        numeric=tuple(numeric),
        picture=tuple(picture),
        picture_size=picture_size,
        drop=tuple(drop),
        group=group,
        sequence=sequence,
        weight=weight,
        time=time_column,
    )
    request = Request(
        wishes=wishes,
        task="ordinal" if task is None and (ordinal or order) else task,
        metric=metric,
        asked=Asked(positive, loss, interval, tuple(map(str, order)), broken_spans),
        seconds=60.0 if time is None else time,
        families=tuple(families),
        decompose=(decompose,) if isinstance(decompose, str) else tuple(decompose),
        folds=folds,
        rare_classes=rare_classes,
        prefer=prefer,
        seed=seed,
        threads=threads,
        device=device,
    )
    folder = RunFolder(Path(out)) if out is not None else None
    if folder is not None and resume and folder.is_finished:
        folder.tidy()
        return Run.open(folder.path)
    listener = progress or Silence()
    with listener.stage("Reading"):
        table = partial(read_table, source, query=query)
        work = _begin(table, folder, request, plan=plan, resume=resume)
    if time is not None:
        work = replace(work, plan=replace(work.plan, seconds=time))
    budget.seconds = work.plan.seconds or math.inf
    return _fitted(work, source, folder, budget, listener)


def _begin(
    table: Callable[..., pl.DataFrame], folder: RunFolder | None, request: Request, *, plan: Any, resume: bool
) -> Work:
    """Everything that can be wrong is found here, before anything is written."""
    if folder is not None and resume and folder.is_begun:
        begun = folder.plan
        return begin_resumed(table(pictures=begun.wishes.picture), begun, str(folder.path))
    if folder is not None:
        folder.check_free()
    if plan is not None:
        given = plan if isinstance(plan, Plan) else Plan.read(Path(plan))
        return begin_planned(table(pictures=given.wishes.picture), given)
    if not request.wishes.target and request.task is None:  # a task may know what it is called
        raise PlanError("no target", expected="the name of the column to predict", fix="name it with --target COLUMN")
    return begin_asked(table(pictures=request.wishes.picture), request)


def _fitted(work: Work, source: Any, folder: RunFolder | None, budget: Budget, progress: Progress) -> Run:
    place = folder or RunFolder(Path(tempfile.mkdtemp(prefix="assay-")) / "run")
    about = describe(work, named(source))
    checkpoint = _checkpoint(place, work, about, budget)
    outcome = fit_plan(work, budget=budget, progress=progress, checkpoint=checkpoint, events=place.events)
    worst = {"most_wrong": most_wrong(work, outcome.evidence), "sequences": worst_sequences(work, outcome.evidence)}
    place.finish(outcome, {**about, **worst})
    run = Run.open(place.path)
    if folder is None:
        weakref.finalize(run, rmtree, place.path.parent, ignore_errors=True)
    return run


def _checkpoint(place: RunFolder, work: Work, about: dict[str, Any], budget: Budget) -> Checkpoint:
    if place.is_begun:
        checkpoint = place.checkpoint
        budget.spent = checkpoint.spent
        return checkpoint
    place.begin(work.plan, about)
    return place.checkpoint


def named(source: Any) -> str:
    """A source for people: its path, its URL without the password, or what kind of frame it is."""
    if isinstance(source, str | Path):
        return without_password(str(source)) if "://" in str(source) else str(source)
    shape = f"{source.height:,} rows" if isinstance(source, pl.DataFrame) else type(source).__name__
    return f"a frame in memory ({shape})"
