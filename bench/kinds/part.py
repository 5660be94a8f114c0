"""The part of the page of results about kinds of networks, made from the finished measurements alone."""

from collections.abc import Mapping, Sequence

from contest.bystanders import BUSY
from contest.markdown import bullets, grid, said
from contest.results import Result, Results
from contest.scores import paired_interval
from contest.systems import LIGHTGBM

from kinds.entries import TABLE_FAMILIES, Entry

# Of the test rows right, by set and seconds; over LightGBM on pixels.
ACCURATE = {("mnist", "by-itself-60"): 0.99, ("mnist", "by-itself-240"): 0.994, ("cifar10_16k", "by-itself-600"): 0.75}
OVER_PIXELS = 0.20
_HOW = """\
- Each is one `assay fit` (with `--families NAME` where a family is named) in a process of its own, and one that loads
  the model and predicts the test rows; the code that scores the contest scores these.
- Pictures: what Assay takes by itself. LightGBM on pixels: each pixel of each channel is a column.
- Tables: LightGBM with its defaults as in the contest above; a tie is where the 95% interval of the difference in log
  loss, by a paired bootstrap over test rows, holds zero.
- A star: other processes used more than a quarter of a core meanwhile."""


def part(asked: Sequence[Entry], networks: Results, contest: Results) -> str:
    """Write the part as Markdown; what has not been measured is named.

    Args:
        asked: What is to be measured.
        networks: Its results.
        contest: Those of the contest, for LightGBM on tables.
    """
    found = {(e.data.name, e.system.name): networks.find(e.data.name, e.system.name) for e in asked}
    sound = {key: result for key, result in found.items() if result is not None and not result.failure}
    pieces = [
        "## Kinds of networks",
        _about(list(sound.values())),
        *_section("Pictures", _pictures(asked, sound)),
        *_section("Texts", _group("texts", asked, sound)),
        *_section("Tables against LightGBM", _tables(asked, sound, networks, contest)),
        "### Not measured of the kinds",
        bullets(_missing(asked, found)) or "Nothing is missing.",
        "### How the kinds were measured",
        _HOW,
    ]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


Found = Mapping[tuple[str, str], Result]


def _section(title: str, table: str) -> list[str]:
    return [f"### {title}", table] if table else []


def _about(results: Sequence[Result]) -> str:
    if not results:
        return ""
    days = sorted({result.measured for result in results})
    commits = sorted({result.versions["commit"] for result in results if "commit" in result.versions})
    return f"Measured {', '.join(days)}, Assay at commit {', '.join(commits)}."


def _pictures(asked: Sequence[Entry], sound: Found) -> str:
    bars = []
    for (data, system), bar in ACCURATE.items():
        result = sound.get((data, system))
        told = "not measured" if result is None else f"{result.accuracy:.2%}"
        bars.append((f"{data}, {system.removeprefix('by-itself-')} s", f"{bar:.1%}", told, said(_reached(result, bar))))
    ours, pixels = sound.get(("cifar10_16k", "by-itself-600")), sound.get(("cifar10_16k", "pixels"))
    if ours and pixels:
        gain = ours.accuracy - pixels.accuracy
        bars.append(
            ("cifar10_16k over LightGBM on pixels", "20 points", f"{100 * gain:.1f}", said(gain >= OVER_PIXELS))
        )
    table = _group("pictures", asked, sound)
    return f"{grid(('right on test pictures', 'bar', 'measured', 'held'), bars)}\n\n{table}" if table else ""


def _reached(result: Result | None, bar: float) -> bool | None:
    return None if result is None else result.accuracy >= bar


def _group(group: str, asked: Sequence[Entry], sound: Found) -> str:
    rows = [
        (entry.data.name, entry.system.title, *_numbers(result))
        for entry in asked
        if entry.group == group and (result := sound.get((entry.data.name, entry.system.name)))
    ]
    head = ("data set", "model", "accuracy", "log loss", "fit s", "one row ms", "memory MB", "run MB")
    return grid(head, rows, numbers=range(2, len(head))) if rows else ""


def _numbers(result: Result) -> tuple[str, ...]:
    star = "*" if (result.others or 0) > BUSY else ""
    return (
        f"{result.accuracy:.4f}",
        f"{result.log_loss:.4f}",
        f"{result.fit_seconds:.1f}{star}",
        f"{result.latency_ms:.1f}{star}",
        f"{result.peak_mb:,.0f}",
        f"{result.disk_mb:.1f}",
    )


def _tables(asked: Sequence[Entry], sound: Found, networks: Results, contest: Results) -> str:
    names = sorted({entry.data.name for entry in asked if entry.group == "tables"})
    rows, tally = [], {family: dict.fromkeys(("win", "tie", "loss"), 0) for family in TABLE_FAMILIES}
    for name in names:
        trees = contest.find(name, LIGHTGBM)
        if trees is None or trees.failure:
            continue
        cells = []
        for family in TABLE_FAMILIES:
            result = sound.get((name, family))
            if result is None:
                cells += ["", ""]
                continue
            outcome = _outcome(networks, contest, result, trees)
            tally[family][outcome] += 1
            cells += [f"{result.log_loss:.4f}", outcome]
        if any(cells):
            rows.append((name, f"{trees.log_loss:.4f}", *cells))
    if not rows:
        return ""
    told = [f"{family}: {', '.join(f'{n} {what}' for what, n in counts.items())}" for family, counts in tally.items()]
    head = ("data set", "LightGBM", *(cell for family in TABLE_FAMILIES for cell in (family, "")))
    return f"{bullets(told)}\n\n{grid(head, rows, numbers=(1, 2, 4))}"


def _outcome(networks: Results, contest: Results, ours: Result, theirs: Result) -> str:
    low, high = paired_interval(networks.losses(ours), contest.losses(theirs))
    return "win" if high < 0 else "loss" if low > 0 else "tie"


def _missing(asked: Sequence[Entry], found: Mapping[tuple[str, str], Result | None]) -> list[str]:
    lines = []
    for entry in asked:
        result = found[entry.data.name, entry.system.name]
        if result is None or result.failure:
            why = f": {result.failure}" if result else ""
            lines.append(f"{entry.data.name}, {entry.system.title}{why}")
    return lines
