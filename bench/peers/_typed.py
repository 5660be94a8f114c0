"""Tables as LightGBM takes them: numbers as they are, all else as the categories that training showed."""

from typing import Any

import pandas as pd


def types_of(frame: Any) -> list[Any]:
    """The type of each column."""
    return [_type(frame[name]) for name in frame.columns]


def typed(frame: Any, types: list[Any]) -> Any:
    """The table in these types, under plain names (LightGBM refuses some signs in names)."""
    columns = enumerate(zip(frame.columns, types, strict=True))
    return pd.DataFrame({f"c{at}": frame[name].astype(type_) for at, (name, type_) in columns})


def _type(column: Any) -> Any:
    return "float64" if pd.api.types.is_numeric_dtype(column) else pd.CategoricalDtype(sorted(column.dropna().unique()))
