"""minimal"""
from pathlib import Path
from typing import Any
import polars as pl
def read_table(source: Any, *, query: str | None = None) -> pl.DataFrame:
    if isinstance(source, pl.DataFrame):
        return source
    if isinstance(source, str | Path):
        p = Path(source)
        if p.suffix == ".parquet":
            return pl.read_parquet(p)
        return pl.read_csv(p)
    import narwhals as nw
    return pl.DataFrame(nw.from_native(source).to_arrow())
