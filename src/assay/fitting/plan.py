"""The plan: everything that decides a fit, immutable, and readable as TOML.

A plan that has been fitted also holds, for each candidate and fold, what the clock and the early stopping decided
(`fixed`); so a fit from a saved plan gives the same model bit for bit, and takes no time limit.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from assay.core.errors import PlanError, did_you_mean, listed
from assay.data.prepare import Wishes
from assay.tasks._base import Asked

SCHEMES = ("stratified", "grouped", "time")
REFIT = ("never", "always", "time left")
PREFERENCES = ("fast", "balanced", "best")
RARE = ("error", "keep", "drop")
BROKEN = ("repair", "refuse")
_HEAD = """# The plan of an Assay fit. Edit it and give it back with `assay fit DATA --plan THIS`.
# `fixed` holds what the clock and early stopping decided on each fold: with it the same data give the same model
# again; remove it from a candidate to have that candidate fitted afresh.

"""


@dataclass(frozen=True)
class Candidate:
    """One model to try: a family with settings over its defaults; ``fixed`` has an entry per fold once fitted."""

    name: str
    family: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    fixed: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Plan:
    """Everything that decides a fit.

    Attributes:
        wishes: The target and what the person said about columns.
        task, metric: Names.
        positive: The positive class of a binary task, None for the last in sorted order.
        loss, interval: What predicted numbers are to make small, and the share of truths that an interval around them
            should hold; None for what suits the target, and for no interval.
        order: Classes from low to high; empty for that of numbers, and where there is none.
        broken_spans: What to do with a tag that goes on with a span that none began: ``repair`` or ``refuse``.
        rare_classes: What to do with classes of one row: ``error``, ``keep`` (learn, untested) or ``drop``.
        scheme, folds: How rows are split, and in how many folds; 1 for a single split.
        refit: Whether the model is made of fits on all rows, each as that of the last fold, instead of the folds' own:
            ``never``, ``always``, or ``time left`` if they fit into what the candidates left of the time. Families that
            say so themselves (`Family.refits`) always are.
        seconds: Wall-clock budget; 0 for none.
        seed, threads: For every draw; for every fit.
        device: Where nets are trained: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        candidates: What to try, in order of priority.
        chosen, left_out: Families that are tried, and those that are not though they could be, each with the reason.
        ensemble_rounds: Most rounds of greedy selection.
        prefer: What members the ensemble keeps: ``best`` all that were selected, ``balanced`` those without which it is
            measurably worse, ``fast`` those without which it is clearly worse, each fitted once on all rows.
        calibrate: Whether calibration is tried.
        fingerprint: Of the data that the plan was made for.
    """

    wishes: Wishes
    task: str
    metric: str
    candidates: tuple[Candidate, ...]
    positive: str | None = None
    loss: str | None = None
    interval: float | None = None
    order: tuple[str, ...] = ()
    broken_spans: str = "repair"
    rare_classes: str = "error"
    scheme: str = "stratified"
    folds: int = 5
    refit: str = "never"
    seconds: float = 60.0
    seed: int = 0
    threads: int = 2
    device: str = "auto"
    ensemble_rounds: int = 25
    prefer: str = "balanced"
    calibrate: bool = True
    fingerprint: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _one_of("scheme", self.scheme, SCHEMES)
        _one_of("rare_classes", self.rare_classes, RARE)
        _one_of("refit", self.refit, REFIT)
        _one_of("prefer", self.prefer, PREFERENCES)
        _one_of("broken_spans", self.broken_spans, BROKEN)
        _at_least("folds", self.folds, 1)
        _at_least("threads", self.threads, 1)
        _at_least("seconds", self.seconds, 0)
        _at_least("ensemble_rounds", self.ensemble_rounds, 1)
        if not self.candidates:
            raise PlanError("a plan without candidates", expected="one candidate or more", fix="add [[candidates]]")
        names = [candidate.name for candidate in self.candidates]
        if len(set(names)) < len(names):
            raise PlanError(
                f"two candidates of one name among {listed(names)}",
                expected="a name of its own for each candidate",
                fix="rename one of them",
            )

    @property
    def asked(self) -> Asked:
        """What is said about the target, beside its column."""
        return Asked(**{entry.name: getattr(self, entry.name) for entry in fields(Asked)})

    def for_data(self, fingerprint: str) -> "Plan":
        """The plan for data with this fingerprint: on other data than its own, nothing that was fixed holds."""
        if fingerprint == self.fingerprint:
            return self
        free = tuple(replace(candidate, fixed=()) for candidate in self.candidates)
        return replace(self, fingerprint=fingerprint, candidates=free)

    @property
    def is_fixed(self) -> bool:
        """Whether every candidate has been fitted before, so that the clock decides nothing."""
        return all(len(candidate.fixed) == self.folds for candidate in self.candidates)

    def to_toml(self) -> str:
        """The plan as TOML."""
        import tomlkit

        tables = asdict(self)
        candidates = tomlkit.aot()
        for candidate in tables.pop("candidates"):
            table = tomlkit.item(_without_none({**candidate, "fixed": None}))
            if candidate["fixed"]:
                table.append("fixed", _one_per_line(candidate["fixed"]))
            candidates.append(table)
        return _HEAD + tomlkit.dumps({**_without_none(tables), "candidates": candidates})

    @classmethod
    def from_toml(cls, text: str, origin: str = "the plan") -> "Plan":
        """Read a plan.

        Raises:
            PlanError: Not TOML, or with a key or a value that a plan does not have.
        """
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PlanError(
                f"{origin} is not TOML: {error}", expected="a plan.toml that Assay wrote", fix="mend that line"
            ) from error
        wishes = _build(Wishes, _table(found, "wishes", origin), f"{origin}, [wishes]")
        entries = found.get("candidates", [])
        candidates = tuple(_build(Candidate, entry, f"{origin}, [[candidates]]") for entry in entries)
        plan: Plan = _build(cls, {**found, "wishes": wishes, "candidates": candidates}, origin)
        return plan

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """Read a plan from a file.

        Raises:
            PlanError: No such file, not TOML, or not a plan.
        """
        try:
            return cls.from_toml(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(
                f"no plan can be read from {path} ({error})",
                expected="a plan.toml, as every run folder holds",
                fix="give its path with --plan, or leave --plan out",
            ) from error


def _build(kind: type[Any], found: Mapping[str, Any], origin: str) -> Any:
    known = {entry.name: entry for entry in fields(kind)}
    for key in found:
        if key not in known:
            raise PlanError(
                f"a key {key!r} in {origin}",
                expected=f"one of: {listed(known, 30)}",
                fix=f"{did_you_mean(key, known)}change or remove the key",
            )
    try:
        return kind(**{key: _typed(known[key].type, key, value, origin) for key, value in found.items()})
    except TypeError as error:
        raise PlanError(
            f"{origin} is not whole: {error}", expected="every key that has no default", fix="add it"
        ) from error


def _typed(kind: Any, key: str, value: Any, origin: str) -> Any:
    """Lists become tuples; numbers, texts and tables are held against the annotation of the field."""
    wanted = _WANTED.get(str(kind))
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        raise PlanError(
            f"{key} = {value!r} in {origin}",
            expected=f"a value of type {wanted[0].__name__}",
            fix=f"change {key}",
        )
    return tuple(value) if isinstance(value, list) else value


_WANTED: Mapping[str, tuple[type, ...]] = {
    "<class 'str'>": (str,),
    "str | None": (str,),
    "<class 'int'>": (int,),
    "<class 'float'>": (float, int),
    "float | None": (float, int),
    "<class 'bool'>": (bool,),
    "tuple[str, ...]": (list, tuple),
    "collections.abc.Mapping[str, typing.Any]": (dict,),
    "tuple[collections.abc.Mapping[str, typing.Any], ...]": (list, tuple),
}


def _table(found: Mapping[str, Any], key: str, origin: str) -> Mapping[str, Any]:
    table = found.get(key)
    if not isinstance(table, dict):
        raise PlanError(f"no [{key}] in {origin}", expected=f"a table [{key}]", fix=f"add [{key}] with the target")
    return table


def _one_per_line(entries: Sequence[Mapping[str, Any]]) -> Any:
    """Inline tables, one per line, where TOML's long form would fill pages."""
    import tomlkit

    lines = tomlkit.array().multiline(True)
    for entry in entries:
        inline = tomlkit.inline_table()
        inline.update(_without_none(entry))
        lines.append(inline)
    return lines


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [_without_none(inner) for inner in value]
    return value


def _one_of(key: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise PlanError(
            f"{key} = {value!r}",
            expected=f"one of: {listed(options)}",
            fix=f"{did_you_mean(value, options)}change {key}",
        )


def _at_least(key: str, value: float, least: float) -> None:
    if not value >= least:
        raise PlanError(f"{key} = {value!r}", expected=f"{least} or more", fix=f"change {key}")
