"""What every encoder must do, whoever wrote it: each check takes the class and raises `AssertionError` on a breach.

The table that they run on has every kind of column, gaps, rare levels and a column of nothing but gaps.
"""

import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.sparse import issparse

from assay.core.arrays import AnyArray, IntArray
from assay.core.errors import RunError
from assay.core.state import read_state, write_state
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features._base import Encoder, Target, Tokens, every_row

_ROWS = 60
_WORDS = ("free", "prize", "call", "me", "now", "it's", "late", "naïve", "🎉", "!!", "10", "hello")
_TAKES_GAPS = frozenset({"raw"})
_SHAPE = (6, 5, 3)
_TYPES = {"dense": np.float32, "codes": np.int32, "sparse": np.float32, "tokens": np.int32, "pictures": np.uint8}
_LONGEST = 128

Check = Callable[[type[Encoder]], None]


def example(*, seed: int = 0) -> Dataset:
    """Sixty rows with two columns of each kind that encoders read, the second of each with nothing but gaps."""
    draw = np.random.default_rng(seed)
    first = datetime(2020, 1, 30, 22)
    values: dict[Kind, tuple[Any, list[Any]]] = {
        Kind.NUMERIC: (pl.Float64, draw.lognormal(0.0, 3.0, _ROWS).tolist()),
        Kind.BOOLEAN: (pl.Boolean, (draw.random(_ROWS) < 0.3).tolist()),
        Kind.CATEGORICAL: (pl.String, draw.choice(["a", "b", "c", "d", "ä"], _ROWS).tolist()),
        Kind.DATETIME: (pl.Datetime("us"), [first + timedelta(hours=float(h)) for h in draw.integers(0, 9_999, _ROWS)]),
        Kind.TEXT: (pl.String, [" ".join(draw.choice(_WORDS, size)) for size in draw.integers(1, 9, _ROWS)]),
        Kind.PICTURE: (pl.Array(pl.UInt8, _SHAPE), list(draw.integers(0, 256, (_ROWS, *_SHAPE), np.uint8))),
    }
    series, columns = [], []
    for kind, (dtype, full) in values.items():
        gappy = [None if gap else value for value, gap in zip(full, draw.random(_ROWS) < 0.2, strict=True)]
        for name, cells in ((f"{kind}", gappy), (f"empty {kind}", [None] * _ROWS)):
            series.append(pl.Series(name, cells, dtype))
            columns.append(Column(name, kind, Role.FEATURE, "made up", _SHAPE if kind is Kind.PICTURE else ()))
    return Dataset(pl.DataFrame(series), Schema(tuple(columns)))


def example_target(n_classes: int = 3) -> Target:
    """Class numbers for the rows of `example`."""
    return Target(np.arange(_ROWS) * 7 % 11 % n_classes, n_classes)


def columns_for(kind: type[Encoder], data: Dataset) -> tuple[str, ...]:
    """The columns of a dataset that an encoder reads."""
    return data.schema.features(*kind.kinds)


def check_blocks(kind: type[Encoder]) -> None:
    """Blocks have the promised form: type, width, names, sources, sizes, and no NaN unless trees are to take it."""
    data = example()
    encoder, blocks = _fitted(kind, data, every_row(data))
    for block in blocks:
        _check_width(encoder, block)
        _expect(_plain(block).dtype == _TYPES[kind.part], f"a block of {_plain(block).dtype}")
        _expect(issparse(block) == (kind.part == "sparse"), f"a {type(block).__name__} in the part {kind.part}")
        _expect(kind.name in _TAKES_GAPS or bool(np.isfinite(_plain(block)).all()), "a block with NaN or infinity")
    _expect(len(set(encoder.feature_names)) == len(encoder.feature_names), "two features of one name")
    _expect(len(encoder.feature_sources) == len(encoder.feature_names), "names and sources differ in number")
    _expect(set(encoder.feature_sources) <= set(encoder.columns), "a source that is not one of its columns")
    _check_sizes(encoder, _plain(blocks[1]))


def check_training_rows_only(kind: type[Encoder]) -> None:
    """Other values outside the training rows change nothing of what was learned."""
    rows = np.arange(0, _ROWS, 2)
    data, other = example(), example(seed=1)
    mixed = data.table.with_row_index("row").with_columns(
        pl.when(pl.col("row") % 2 == 0).then(pl.col(name)).otherwise(other.table[name]).alias(name)
        for name in data.table.columns
    )
    changed = Dataset(mixed.drop("row"), data.schema)
    target, reversed_outside = example_target(), example_target().y.copy()
    reversed_outside[1::2] = reversed_outside[1::2][::-1]
    columns = columns_for(kind, data)
    one, two = kind(), kind()
    trained = one.fit_transform(data, columns, rows, target)
    again = two.fit_transform(changed, columns, rows, Target(reversed_outside, target.n_labels))
    _same(trained, again, "rows outside the training rows changed their block")
    _same(one.transform(data, rows), two.transform(data, rows), "rows outside the training rows changed the encoder")


def check_one_row(kind: type[Encoder]) -> None:
    """A row alone gives what it gives among many, also as a dataset of its own."""
    data = example()
    encoder, (_, block) = _fitted(kind, data, every_row(data)[: _ROWS // 2])
    for row in (0, 7, _ROWS - 1):
        index = np.array([row])
        among = _plain(block)[index]
        _same(encoder.transform(data, index), among, f"row {row} alone differs from row {row} among others")
        _same(encoder.transform(data.rows(index), np.array([0])), among, f"row {row} as a dataset differs")


def check_state(kind: type[Encoder]) -> None:
    """Through files and back it gives identical blocks, names, sources and sizes."""
    data = example()
    encoder, (_, block) = _fitted(kind, data, every_row(data))
    again = kind.from_state(_through_files(encoder))
    _same(again.transform(data, every_row(data)), block, "the block changed on the way through files")
    for attribute in ("columns", "feature_names", "feature_sources", "sizes"):
        _expect(getattr(again, attribute) == getattr(encoder, attribute), f"{attribute} changed on the way")


def check_damaged_state(kind: type[Encoder]) -> None:
    """A state with a part missing, of another type, or with a foreign column is refused with a `RunError`."""
    data = example()
    state = _through_files(_fitted(kind, data, every_row(data))[0])
    for key in state:
        _refused(kind, {name: value for name, value in state.items() if name != key}, f"without {key!r}")
        _refused(kind, {**state, key: object()}, f"with an object as {key!r}")
    _refused(kind, {**state, "columns": [1] * len(state["columns"])}, "with numbers as columns")


def check_unseen(kind: type[Encoder]) -> None:
    """Levels, words and values never seen, and gaps where training had none, are taken."""
    data = example()
    columns = [name for name in columns_for(kind, data) if not name.startswith("empty")]
    full = np.flatnonzero(data.table.select(pl.all_horizontal(pl.col(columns).is_not_null())).to_series().to_numpy())
    encoder = kind()
    encoder.fit(data, columns, full, example_target())
    strange = data.table.with_columns(
        pl.when(pl.col(name).is_not_null()).then(pl.lit("never seen")).alias(name)
        for name in data.table.columns
        if data.table[name].dtype == pl.String
    )
    block = encoder.transform(Dataset(strange, data.schema), every_row(data))
    _check_width(encoder, block)
    _expect(kind.name in _TAKES_GAPS or bool(np.isfinite(_plain(block)).all()), "unseen values gave NaN or infinity")


def check_extremes(kind: type[Encoder]) -> None:
    """Numbers as large as a double can be neither overflow nor warn."""
    data = example()
    huge = np.where(np.arange(_ROWS) % 3 == 0, 1e308, -1e308)
    extreme = Dataset(data.table.with_columns(pl.Series(str(Kind.NUMERIC), huge)), data.schema)
    with np.errstate(all="raise", under="ignore"):
        _, blocks = _fitted(kind, extreme, every_row(data))
    for block in blocks:
        _expect(not np.isinf(_plain(block)).any(), "infinity from finite numbers")


def check_determinism(kind: type[Encoder]) -> None:
    """Two fits on the same rows are the same, bit for bit."""
    first, second = example(), example()
    one, two = (_fitted(kind, data, every_row(data))[1] for data in (first, second))
    _same(one[0], two[0], "two fits gave different training blocks")
    _same(one[1], two[1], "two fits gave different encoders")


CHECKS: tuple[Check, ...] = (
    check_blocks,
    check_training_rows_only,
    check_one_row,
    check_state,
    check_damaged_state,
    check_unseen,
    check_extremes,
    check_determinism,
)


def _fitted(kind: type[Encoder], data: Dataset, rows: IntArray) -> tuple[Encoder, tuple[Any, Any]]:
    """A fitted encoder, the block of its training rows, and the block of all rows."""
    encoder = kind()
    trained = encoder.fit_transform(data, columns_for(kind, data), rows, example_target())
    return encoder, (trained, encoder.transform(data, every_row(data)))


def _check_width(encoder: Encoder, block: Any) -> None:
    """A feature to a column, where a block has columns."""
    _expect(len(_plain(block)) == _ROWS, f"{len(_plain(block))} rows from {_ROWS}")
    if encoder.part not in ("tokens", "pictures"):
        _expect(block.shape == (_ROWS, len(encoder.feature_names)), f"{block.shape} for {encoder.feature_names}")


def _check_sizes(encoder: Encoder, block: AnyArray) -> None:
    if encoder.part != "codes":
        _expect(encoder.sizes == (), "sizes without codes")
        return
    _expect(len(encoder.sizes) == block.shape[1], "not one size for each column of codes")
    _expect(bool((block >= 0).all() and (block < np.array(encoder.sizes)).all()), "a code beyond its size")


def _through_files(encoder: Encoder) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        write_state(Path(folder), encoder.state(), small=True)
        return read_state(Path(folder))


def _refused(kind: type[Encoder], state: dict[str, Any], how: str) -> None:
    try:
        kind.from_state(state)
    except RunError:
        return
    except Exception as error:
        raise AssertionError(f"a state {how} gives {type(error).__name__}, not a RunError") from error
    raise AssertionError(f"a state {how} is accepted")


def _plain(block: Any) -> AnyArray:
    """As an array; texts with zeros behind them up to one length."""
    if isinstance(block, Tokens):
        return np.pad(block.ids, ((0, 0), (0, _LONGEST - block.ids.shape[1])))
    plain: AnyArray = block if isinstance(block, np.ndarray) else block.toarray()
    return plain


def _same(one: Any, two: Any, otherwise: str) -> None:
    one, two = _plain(one), _plain(two)
    _expect(one.shape == two.shape and np.array_equal(one, two, equal_nan=one.dtype.kind == "f"), otherwise)


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise AssertionError(otherwise)
