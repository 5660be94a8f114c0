"""A plan for a dataset: which families fit it, in which order they are tried, and how rows are split."""

from collections.abc import Sequence
from dataclasses import dataclass

from assay.core.errors import PlanError, listed
from assay.core.members import member, member_names
from assay.core.threads import usable_cores
from assay.data.dataset import Dataset
from assay.data.prepare import Wishes
from assay.data.schema import Role
from assay.families._base import Family
from assay.families._coded import Coded, decomposition
from assay.families._of_binaries import can_serve, on_base
from assay.fitting.plan import Candidate, Plan
from assay.fitting.portfolio import place
from assay.tasks._base import NOTHING_ASKED, Asked, Task

FAMILIES = "assay.families"
_LATER = 12
_MANY_FOR_NETS = 8_000
_MUCH, _VERY_MUCH = 2_500, 50_000  # rows times labels for each second


@dataclass(frozen=True)
class Request:
    """What a person asks of a fit, beside what the data say.

    Attributes:
        wishes: The target and what was said about columns.
        task, metric: Names; None for what suits the target.
        asked: What else is said about the target.
        seconds: Wall-clock budget, 0 for none.
        families: Only these, in this order of priority; empty for all that fit the data.
        decompose: Names of ways to learn several classes by binary models, each beside every family that can serve.
        folds: How many; None for a number that suits the rows.
        rare_classes: ``error``, ``keep`` or ``drop``.
        prefer: ``fast``, ``balanced`` or ``best``.
        seed, threads: For every draw; None for all cores.
        device: Where nets are trained.
    """

    wishes: Wishes
    task: str | None = None
    metric: str | None = None
    asked: Asked = NOTHING_ASKED
    seconds: float = 60.0
    families: tuple[str, ...] = ()
    decompose: tuple[str, ...] = ()
    folds: int | None = None
    rare_classes: str = "error"
    prefer: str = "balanced"
    seed: int = 0
    threads: int | None = None
    device: str = "auto"


def make_plan(data: Dataset, task: Task, request: Request, fingerprint: str) -> Plan:
    """The plan for a dataset.

    Raises:
        PlanError: A metric or family that does not exist, or that cannot serve this data.
    """
    rows = int(task.labelled(task.encoded(data)).sum())
    ways = tuple(decomposition(name, task) for name in request.decompose)
    candidates = _candidates(data, task, rows, request.families, ways)
    folds = _folds(rows, len(task.labels), candidates, request.seconds) if request.folds is None else request.folds
    return Plan(
        wishes=request.wishes,
        task=task.name,
        metric=task.metric(request.metric).name,
        **vars(request.asked),
        candidates=candidates,
        chosen=_reasons(candidates, (*request.families, *request.decompose)),
        left_out=_left_out(data, task, rows, request.families, ways),
        rare_classes=request.rare_classes,
        scheme=_scheme(data),
        folds=folds,
        refit="always" if request.prefer == "fast" else _refit(data, folds),
        prefer=request.prefer,
        seconds=request.seconds,
        seed=request.seed,
        threads=request.threads or usable_cores(),
        device=request.device,
        fingerprint=fingerprint,
    )


def _scheme(data: Dataset) -> str:
    if data.schema.named(Role.TIME) is not None:
        return "time"
    whole = (Role.GROUP, Role.SEQUENCE)
    return "grouped" if any(data.schema.named(role) for role in whole) else "stratified"


def _refit(data: Dataset, folds: int) -> str:
    """Fits of early folds have seen nothing of what came since, and a single split leaves a tenth to nobody."""
    return "always" if _scheme(data) == "time" else "time left" if folds == 1 else "never"


def _folds(rows: int, labels: int, candidates: Sequence[Candidate], seconds: float) -> int:
    """More folds where rows are few (each fit then sees more of them), fewer where fits are long for the time."""
    kinds = {_family(candidate.family) for candidate in candidates}
    if all(kind.costly or kind.baseline for kind in kinds) and not all(kind.baseline for kind in kinds):
        return 1 if rows > _MANY_FOR_NETS else 3
    if rows < 40:
        return max(2, min(5, rows // 2))
    if rows <= 3_000 or rows * labels <= 40_000:
        return 8
    per_second = rows * labels / seconds if seconds else 0.0
    return 5 if per_second <= _MUCH else 3 if per_second <= _VERY_MUCH else 1


def _candidates(
    data: Dataset, task: Task, rows: int, wanted: Sequence[str], ways: Sequence[type[Coded]]
) -> tuple[Candidate, ...]:
    """Baselines, then families in the order asked for, or else in that of the portfolio.

    Of families that it does not know, each further variant stands some places later than the last. Behind a family's
    first variant stand its decompositions.
    """
    kinds = _families()
    chosen = [kind for kind in kinds if kind.baseline or not wanted or kind.name in wanted]
    _check_wanted(wanted)
    found = []
    for kind in chosen:
        reason = kind().refusal(data.schema, task, rows)
        unasked = kind.name not in wanted and kind().left_out(data.schema, task, rows)
        parts = () if unasked else _decomposed(kind, ways, data, rows, costly=kind.name in wanted)
        rank: float = wanted.index(kind.name) if kind.name in wanted else kind.priority
        first = rank if wanted else place(kind.name, data.schema, rows, rank)
        found += [(True, first, kind.name, 0.5, candidate) for candidate in parts]
        if reason is None and not unasked:
            for number, settings in enumerate(kind().variants(data.schema, task, rows)):
                name = kind.name if number == 0 else f"{kind.name}-{number + 1}"
                later = rank + _LATER * number
                where = later if wanted else place(name, data.schema, rows, later)
                found.append((not kind.baseline, where, kind.name, number, Candidate(name, kind.name, settings)))
        elif kind.name in wanted and not parts:
            raise PlanError(
                f"the family {kind.name!r} cannot serve this data: {reason}",
                expected="a family that can",
                fix=f"leave it out of --families; there are {listed(other.name for other in kinds)}",
            )
    found.sort(key=lambda entry: entry[:4])
    return tuple(candidate for *_, candidate in found)


def _decomposed(
    kind: type[Family], ways: Sequence[type[Coded]], data: Dataset, rows: int, *, costly: bool
) -> tuple[Candidate, ...]:
    """A family as the base of each way; a costly one only where a person asked for it."""
    if not can_serve(kind, data.schema, rows) or (kind.costly and not costly):
        return ()
    settings = on_base(kind.name, data.schema, rows)
    return tuple(Candidate(f"{kind.name}-{way.name}", way.name, settings) for way in ways)


def _reasons(candidates: Sequence[Candidate], wanted: Sequence[str]) -> dict[str, str]:
    names = list(dict.fromkeys(candidate.family for candidate in candidates))
    return {name: "as asked" if name in wanted else _family(name).suits for name in names}


def _left_out(
    data: Dataset, task: Task, rows: int, wanted: Sequence[str], ways: Sequence[type[Coded]]
) -> dict[str, str]:
    """Families that could be tried and are not, unless a person chose all families."""
    if wanted:
        return {}
    found = {}
    for kind in (kind for kind in _families() if kind not in ways):
        reason = kind().left_out(data.schema, task, rows)
        if reason and kind().refusal(data.schema, task, rows) is None:
            found[kind.name] = reason
    return found


def _families() -> list[type[Family]]:
    return [_family(name) for name in member_names(FAMILIES)]


def _family(name: str) -> type[Family]:
    return member(FAMILIES, Family, name)  # type: ignore[type-abstract]


def _check_wanted(wanted: Sequence[str]) -> None:
    for name in wanted:
        member(FAMILIES, Family, name)().need()  # type: ignore[type-abstract]
