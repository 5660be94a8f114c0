"""The critical-difference picture: mean ranks on an axis, bars joining what cannot be told apart (Demsar 2006)."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil

from contest.ranks import Ranking

WIDTH, LEFT, RIGHT, AXIS, STEP, BAR = 760, 210, 550, 74, 22, 9
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a}.title{font-weight:600}.small{font-size:11px;fill:#555}"
    "line,path{stroke:#1a1a1a;fill:none}.alike{stroke-width:4;stroke-linecap:round}.ours{font-weight:600}"
)


def picture(rankings: Sequence[Ranking], titles: Mapping[str, str], ours: str) -> str:
    """Draw one panel for each ranking as SVG, the best on the left.

    Args:
        rankings: One for each kind of set.
        titles: Of the systems.
        ours: The system whose name stands out.
    """
    panels, top = [], 0
    for ranking in rankings:
        body, height = _panel(ranking, titles, ours)
        panels.append(f'<g transform="translate(0 {top})">{body}</g>')
        top += height
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">'
    parts = [head, f"<style>{_STYLE}</style>", f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>', *panels, "</svg>"]
    return "\n".join(parts) + "\n"


def _panel(ranking: Ranking, titles: Mapping[str, str], ours: str) -> tuple[str, int]:
    """One panel and its height."""
    names, last = list(ranking.means), len(ranking.means)
    place = {name: _at(mean, last) for name, mean in ranking.means.items()}
    alike, half = ranking.alike, ceil(last / 2)
    first = AXIS + BAR * (len(alike) + 1) + 14
    lines = [
        _text(20, 22, ranking.title, "title"),
        _text(76, 22, f"mean rank by log loss over {ranking.sets} sets, 1 is best", "small"),
        *_axis(last),
        *_scale(ranking.difference, last),
    ]
    for level, group in enumerate(alike, 1):
        y, ends = AXIS + BAR * level + 2, (place[group[0]] - 4, place[group[-1]] + 4)
        lines.append(f'<line class="alike" x1="{ends[0]:.1f}" y1="{y}" x2="{ends[1]:.1f}" y2="{y}"/>')
    for at, name in enumerate(names):
        left = at < half
        y, edge = first + STEP * (at if left else last - 1 - at), LEFT - 30 if left else RIGHT + 30
        said = f"{titles[name]}  {ranking.means[name]:.2f}" if left else f"{ranking.means[name]:.2f}  {titles[name]}"
        lines.append(f'<path d="M{place[name]:.1f} {AXIS}V{y}H{edge}"/>')
        style = "ours" if name == ours else ""
        lines.append(_text(edge + (-6 if left else 6), y + 4, said, style, anchor="end" if left else "start"))
    return "\n".join(lines), first + STEP * half + 14


def _at(mean: float, last: int) -> float:
    return LEFT + (mean - 1) / (last - 1) * (RIGHT - LEFT)


def _axis(last: int) -> list[str]:
    ticks = [
        f'<line x1="{_at(at, last):.1f}" y1="{AXIS - 6}" x2="{_at(at, last):.1f}" y2="{AXIS}"/>'
        + _text(_at(at, last), AXIS - 11, str(at), "", anchor="middle")
        for at in range(1, last + 1)
    ]
    return [f'<line x1="{LEFT}" y1="{AXIS}" x2="{RIGHT}" y2="{AXIS}"/>', *ticks]


def _scale(difference: float, last: int) -> list[str]:
    """How long the critical difference is on the axis."""
    end = LEFT + difference / (last - 1) * (RIGHT - LEFT)
    bar = f'<path d="M{LEFT} 42v8M{end:.1f} 42v8M{LEFT} 46H{end:.1f}"/>'
    return [bar, _text(end + 8, 50, f"critical difference {difference:.2f}", "small")]


def _text(x: float, y: float, said: str, style: str, anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}"{named} xml:space="preserve">{escape(said)}</text>'
