"""Which sets take part, in which order, and what is hidden."""

from pathlib import Path

import polars as pl
import pytest
from contest.sets import chosen, discover, discover_others

from assay.core.errors import DataError, PlanError

EXCEPTIONS = Path(__file__).resolve().parents[2] / "bench" / "sets.toml"


def make_set(root: Path, kind: str, name: str, rows: int) -> None:
    folder = root / kind / name
    folder.mkdir(parents=True)
    table = pl.DataFrame({"text": [f"row {at}" for at in range(rows)], "label": ["x", "y"] * (rows // 2)})
    table.write_parquet(folder / "train.parquet")
    table.write_parquet(folder / "test.parquet")


def test_finds_tables_and_texts_smallest_first_and_knows_the_leaks(tmp_path: Path) -> None:
    make_set(tmp_path, "tabular", "large", 2000)
    make_set(tmp_path, "text", "trec_question", 10)
    make_set(tmp_path, "images", "never", 10)
    (tmp_path / "tabular" / "half").mkdir()
    small, large = discover(tmp_path, EXCEPTIONS)
    assert (small.name, small.kind, small.drop, small.text) == ("trec_question", "text", ("label_fine",), ("text",))
    assert (large.name, large.drop, large.text) == ("large", (), ())
    assert (large.rows, large.shift) == (20_000, False)


def test_what_is_said_of_a_set_is_kept(tmp_path: Path) -> None:
    for name in ("adult", "vowel_speakers"):
        make_set(tmp_path, "tabular", name, 10)
    make_set(tmp_path, "regression", "concrete", 10)
    told = {each.name: each for each in [*discover(tmp_path, EXCEPTIONS), *discover_others(tmp_path, EXCEPTIONS)]}
    assert told["adult"].rows == 100_000
    assert told["vowel_speakers"].shift
    assert (told["concrete"].target, told["concrete"].rows) == ("Comp_strength", 0)


def test_no_data_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="set ASSAY_DATA"):
        discover(tmp_path, EXCEPTIONS)


def test_names_are_checked_and_keep_their_order() -> None:
    assert chosen(["b", "a"], ["a", "b", "c"], "--sets") == ["a", "b"]
    assert chosen([], ["a", "b"], "--sets") == ["a", "b"]
    with pytest.raises(PlanError, match="did you mean 'titanic'"):
        chosen(["titanik"], ["adult", "titanic"], "--sets")
