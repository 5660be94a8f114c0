"""The calibration plot: whether 80% means 80%."""

from collections.abc import Sequence

from assay.report import _words as words
from assay.report._charts import ACCENT, MUTED, chart, share_axis, values
from assay.report._facts import Facts
from assay.report._numbers import Bin, calibration_error, reliability
from assay.report._section import Chart, Section

_LARGE, _FAIR = 0.05, 0.02


def section(facts: Facts) -> Section:
    """Said against came true, in bins of equal size, with their counts."""
    bins = _bins(facts)
    shown = {
        "bins": [
            {
                "said": words.percent(entry.said),
                "came": words.percent(entry.came),
                "interval": f"{words.percent(entry.low)} to {words.percent(entry.high)}",
                "rows": words.count(entry.rows),
            }
            for entry in bins
        ],
        "what": _what(facts),
    }
    return Section(
        "calibration",
        "Can its probabilities be trusted?",
        "Calibration",
        _said(bins, facts),
        {"plot": _chart(facts, bins)},
        shown,
    )


def _bins(facts: Facts) -> tuple[Bin, ...]:
    """By the probability of the positive class, or of the most probable one of many."""
    if facts.is_binary:
        return reliability(facts.y == 1, facts.outputs[:, 1], facts.weight)
    best = facts.outputs.argmax(axis=1)
    return reliability(facts.y == best, facts.outputs.max(axis=1), facts.weight)


def _what(facts: Facts) -> str:
    return f"‘{words.short(facts.labels[1])}’" if facts.is_binary else "the most probable class"


def _said(bins: Sequence[Bin], facts: Facts) -> tuple[str, ...]:
    error = calibration_error(bins)
    trust = "can be taken at their word" if error < _FAIR else "are roughly right" if error < _LARGE else "mislead"
    widest = max(bins, key=lambda entry: abs(entry.said - entry.came))
    inside = widest.low <= widest.said <= widest.high
    luck = "no more than the luck of the rows" if inside else "more than the luck of the rows"
    return (
        f"The probabilities {trust}: they are off by {words.points(error)} on average "
        f"(expected calibration error {words.score(error)}, {len(bins)} bins).",
        f"The widest gap: where the model says {words.percent(widest.said)} for {_what(facts)}, it is so in "
        f"{words.percent(widest.came)} of {words.rows(widest.rows)}, {luck}.",
    )


def _chart(facts: Facts, bins: Sequence[Bin]) -> Chart:
    import altair as alt

    data = [
        {"said": entry.said, "came": entry.came, "low": entry.low, "high": entry.high, "rows": entry.rows}
        for entry in bins
    ]
    ideal = alt.Chart(values([{"said": 0, "came": 0}, {"said": 1, "came": 1}])).mark_line(
        strokeDash=[4, 4], color=MUTED, strokeWidth=1
    )
    base = alt.Chart(values(data)).encode(
        x=alt.X("said:Q", title="probability said").axis(**share_axis()).scale(domain=[0, 1]),
        tooltip=[
            alt.Tooltip("said:Q", format=".1%"),
            alt.Tooltip("came:Q", format=".1%", title="came true"),
            alt.Tooltip("rows:Q", format=","),
        ],
    )
    height = alt.Y("came:Q", title="came true").axis(**share_axis()).scale(domain=[0, 1])
    drawing = alt.layer(
        ideal.encode(x="said:Q", y="came:Q"),
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.45).encode(
            y=alt.Y("low:Q", title="came true"), y2="high:Q"
        ),
        base.mark_line(color=ACCENT, strokeWidth=1.5, opacity=0.6).encode(y=height),
        base.mark_circle(color=ACCENT, size=70, opacity=1).encode(y=height),
    )
    caption = (
        f"Probability said for {_what(facts)} against how often it came true; bars are 95% intervals, the dashed line "
        "is ideal."
    )
    return chart("calibration-plot", drawing, caption, height=320)
