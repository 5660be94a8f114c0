"""What a run keeps of its data."""

import json
from base64 import b64decode
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.fitting.about import describe, most_wrong
from assay.fitting.assembly import Outcome
from tests.fitting.conftest import fitted, made_table, made_work


def test_the_data_at_a_glance() -> None:
    table = made_table().with_columns(number=pl.int_range(240), same=pl.lit(1))
    about = json.loads(json.dumps(describe(made_work(table, folds=3), "x.csv")))
    columns = {column["name"]: column for column in about["columns"]}
    assert (about["rows"], about["labelled"], about["tested"], about["source"]) == (240, 240, 240, "x.csv")
    assert sum(about["classes"].values()) == 240
    assert columns["colour"]["missing"] == table["colour"].null_count()
    assert columns["number"]["role"] == columns["same"]["role"] == "dropped"
    assert any("'number' is not used" in notice for notice in about["notices"])
    assert columns["width"]["quantiles"] == sorted(columns["width"]["quantiles"])


def test_rows_set_aside_are_told() -> None:
    table = made_table().with_columns(kind=pl.when(pl.int_range(240) < 7).then(None).otherwise(pl.col("kind")))
    assert "7 rows without a label were set aside" in describe(made_work(table, folds=3), "x")["notices"]


def test_a_single_split_is_told_as_one() -> None:
    work = made_work(made_table(), folds=1)
    assert (len(work.folds), len(work.scored)) == (1, 24)
    notices = describe(work, "x")["notices"]
    assert "24 rows are tested on, in a single split; the others are learned from" in notices
    assert not any("rare classes" in notice for notice in notices)


def test_the_most_wrong_rows_come_first(outcome: Outcome) -> None:
    rows = most_wrong(made_work(made_table(), folds=3), outcome.evidence)
    given = [row["probability"] for row in rows]
    assert given == sorted(given)
    worst, evidence = rows[0], outcome.evidence
    assert worst["probability"] == pytest.approx(float(np.min(evidence.outputs[np.arange(240), evidence.y])), rel=1e-6)
    assert set(worst["values"]) == {"width", "height", "noise", "colour"}


def test_long_texts_are_cut_and_gaps_are_empty() -> None:
    long = ["word " * 400 + str(number) for number in range(60)]
    table = made_table(rows=60).with_columns(body=pl.Series(long))
    work = made_work(table, folds=3)
    values = most_wrong(work, fitted(work).evidence)[0]["values"]
    assert len(values["body"]) == 600
    assert all(isinstance(value, str) for value in values.values())


def test_pictures_are_kept_small_with_the_names_of_their_files() -> None:
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (90, 5, 4)).astype(np.uint8)
    files = pl.Series([f"{number}.png" for number in range(90)])
    table = pl.DataFrame({"file": files, "picture": pixels, "kind": ["a", "b", "c"] * 30})
    work = made_work(table, ("prior",), folds=3)
    about = {column["name"]: column for column in describe(work, "x")["columns"]}
    assert (about["picture"]["missing"], "distinct" in about["picture"]) == (0, False)
    rows = most_wrong(work, fitted(work).evidence)
    assert len(rows) == 30
    for row in rows:
        assert row["values"] == {"file": f"{row['row']}.png"}
        start, content = row["pictures"]["picture"].split(",")
        assert start == "data:image/png;base64"
        np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(b64decode(content)))), pixels[row["row"]])
