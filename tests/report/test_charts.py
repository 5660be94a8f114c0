"""Charts are plain data, whatever is in them."""

import json

import altair as alt
import numpy as np

from assay.report._charts import chart, share_axis, values


def test_what_is_not_a_number_becomes_null() -> None:
    data = values([{"x": np.float64("nan"), "y": float("inf"), "z": np.int64(3), "name": "a"}]).to_dict()
    assert json.loads(json.dumps(data["values"], allow_nan=False)) == [{"x": None, "y": None, "z": 3, "name": "a"}]


def test_a_chart_fills_its_place_and_has_words() -> None:
    drawn = chart("points", alt.Chart(values([{"x": 1}])).mark_point().encode(x="x:Q"), "One point.", height=100)
    assert (drawn.key, drawn.caption, drawn.spec["height"]) == ("points", "One point.", 100)
    assert drawn.spec["width"] == "container"


def test_shares_run_from_none_to_all() -> None:
    assert "%" in json.dumps(share_axis())
