"""`assay.Run`: a finished run as a person uses it - predict, evaluate, report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from assay.core.arrays import AnyArray, BoolArray, FloatArray
from assay.core.errors import DataError, listed
from assay.core.threads import calm_threads
from assay.data._conll import untagged
from assay.data._pictures import without_pixels
from assay.data.prepare import Wishes, conform
from assay.data.read import read_table
from assay.data.schema import Kind, Role
from assay.fitting.interval import bootstrap_interval
from assay.fitting.run import RunFolder

if TYPE_CHECKING:
    from assay.api._heat_map import HeatMap
    from assay.api._n_best import Way
    from assay.api._vectors import WordVectors


@dataclass(frozen=True)
class Evaluation:
    """What a model is worth on rows that it has not seen.

    Attributes:
        rows: Rows that were scored.
        metric: The metric of the plan.
        metrics: Every metric of the task; not a number where it is not defined.
        interval: 95% bootstrap interval of the plan's metric.
        details: What else such a task has to say, as JSON values, e.g. ``confusion`` of classes: (k, k) counts, row the
            true class, column the decided one.
        classes: Labels in the order of the outputs.
        notices: What the person should know, e.g. rows left out.
    """

    rows: int
    metric: str
    metrics: Mapping[str, float]
    interval: tuple[float, float]
    details: Mapping[str, Any]
    classes: tuple[str, ...]
    notices: tuple[str, ...]


class Run(RunFolder):
    """A finished run: predicts, evaluates and reports. ``assay.fit`` and ``assay.load`` give one."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Labels in the order of the columns of `predict_proba`."""
        return self.model.task.labels

    @property
    def score(self) -> float:
        """The plan's metric on out-of-fold rows, cross-fitted."""
        return self.evidence.score

    def predict(self, source: Any) -> AnyArray:
        """Labels (n,) in the user's own type for n rows of a path, URL or frame.

        Raises:
            DataError: The source cannot be read, or columns are missing.
        """
        model = self.model
        data, _ = conform(self._read(source), model.schema, labelled=False)
        outputs = model.outputs(data)
        decided: AnyArray = model.task.decode(model.decide(outputs, data)).to_numpy()
        return decided

    def predict_proba(self, source: Any) -> FloatArray:
        """Calibrated probabilities (n, k) for n rows, columns in the order of ``classes``.

        Raises:
            DataError: The source cannot be read, or columns are missing.
        """
        data, _ = conform(self._read(source), self.model.schema, labelled=False)
        return self.model.outputs(data)

    def predict_table(
        self, source: Any, *, query: str | None = None, fill_missing_columns: bool = False
    ) -> tuple[pl.DataFrame, tuple[str, ...]]:
        """The source's own columns with ``prediction`` and a ``probability of ...`` per class, and notices.

        Of pictures the paths are given, if there are any, and never the pixels.

        Raises:
            DataError: The source cannot be read, or columns are missing.
        """
        table = self._read(source, query)
        data, notices = conform(table, self.model.schema, labelled=False, fill_missing_columns=fill_missing_columns)
        outputs = self.model.outputs(data)
        decided = self.model.task.decode(self.model.decide(outputs, data))
        shown = without_pixels(table)
        added = {"prediction": decided} | {
            name: pl.Series(values) for name, values in self.model.task.shown(outputs).items()
        }
        return shown.with_columns(values.alias(_free(name, shown)) for name, values in added.items()), notices

    def evaluate(self, source: Any, *, query: str | None = None) -> Evaluation:
        """Score the model on labelled rows.

        Raises:
            DataError: The source cannot be read, columns are missing, or no row has a label that the model knows.
        """
        model, plan = self.model, self.plan
        data, notices = conform(self._read(source, query), model.schema, labelled=True)
        target = data.column(Role.TARGET)
        y = model.task.encoded(data)
        rows = np.flatnonzero(model.task.labelled(y))
        notices += _left_out(target, model.task.labelled(y), model.task.labels)  # type: ignore[arg-type]
        notices += model.task.observed(data)
        if strangers := model.task.unknown(target):  # type: ignore[arg-type]
            notices += (f"labels that the model does not know were left out: {listed(strangers, 5)}",)
        known = data.rows(rows)
        outputs = model.outputs(known)
        given = (y[rows], outputs, model.decide(outputs, known), known.weights())
        metric = model.task.metric(plan.metric)
        return Evaluation(
            rows=len(rows),
            metric=metric.name,
            metrics={name: each.score(*given) for name, each in model.task.metrics.items()},
            interval=bootstrap_interval(metric, *given, seed=plan.seed, sequence=known.sequence()),
            details=model.task.details(*given),
            classes=self.classes,
            notices=notices,
        )

    def heat_map(self, picture: Any, stride: int | None = None) -> "HeatMap":
        """Where the run's best net that sees pictures sees each class in a picture larger than those of training.

        Args:
            picture: Path of a picture file, or array (height, width) or (height, width, channels).
            stride: Pixels from window to window; by default those that the net makes of itself.

        Raises:
            PlanError: No member of the model is such a net, or it also reads other columns.
            DataError: The picture cannot be read, or is smaller than those of training.
        """
        from assay.api._heat_map import heat_map

        return heat_map(self.model, picture, stride)

    def n_best(self, source: Any, n: int = 5) -> "list[list[Way]]":
        """The n most probable taggings of each sequence of a source, the best first, each with its probability.

        Raises:
            PlanError: The run has no chain of tags.
            DataError: The source cannot be read, or columns are missing.
        """
        from assay.api._n_best import n_best_of

        data, _ = conform(self._read(source), self.model.schema, labelled=False)
        return n_best_of(self.model, data, n)

    def vectors(self) -> "WordVectors":
        """What the run's best net of texts has learned of words.

        Raises:
            PlanError: No member of the model is such a net.
        """
        from assay.api._vectors import vectors

        return vectors(self.model)

    def report(self, out: str | Path | None = None) -> Path:
        """Write the report, one HTML file that opens offline; ``report.html`` in the run folder if no path is given.

        Raises:
            OutputError: The place cannot be written to.
        """
        from assay.report import write_report

        return write_report(self, Path(out) if out is not None else self.path / "report.html")

    def _read(self, source: Any, query: str | None = None) -> pl.DataFrame:
        model = self.model
        table = read_table(source, query=query, pictures=model.schema.features(Kind.PICTURE))
        roles = {role: model.schema.named(role) for role in (Role.TARGET, Role.SEQUENCE)}
        wishes = Wishes(target=roles[Role.TARGET] or "", sequence=roles[Role.SEQUENCE])
        return model.task.as_rows(untagged(table, model.schema.features()), wishes)[0]


def load(path: str | Path) -> Run:
    """A run that was fitted before.

    Raises:
        RunError: Not a run, not finished, damaged, tampered with, of a newer format, or with a pickle in it.
    """
    calm_threads()
    run = Run.open(Path(path))
    run.model  # noqa: B018  read and checked now, so that a bad file is told of here
    return run


def _left_out(target: pl.Series, labelled: BoolArray, labels: tuple[str, ...]) -> tuple[str, ...]:
    missing = target.null_count()
    unknown = target.filter(pl.Series(~labelled)).drop_nulls()
    if not labelled.any():
        raise DataError(
            f"no row with a label that the model knows in column {target.name!r} ({len(unknown):,} others)",
            expected=f"labels among: {listed(labels)}",
            fix="give labelled rows of the same classes, or use `assay predict` for rows without labels",
        )
    notices = []
    if missing:
        notices.append(f"{missing:,} rows without a label were left out")
    if len(unknown):
        names = listed(unknown.unique(maintain_order=True).to_list(), 5)
        notices.append(f"{len(unknown):,} rows with labels that the model does not know were left out: {names}")
    return tuple(notices)


def _free(name: str, table: pl.DataFrame) -> str:
    while name in table.columns:
        name += "_"
    return name
