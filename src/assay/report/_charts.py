"""How all charts look. Colours are the page's CSS variables, so that they follow the dark theme and the printer."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assay.report._section import Chart

INK, MUTED, LINE, ACCENT, ON_ACCENT = (f"var(--{name})" for name in ("ink", "muted", "line", "accent", "on-accent"))
PALETTE = tuple(f"var(--c{number})" for number in range(1, 9))
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_TEXT = {"labelColor": MUTED, "titleColor": MUTED, "labelFont": _FONT, "titleFont": _FONT}
_CONFIG: Mapping[str, Any] = {
    "background": "transparent",
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        **_TEXT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
    },
    "text": {"font": _FONT, "fontSize": 12, "color": INK},
    "axisX": {"labelFlush": True},
}


def chart(key: str, drawing: Any, caption: str, *, height: int, legend: Mapping[str, str] | None = None) -> Chart:
    """An Altair chart as a part of the page: as wide as its box, ``height`` pixels high.

    ``legend`` gives a colour to each name; it stands beneath the chart as text, which wraps on a phone.
    """
    sized = drawing.properties(width="container", height=height, description=caption)
    spec = sized.configure(**_CONFIG).to_dict()
    return Chart(key, spec, caption, tuple((legend or {}).items()))


def coloured(field: str, legend: Mapping[str, str]) -> Any:
    """Colours by name, as in a legend."""
    import altair as alt

    return alt.Color(f"{field}:N", sort=None, legend=None).scale(domain=list(legend), range=list(legend.values()))


def share_axis() -> dict[str, Any]:
    """An axis from 0% to 100%."""
    return {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]}


def values(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as inline data; what is not a number becomes null, since JSON has no word for it."""
    import altair as alt

    return alt.InlineData(values=[{key: _finite(value) for key, value in row.items()} for row in rows])


def _finite(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value
