"""Tables made ready, for training and for prediction."""

import time
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from assay.core.errors import DataError
from assay.data.prepare import Wishes, conform, prepare
from assay.data.read import read_table
from assay.data.schema import Kind, Role
from tests.conftest import real_data

N = 30
TABLE = pl.DataFrame(
    {
        "x": [float(n % 7) for n in range(N)],
        "c": ["red", "green", None] * 10,
        "ok": [True, False, None] * 10,
        "day": [date(2024, 1, 1 + n % 28) for n in range(N)],
        "id": range(N),
        "same": [1] * N,
        "label": ["p", "q"] * 15,
    }
)


def test_kinds_roles_and_types() -> None:
    data = prepare(TABLE, Wishes("label"))
    kinds = {column.name: (column.kind, column.role) for column in data.schema.columns}
    assert kinds["x"] == (Kind.NUMERIC, Role.FEATURE)
    assert kinds["day"] == (Kind.DATETIME, Role.FEATURE)
    assert kinds["id"] == (Kind.IDENTIFIER, Role.DROPPED)
    assert kinds["same"] == (Kind.CONSTANT, Role.DROPPED)
    assert kinds["label"][1] is Role.TARGET
    assert data.table["day"].dtype == pl.Datetime("us")
    assert all(column.reason for column in data.schema.columns)


def test_wishes_win() -> None:
    wishes = Wishes("label", categorical=("x",), text=("c",), numeric=("id",), drop=("ok",), time="day")
    schema = prepare(TABLE, wishes).schema
    assert schema.features(Kind.CATEGORICAL) == ("x",)
    assert schema.features(Kind.TEXT) == ("c",)
    assert schema.features(Kind.NUMERIC) == ("id",)
    assert schema["ok"].role is Role.DROPPED
    assert schema.named(Role.TIME) == "day"


def test_nan_is_missing_and_numbers_become_floats() -> None:
    data = prepare(TABLE.with_columns(x=pl.Series([float("nan")] + [1.0, 2.0] * 14 + [3.0])), Wishes("label"))
    assert data.table["x"].null_count() == 1


def test_nothing_to_learn_from() -> None:
    with pytest.raises(DataError, match=r"no column to learn from: same \(always '1'\)[\s\S]*--numeric"):
        prepare(TABLE.select("same", "label"), Wishes("label"))
    with pytest.raises(DataError, match="the target is the only column"):
        prepare(TABLE.select("label"), Wishes("label"))


def test_lists_and_records_are_refused() -> None:
    with pytest.raises(DataError, match=r"lists, records or objects in column 'tags'"):
        prepare(TABLE.with_columns(tags=pl.Series([[1]] * N)), Wishes("label"))


def test_a_column_that_is_left_out_may_hold_anything() -> None:
    schema = prepare(TABLE.with_columns(tags=pl.Series([[1]] * N)), Wishes("label", drop=("tags",))).schema
    assert schema["tags"].role is Role.DROPPED


def test_infinity_is_told() -> None:
    for wild in ([float("inf")] + [0.5] * (N - 1), ["inf"] + [str(n + 0.5) for n in range(N - 1)]):
        with pytest.raises(DataError, match="infinity in column 'x', row 1 "):
            prepare(TABLE.with_columns(x=pl.Series(wild)), Wishes("label"))


def test_stray_words_are_told_or_taken_as_gaps() -> None:
    mixed = TABLE.with_columns(x=pl.Series(["oops", *map(str, range(N - 1))]))
    with pytest.raises(DataError, match=r"mixed types in column 'x'[\s\S]*row 1: 'oops'"):
        prepare(mixed, Wishes("label"))
    data = prepare(mixed, Wishes("label", numeric=("x",)))
    assert data.table["x"].null_count() == 1
    assert data.schema["x"].reason == "numeric, as asked; 1 other values are taken as missing"


def test_numbers_that_are_asked_for_and_not_there() -> None:
    with pytest.raises(DataError, match="no number in column 'c', but values such as 'red'"):
        prepare(TABLE, Wishes("label", numeric=("c",)))


def test_dates_and_numbers_that_came_as_text() -> None:
    texts = TABLE.with_columns(
        pl.col("day", "x").cast(pl.String), pl.Series("n", [f"{n * 7919 % 101}" for n in range(N)])
    )
    schema = prepare(texts, Wishes("label")).schema
    assert (schema["day"].kind, schema["n"].kind) == (Kind.DATETIME, Kind.NUMERIC)
    assert schema["x"].kind is Kind.CATEGORICAL  # seven numbers that a file of types calls text
    timed = prepare(texts, Wishes("label", time="day"))
    assert timed.table["day"].dtype == pl.Datetime("us")


def test_a_label_that_is_empty_is_no_label() -> None:
    labels = pl.Series("label", ["", "p", "q"] * 10)
    target = prepare(TABLE.with_columns(labels), Wishes("label")).column(Role.TARGET)
    assert target is not None and target.null_count() == 10


def test_the_target_keeps_its_type() -> None:
    for labels in ([0, 1] * 15, [0.5, 1.0] * 15, [True, False] * 15, ["0", "1"] * 15):
        target = prepare(TABLE.with_columns(label=pl.Series(labels)), Wishes("label")).column(Role.TARGET)
        assert target is not None and target.to_list() == labels


def test_new_rows_take_the_types_of_training() -> None:
    schema = prepare(TABLE, Wishes("label")).schema
    new = pl.DataFrame(
        {"x": ["1.5", "oops"], "c": ["blue", None], "ok": ["true", "no"], "day": ["2024-05-31", None], "z": [1, 2]}
    )
    data, notices = conform(new, schema, labelled=False)
    assert data.table["x"].to_list() == [1.5, None]
    assert data.table["ok"].to_list() == [True, False]
    assert data.table["day"].to_list() == [datetime(2024, 5, 31), None]
    assert any("column 'x': 1 value is not numeric" in notice for notice in notices)
    assert any("ignored: z" in notice for notice in notices)


def test_missing_columns_are_refused_or_filled() -> None:
    schema = prepare(TABLE, Wishes("label")).schema
    new = TABLE.drop("c").rename({"x": "X"})
    with pytest.raises(DataError, match=r"no column 'x', 'c'[\s\S]*did you mean 'X'[\s\S]*--fill-missing-columns"):
        conform(new, schema, labelled=False)
    data, notices = conform(new, schema, labelled=False, fill_missing_columns=True)
    assert data.table["c"].null_count() == N
    assert sum("taken as missing in all rows" in notice for notice in notices) == 2


def test_labels_are_needed_to_evaluate() -> None:
    schema = prepare(TABLE, Wishes("label")).schema
    with pytest.raises(DataError, match=r"no column 'label' with the labels[\s\S]*assay predict"):
        conform(TABLE.drop("label"), schema, labelled=True)
    assert conform(TABLE, schema, labelled=True)[0].column(Role.TARGET) is not None


def test_no_rows() -> None:
    with pytest.raises(DataError, match="a table with no rows"):
        conform(TABLE.clear(), prepare(TABLE, Wishes("label")).schema, labelled=False)


def test_infinity_at_prediction_is_missing() -> None:
    schema = prepare(TABLE, Wishes("label")).schema
    data, _ = conform(TABLE.with_columns(x=pl.lit(float("inf"))), schema, labelled=False)
    assert data.table["x"].null_count() == N


def test_a_category_is_the_same_however_it_is_written() -> None:
    schema = prepare(TABLE, Wishes("label", categorical=("x",))).schema
    seen = [
        conform(TABLE.with_columns(pl.col("x").cast(kind)), schema, labelled=False)[0].table["x"].to_list()
        for kind in (pl.Int64, pl.Float32, pl.String)
    ]
    assert seen[0] == seen[1] == prepare(TABLE, Wishes("label", categorical=("x",))).table["x"].to_list()
    assert seen[0][:3] == ["0", "1", "2"]


def test_weights_are_checked_on_new_rows_too() -> None:
    weighed = TABLE.with_columns(w=pl.lit(1.0))
    schema = prepare(weighed, Wishes("label", weight="w")).schema
    with pytest.raises(DataError, match=r"a row weight of -1.0 in column 'w'"):
        conform(weighed.with_columns(w=pl.lit(-1.0)), schema, labelled=True)


def test_one_row_takes_no_time() -> None:
    schema, row = prepare(TABLE, Wishes("label")).schema, TABLE.head(1)
    taken = []
    for _ in range(30):
        started = time.perf_counter()
        conform(row, schema, labelled=False)
        taken.append(time.perf_counter() - started)
    assert sorted(taken)[15] < 0.005


@pytest.mark.parametrize("name", ["tabular/adult", "tabular/titanic", "text/sms_spam"])
def test_real_tables_are_the_same_from_csv(name: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    table = pl.read_parquet(real_data(name) / "train.parquet").head(2000)
    table.write_csv(tmp_path / "t.csv")
    kinds = [
        [(c.name, c.kind, c.role) for c in prepare(found, Wishes("label")).schema.columns]
        for found in (table, read_table(tmp_path / "t.csv"))
    ]
    assert kinds[0] == kinds[1]


def picture(value: int, size: tuple[int, int] = (6, 4)) -> bytes:
    stream = BytesIO()
    Image.new("L", size, value).save(stream, "PNG")
    return stream.getvalue()


def photos(folder: Path) -> Path:
    """A table with a column of paths, one of names that stay names, and gaps."""
    for number in range(4):
        (folder / f"{number}.png").write_bytes(picture(60 * number))
    rows = [{"photo": f"{n % 4}.png" if n != 5 else "", "x": n % 7, "label": "pq"[n % 2]} for n in range(N)]
    pl.DataFrame(rows).write_csv(folder / "t.csv")
    return folder / "t.csv"


def test_paths_become_pixels(tmp_path: Path) -> None:
    data = prepare(read_table(photos(tmp_path)), Wishes("label"))
    assert data.schema["photo"].reason == "grey pictures of 6 by 4"
    assert data.pictures("photo")[:6, 0, 0, 0].tolist() == [0, 60, 120, 180, 0, 0]
    assert data.table["photo"].null_count() == 1


def test_paths_that_lead_nowhere_are_told_unless_the_column_is_for_something_else(tmp_path: Path) -> None:
    table = read_table(photos(tmp_path))
    (tmp_path / "3.png").unlink()
    lost = read_table(tmp_path / "t.csv")
    with pytest.raises(
        DataError, match=r"7 of 29 pictures in column 'photo' [\s\S]*row 4, 3.png \(there is no such file\)"
    ):
        prepare(lost, Wishes("label"))
    with pytest.raises(DataError, match=r"row 1, 3.png \(there is no such file\)"):
        conform(lost[3:5], prepare(table, Wishes("label")).schema, labelled=True)
    for wishes in (Wishes("label", drop=("photo",)), Wishes("label", categorical=("photo",))):
        data = prepare(lost, wishes)
        assert conform(lost, data.schema, labelled=True)[0].schema["photo"].kind is Kind.CATEGORICAL
    assert data.levels("photo").names == ("0.png", "1.png", "2.png", "3.png")


def test_names_of_files_beside_pictures_are_not_learned_from() -> None:
    files = pl.Series("file", [f"{'pq'[n % 2]}/a picture of {n}.png" for n in range(N)])
    table = pl.DataFrame({"file": files, "picture": [picture(n) for n in range(N)], "label": ["p", "q"] * 15})
    schema = prepare(table, Wishes("label")).schema
    assert (schema["file"].kind, schema["file"].reason) == (Kind.IDENTIFIER, "names of picture files")
    assert schema.features() == ("picture",)
    with pytest.raises(DataError, match=r"row 3, p/a picture of 2.png \(it is no picture\)"):
        prepare(
            table.with_columns(picture=pl.Series([*table["picture"][:2], b"?", *table["picture"][3:]])), Wishes("label")
        )


def test_addresses_are_not_fetched() -> None:
    web = TABLE.with_columns(photo=pl.Series([f"https://a.example/{n}.jpg" for n in range(N)]))
    column = prepare(web, Wishes("label")).schema["photo"]
    assert (column.role, column.reason) == (Role.DROPPED, "addresses of pictures, which are not fetched")


def test_a_missing_picture_is_told_at_prediction() -> None:
    table = pl.DataFrame({"picture": [picture(9)] * 3, "label": ["p", "q", "p"]})
    schema = prepare(table, Wishes("label")).schema
    new = pl.DataFrame({"picture": [None, picture(7, (60, 40)), None]})
    data, notices = conform(new, schema, labelled=False)
    assert notices == ("column 'picture': 2 pictures are missing, taken as black",)
    np.testing.assert_array_equal(data.pictures("picture"), np.array([0, 7, 0]).repeat(24).reshape(3, 4, 6, 1))
    empty, _ = conform(pl.DataFrame({"x": [1]}), schema, labelled=False, fill_missing_columns=True)
    assert not empty.pictures("picture").any()


def test_a_wish_makes_a_picture_of_what_looks_like_none() -> None:
    table = pl.DataFrame({"blob": [b"text"] * 20 + [picture(n) for n in range(10)], "label": ["p", "q"] * 15})
    with pytest.raises(DataError, match="bytes that are no text in column 'blob'"):
        prepare(table, Wishes("label"))
    with pytest.raises(DataError, match=r"20 of 30 pictures in column 'blob' [\s\S]*row 1 \(it is no picture\)"):
        prepare(table, Wishes("label", picture=("blob",)))
    schema = prepare(table[20:], Wishes("label", picture=("blob",), picture_size=12)).schema
    assert schema["blob"].shape == (8, 12, 1)


def test_real_pictures() -> None:
    table = read_table(real_data("images/cifar10_16k/test.parquet")).head(300)
    data = prepare(table, Wishes("label"))
    assert data.schema["image"].reason == "colour pictures of 32 by 32"
    assert data.pictures("image").mean() == pytest.approx(121, abs=5)  # of all CIFAR-10: 0.473 of 255
