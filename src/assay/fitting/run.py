"""A run on disk: plan, data, evidence, model, report and training curves; `checkpoint/` while it is fitted."""

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from assay.core.artifact import looks_like_pickle
from assay.core.errors import OutputError, RunError, listed
from assay.core.files import explained, write_json, write_text
from assay.core.state import damaged
from assay.fitting.about import DESCRIBED
from assay.fitting.assembly import Outcome
from assay.fitting.checkpoint import Checkpoint
from assay.fitting.evidence import Evidence
from assay.fitting.model import Model
from assay.fitting.plan import Plan

_PARTS = ("plan.toml", "data.json", "evidence", "model", "report.html")
_ARCHIVES = {".gz", ".zip", ".xlsx"}  # of rows that a person may keep beside the run
_PICKLED = {".pkl", ".pickle", ".joblib", ".pt", ".pth", ".dill", ".cloudpickle"}


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run. Its parts are read when first asked for, each after its checks."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> Self:
        """A finished run.

        Raises:
            RunError: Not there, not a run, not finished, or with a pickle in it.
        """
        run = cls(path)
        if not path.is_dir():
            found = "a file, not a folder, at" if path.exists() else "no folder"
            raise RunError(
                f"{found} {path}",
                expected="the run folder that `assay fit --out` made",
                fix="check the path; `assay fit DATA --target COLUMN --out RUN` makes one",
            )
        if not (path / "plan.toml").is_file():
            raise RunError(
                f"no plan.toml in {path}",
                expected="a run folder, with plan.toml, data.json, evidence/ and model/",
                fix="give the folder that `assay fit --out` made",
            )
        run.refuse_pickles()
        if not run.is_finished:
            raise RunError(
                f"a run whose fit did not finish: {path}",
                expected="a model/ folder in it",
                fix="finish it with `assay fit DATA --out RUN --resume`",
            )
        return run

    @property
    def is_finished(self) -> bool:
        """Whether the fit came to its end: the model is written last."""
        return (self.path / "model").is_dir()

    @property
    def is_begun(self) -> bool:
        """Whether a fit began here and can be resumed."""
        return (self.path / "plan.toml").is_file() and not self.is_finished

    @property
    def checkpoint(self) -> Checkpoint:
        """Where a fit at work keeps what is done."""
        return Checkpoint(self.path / "checkpoint")

    @property
    def events(self) -> Path:
        """Where nets leave what TensorBoard shows of their training."""
        return self.path / "training"

    @cached_property
    def plan(self) -> Plan:
        """The plan."""
        return Plan.read(self.path / "plan.toml")

    @cached_property
    def about(self) -> dict[str, Any]:
        """What is kept of the data, see `fitting.about`.

        Raises:
            RunError: Missing or not JSON.
        """
        try:
            found = json.loads((self.path / "data.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise damaged(self.path, f"data.json: {error}") from error
        absent = [key for key in DESCRIBED if key not in found] if isinstance(found, dict) else DESCRIBED
        if absent:
            raise damaged(self.path, f"data.json without {listed(absent)}")
        return dict(found)

    @cached_property
    def evidence(self) -> Evidence:
        """What was observed while fitting."""
        return Evidence.load(self.path / "evidence")

    @cached_property
    def model(self) -> Model:
        """The model."""
        return Model.load(self.path / "model")

    def begin(self, plan: Plan, about: dict[str, Any]) -> None:
        """Make the folder with all that a resumed fit needs.

        Raises:
            OutputError: The folder is there and not empty, or cannot be written to.
        """
        self.check_free()
        try:
            with explained(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
            write_text(self.path / "plan.toml", plan.to_toml())
            write_json(self.path / "data.json", about)
        except OutputError:
            self._forget()
            raise

    def check_free(self) -> None:
        """See that a new run can be made here.

        Raises:
            OutputError: There is a file of that name, or a folder that is not empty.
        """
        if self.path.is_file() or (self.path.is_dir() and not set(self.path.iterdir()) <= self._leftovers()):
            what = "a file" if self.path.is_file() else "a folder that is not empty"
            hint = "add --resume to finish the fit that was begun there, or " if self.is_begun else ""
            raise OutputError(
                f"{what} at {self.path}",
                expected="a new name, or an empty folder",
                fix=f"{hint}choose another place with --out, or remove it first",
            )

    def finish(self, outcome: Outcome, about: dict[str, Any]) -> None:
        """Write what a fit gave; the model last, since its presence says that the run is whole."""
        outcome.evidence.save(self.path / "evidence")
        write_json(self.path / "data.json", about)
        write_text(self.path / "plan.toml", outcome.plan.to_toml())
        outcome.model.save(self.path / "model")
        self.tidy()

    def tidy(self) -> None:
        """Remove what only a fit at work needs; a fit that was killed at its very end did not come to it."""
        self.checkpoint.remove()
        for leftover in self._leftovers():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()

    def _forget(self) -> None:
        """Leave nothing of a run that could not even begin."""
        with suppress(OSError):
            for name in ("plan.toml", "data.json"):
                (self.path / name).unlink(missing_ok=True)
            self.path.rmdir()

    def _leftovers(self) -> set[Path]:
        """What writes that were killed have left beside their goal (see `core.files`)."""
        return {file for name in _PARTS for file in self.path.glob(f".{name}.*")}

    def refuse_pickles(self) -> None:
        """See that nobody has put a pickle here: Assay would not read it, but who put it there had a purpose.

        Raises:
            RunError: There is one.
        """
        for file in sorted(self.path.iterdir()):
            if file.is_file() and _is_pickle(file):
                raise RunError(
                    f"a pickle in a run folder: {file}",
                    expected="a run without pickles; Assay never writes or reads one, since loading one runs code",
                    fix="do not load that file; find out who put it there, remove it, and try again",
                )


def _is_pickle(file: Path) -> bool:
    named = {suffix.lower() for suffix in file.suffixes}
    return bool(named & _PICKLED) or (not named & _ARCHIVES and looks_like_pickle(file))
