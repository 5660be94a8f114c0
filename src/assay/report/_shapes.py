"""The shapes of an additive model: what each column adds, which is all that such a model is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.arrays import FloatArray
from assay.families._shapes import Shaped
from assay.fitting.model import Member
from assay.report import _words as words
from assay.report._charts import ACCENT, MUTED, PALETTE, chart, coloured, values
from assay.report._effects import Axis, Effect, effects
from assay.report._facts import Facts
from assay.report._section import Chart, Section
from assay.tasks._base import Form

_MOST_DRAWN, _MOST_PAIRS, _MOST_LISTED = 12, 4, 40
_MOST_CLASSES = 4
_BARS = 30
_HEIGHT = 220
_WAYS = {"adds": ACCENT, "takes": PALETTE[1]}


def section(facts: Facts) -> Section | None:
    """The most important shapes of the additive member that counts most; None if the model has none."""
    members = [entry for entry in facts.model.members if all(isinstance(part, Shaped) for _, part in entry.parts)]
    if not members:
        return None
    member = max(members, key=lambda entry: entry.weight)
    found = [effect for effect in effects(facts.model, member) if effect.importance > 0]
    alone = [effect for effect in found if len(effect.axes) == 1][:_MOST_DRAWN]
    pairs = [effect for effect in found if len(effect.axes) == 2][:_MOST_PAIRS]
    charts = {f"shape-{number}": _drawn(facts, member, effect, number) for number, effect in enumerate(alone + pairs)}
    most = max((effect.importance for effect in found), default=1.0)
    scale = _scale(facts, member)
    rows = [
        {
            "name": effect.title,
            "share": effect.importance / most,
            "text": words.score(effect.importance * scale),
        }
        for effect in found[:_MOST_LISTED]
    ]
    return Section("shapes", "What each column adds", "Shapes", _said(facts, member, found), charts, {"rows": rows})


def _said(facts: Facts, member: Member, found: Sequence[Effect]) -> tuple[str, ...]:
    many = words.plural(len(found), "shape")
    said = [f"‘{member.name}’ is a constant and the sum of {many}; each adds {_unit(facts)}."]
    if member.weight < 1 - 1e-9:
        said.append(f"It counts for {words.percent(member.weight)} of the model; the rest cannot be drawn like this.")
    if found:
        said.append(f"Most is told by {words.joined([f'‘{words.short(one.title)}’' for one in found[:3]])}.")
    said.append("A band spans the models of the folds, and grey bars show where training rows lie.")
    if len(facts.labels) > _MOST_CLASSES and facts.task.form is Form.CLASSES:
        said.append(f"The {_MOST_CLASSES} commonest classes are drawn.")
    return tuple(said)


def _unit(facts: Facts) -> str:
    if facts.task.form is Form.NUMBERS:
        return f"so much to the prediction of ‘{words.short(facts.plan.wishes.target)}’"
    if facts.is_binary:
        return f"so much to the log odds of ‘{words.short(facts.labels[1])}’ (0.7 doubles the odds, -0.7 halves them)"
    return "so much to the score of each class; the class with the highest sum is the most probable"


def _scale(facts: Facts, member: Member) -> float:
    """How much of the target a score is worth; 1 where scores are log odds."""
    if facts.task.form is not Form.NUMBERS:
        return 1.0
    (_, predictor), *_ = member.parts
    link = predictor.link  # type: ignore[attr-defined]
    one, zero = link.outputs(np.ones((1, 1))), link.outputs(np.zeros((1, 1)))
    return float((one - zero)[0, 0])


def _lines(facts: Facts) -> Mapping[str, int]:
    """Scores that are drawn, by name."""
    if facts.is_binary or facts.task.form is Form.NUMBERS:
        return {"": 0}
    order = np.argsort(-facts.support, kind="stable")[:_MOST_CLASSES]
    return {facts.names[number]: int(number) for number in np.sort(order)}


def _drawn(facts: Facts, member: Member, effect: Effect, number: int) -> Chart:
    key, scale = f"shape-{number}", _scale(facts, member)
    name = words.short(effect.title)
    if len(effect.axes) == 2:
        return _surface(facts, effect, key, scale)
    lines = _lines(facts)
    legend = dict(zip(lines, PALETTE if len(lines) > 1 else (ACCENT,), strict=False))
    gap = ""
    if effect.missing is not None and len(lines) == 1:
        gap = f" Where it is missing: {effect.missing[0] * scale:+.3g}."
    caption = f"{name}.{gap}"
    draw = _bars if effect.axes[0].levels else _curve
    drawing = draw(effect, lines, legend, scale)
    height = max(80, 26 * len(effect.axes[0].levels)) if effect.axes[0].levels else _HEIGHT
    return chart(key, drawing, caption, height=height, legend=legend if len(lines) > 1 else None)


def _curve(effect: Effect, lines: Mapping[str, int], legend: Mapping[str, str], scale: float) -> Any:
    import altair as alt

    (axis,) = effect.axes
    x = alt.X("x:T" if axis.is_date else "x:Q", title=words.short(axis.name)).axis(grid=False)
    x = x.scale(**_x_scale(axis, effect.mass))
    base = alt.Chart(values(_steps(effect, lines, scale)))
    y = alt.Y("y:Q", title="adds").axis(orient="left")
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        x=x,
        y=y,
        color=coloured("class", legend),
        tooltip=[alt.Tooltip("y:Q", title="adds", format="+.3f"), alt.Tooltip("x:Q", title=words.short(axis.name))],
    )
    layers = [_rule(), line]
    if len(lines) == 1:
        band = base.mark_area(interpolate="step-after", opacity=0.18, color=ACCENT)
        layers.insert(0, band.encode(x=x, y=alt.Y("low:Q", title="adds"), y2="high:Q"))
    counts = _counts(axis, effect.mass)
    highest = max((row["rows"] for row in counts), default=1.0)
    bars = (
        alt.Chart(values(counts))
        .mark_rect(color=MUTED, opacity=0.25)
        .encode(
            x=alt.X("from:T").scale(nice=False)
            if axis.is_date
            else alt.X("from:Q").scale(**_x_scale(axis, effect.mass)),
            x2="to",
            y=alt.Y("rows:Q").axis(None).scale(domain=[0, 5 * highest]),
            y2=alt.datum(0),
        )
    )
    return alt.layer(bars, alt.layer(*layers)).resolve_scale(y="independent")


def _steps(effect: Effect, lines: Mapping[str, int], scale: float) -> list[dict[str, Any]]:
    (axis,) = effect.axes
    factor = 1000.0 if axis.is_date else 1.0
    rows = []
    for name, score in lines.items():
        each = effect.folds[..., score] * scale
        low, high, mean = each.min(axis=0), each.max(axis=0), each.mean(axis=0)
        for at, edge in enumerate(axis.edges):
            cell = min(at, len(mean) - 1)
            rows.append({"class": name, "x": edge * factor, "y": mean[cell], "low": low[cell], "high": high[cell]})
    return rows


def _x_scale(axis: Axis, mass: FloatArray) -> dict[str, Any]:
    """Linear; nearly logarithmic where nine rows in ten lie in the first or last twentieth of the range."""
    factor = 1000.0 if axis.is_date else 1.0
    low, high = float(axis.edges[0]), float(axis.edges[-1])
    scale: dict[str, Any] = {"domain": [low * factor, high * factor], "nice": False}
    first = mass[axis.middles <= low + 0.05 * (high - low)].sum()
    if not axis.is_date and low >= -1 and first > 0.9 * mass.sum():
        scale |= {"type": "symlog"}
    return scale


def _counts(axis: Axis, mass: FloatArray) -> list[dict[str, Any]]:
    """Rows over the range, in bars of one width."""
    factor = 1000.0 if axis.is_date else 1.0
    edges = np.linspace(axis.edges[0], axis.edges[-1], _BARS + 1)
    rows, _ = np.histogram(axis.middles, edges, weights=mass)
    return [
        {"from": low * factor, "to": high * factor, "rows": float(number)}
        for low, high, number in zip(edges, edges[1:], rows, strict=False)
    ]


def _bars(effect: Effect, lines: Mapping[str, int], legend: Mapping[str, str], scale: float) -> Any:
    import altair as alt

    (axis,) = effect.axes
    rows = [
        {
            "class": name,
            "level": words.both_ends(level),
            "y": effect.mean[at, score] * scale,
            "low": effect.folds[:, at, score].min() * scale,
            "high": effect.folds[:, at, score].max() * scale,
            "rows": effect.mass[at],
        }
        for name, score in lines.items()
        for at, level in enumerate(axis.levels)
    ]
    y = alt.Y("level:N", sort=None, title=None).axis(domain=False, ticks=False, labelLimit=140)
    base = alt.Chart(values(rows)).encode(y=y)
    dots = base.mark_circle(size=70, opacity=1).encode(
        x=alt.X("y:Q", title="adds"),
        color=coloured("class", legend),
        tooltip=["level:N", alt.Tooltip("y:Q", title="adds", format="+.3f")],
    )
    spans = base.mark_rule(strokeWidth=2, opacity=0.5).encode(
        x=alt.X("low:Q", title="adds"), x2="high:Q", color=coloured("class", legend)
    )
    zero = alt.Chart(values([{"x": 0}])).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(x="x:Q")
    return alt.layer(zero, spans, dots)


def _rule() -> Any:
    import altair as alt

    return alt.Chart(values([{"y": 0}])).mark_rule(color=MUTED, strokeDash=[4, 4]).encode(y=alt.Y("y:Q", title="adds"))


def _surface(facts: Facts, effect: Effect, key: str, scale: float) -> Chart:
    """A heat map; of three classes or more, of the class to which the pair adds most."""
    import altair as alt

    share = effect.mass / max(effect.mass.sum(), 1e-12)
    score = int((share[..., None] * np.abs(effect.mean)).sum(axis=(0, 1)).argmax())
    table = effect.mean[..., score] * scale
    one, two = effect.axes
    rows = [
        {**_place(one, "x", i), **_place(two, "y", j), **_added(table[i, j]), "rows": effect.mass[i, j]}
        for i in range(table.shape[0])
        for j in range(table.shape[1])
    ]
    drawing = (
        alt.Chart(values(rows))
        .mark_rect()
        .encode(
            **_side(one, "x"),
            **_side(two, "y"),
            color=alt.Color("way:N", legend=None).scale(domain=list(_WAYS), range=list(_WAYS.values())),
            opacity=alt.Opacity("size:Q", legend=None).scale(range=[0, 1]),
            tooltip=[alt.Tooltip("adds:Q", format="+.3f"), alt.Tooltip("rows:Q", format=",.0f")],
        )
    )
    most = float(np.abs(table).max())
    of = "" if len(_lines(facts)) == 1 else f", for ‘{facts.names[score]}’"
    caption = f"{words.short(one.name)} and {words.short(two.name)}: what both add beyond each by itself{of}."
    legend = {f"adds, up to {most:+.2g}": _WAYS["adds"], f"takes away, up to {-most:+.2g}": _WAYS["takes"]}
    return chart(key, drawing, caption, height=_HEIGHT, legend=legend)


def _added(value: float) -> dict[str, Any]:
    return {"adds": value, "size": abs(value), "way": "adds" if value > 0 else "takes"}


def _place(axis: Axis, key: str, cell: int) -> dict[str, Any]:
    if axis.levels:
        return {key: words.both_ends(axis.levels[cell])}
    factor = 1000.0 if axis.is_date else 1.0
    return {key: axis.edges[cell] * factor, f"{key}2": axis.edges[cell + 1] * factor}


def _side(axis: Axis, key: str) -> dict[str, Any]:
    import altair as alt

    kind = {"x": alt.X, "y": alt.Y}[key]
    title = words.short(axis.name)
    if axis.levels:
        return {key: kind(f"{key}:N", sort=None, title=title).axis(labelLimit=120)}
    scale = {"nice": False, "zero": False}
    return {key: kind(f"{key}:{'T' if axis.is_date else 'Q'}", title=title).scale(**scale), f"{key}2": f"{key}2"}
