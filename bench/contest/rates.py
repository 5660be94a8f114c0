"""Win rates of Assay against each rival, ranks, and all sets by system: what a reader looks for first."""

from collections import Counter
from collections.abc import Callable, Sequence

from contest.markdown import grid
from contest.promises import TITLES
from contest.ranks import KINDS, Ranking
from contest.results import Result
from contest.systems import SYSTEMS
from contest.verdicts import Duel, Table, Verdicts


def win_rates(verdicts: Verdicts) -> str:
    """How often Assay has the smaller log loss, and the larger accuracy, kind by kind and rival by rival."""
    rows = []
    for kind, title in KINDS.items():
        for system in SYSTEMS:
            rows += _rate(title, system.title, verdicts.against(system.name, kind))
        half = [each for each in verdicts.half if each.kind == kind]
        rows += _rate(title, "AutoGluon, Assay in half the time", half)
    beyond = "won, tied, lost beyond noise"
    head = ("kind", "against", "sets", "smaller log loss", beyond, "higher accuracy", "accuracy")
    return grid(head, rows, numbers=range(2, len(head))) if rows else ""


def by_set(table: Table, kind: str, number: Callable[[Result], float], best: Callable[..., float]) -> str:
    """One number of each system on each set of a kind, the best of a set bold; ``best`` is ``min`` or ``max``."""
    sets = sorted({name for name, system in table if table[name, system].kind == kind})
    systems = [system for system in SYSTEMS if any((name, system.name) in table for name in sets)]
    rows = []
    for name in sets:
        found = [table.get((name, system.name)) for system in systems]
        numbers = [None if each is None or each.failure else number(each) for each in found]
        record = best((each for each in numbers if each is not None), default=None)
        rows.append((name, *(_number(each, each == record) for each in numbers)))
    head = ("data set", *(system.title for system in systems))
    return grid(head, rows, numbers=range(1, len(head))) if rows else ""


def outcomes(verdicts: Verdicts, kind: str) -> str:
    """The sets of a kind that Assay won, tied and lost by log loss, by name, for each rival."""
    rows = []
    for system in SYSTEMS:
        duels = verdicts.against(system.name, kind)
        told = [", ".join(each.set for each in duels if each.outcome == outcome) for outcome in ("win", "tie", "loss")]
        if duels:
            rows.append((system.title, *told))
    return grid(("log loss against", "won", "tied within noise", "lost"), rows) if rows else ""


def ranked(ranking: Ranking) -> str:
    """Mean ranks in a line."""
    order = ", ".join(f"{TITLES[name]} {mean:.2f}" for name, mean in ranking.means.items())
    return f"{ranking.title}: mean rank by log loss over {ranking.sets} sets: {order}."


def _rate(kind: str, rival: str, duels: Sequence[Duel]) -> list[tuple[str, ...]]:
    if not duels:
        return []
    outcomes = Counter(each.outcome for each in duels)
    smaller, higher = (sum(found) for found in ([d.ours < d.theirs for d in duels], [d.gain > 0 for d in duels]))
    gain = 100 * sum(each.gain for each in duels) / len(duels)
    told = (f"{smaller} ({smaller / len(duels):.0%})", f"{outcomes['win']}, {outcomes['tie']}, {outcomes['loss']}")
    return [(kind, rival, str(len(duels)), *told, f"{higher} ({higher / len(duels):.0%})", f"{gain:+.2f}")]


def _number(value: float | None, bold: bool) -> str:
    """Four decimals; of less than a thousandth two digits, for some sets are all but solved."""
    if value is None:
        return ""
    told = f"{value:.4f}" if value >= 0.001 else f"{value:.1e}"
    return f"**{told}**" if bold else told
