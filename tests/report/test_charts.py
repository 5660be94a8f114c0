import math

import altair as alt
import numpy as np

from assay.report import _charts as charts


def drawn(legend: dict[str, str] | None = None) -> charts.Chart:
    data = charts.values(
        [{"x": np.float64(0.123456789), "y": math.nan, "name": "a"}, {"x": 1, "y": np.inf, "name": "b"}]
    )
    drawing = alt.Chart(data).mark_line().encode(x="x:Q", y="y:Q", color=charts.coloured("name", legend or {}))
    return charts.chart("key", drawing, "what it shows", height=200, legend=legend)


def test_a_chart_is_as_wide_as_its_box_and_says_what_it_shows() -> None:
    spec = drawn().spec
    assert (spec["width"], spec["height"], spec["description"]) == ("container", 200, "what it shows")


def test_what_is_not_a_number_is_null_and_digits_are_few() -> None:
    (rows,) = drawn().spec["datasets"].values()
    assert rows == [{"x": 0.12346, "y": None, "name": "a"}, {"x": 1, "y": None, "name": "b"}]


def test_colours_are_variables_of_the_page() -> None:
    assert drawn().spec["config"]["axis"]["labelColor"] == "var(--muted)"
    assert all(colour.startswith("var(--c") for colour in charts.PALETTE)


def test_shares_run_from_none_to_all() -> None:
    axis = charts.share_axis()
    assert (axis["format"], axis["values"][0], axis["values"][-1]) == ("%", 0, 1)


def test_a_legend_is_text_beneath_the_chart_with_the_same_colours() -> None:
    chart = drawn({"a": "var(--c1)", "b": "var(--c2)"})
    assert chart.legend == (("a", "var(--c1)"), ("b", "var(--c2)"))
    assert chart.spec["encoding"]["color"]["scale"] == {"domain": ["a", "b"], "range": ["var(--c1)", "var(--c2)"]}
    assert chart.spec["encoding"]["color"]["legend"] is None
