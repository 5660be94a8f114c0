"""The order in which candidates are tried, by the kind and the number of rows.

It was learned from out-of-fold outputs of all of them on 19 tables, greedily by what each adds to the ensemble of those
before it for its seconds, each table left out in turn (`bench/portfolio.py`).
"""

from collections.abc import Mapping

from assay.data.schema import Kind, Schema

_FEW, _MANY = 3_000, 20_000
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "few rows": (
        *("linear", "boosted", "catboost", "mlp", "boosted-2", "forest", "boosted-3", "forest-2", "linear-2"),
        *("nearest", "mlp-2", "boosted-4", "xgboost", "boosted-5"),
    ),
    "more rows": (
        *("linear", "boosted", "boosted-2", "forest", "catboost", "boosted-3", "linear-2", "forest-2", "nearest"),
        *("boosted-4", "mlp", "xgboost", "boosted-5"),
    ),
    "many rows": (
        *("boosted", "linear", "boosted-2", "catboost", "boosted-3", "mlp", "forest-2", "xgboost", "boosted-4"),
        *("forest", "boosted-5", "linear-2"),
    ),
    "texts": ("linear", "nbsvm", "linear-3", "linear-2", "boosted", "pretrained", "mlp", "forest", "boosted-2"),
}
_FIRST, _APART = 10, 4


def place(candidate: str, schema: Schema, rows: int, otherwise: float) -> float:
    """Where a candidate stands, on the scale of `Family.priority`.

    Args:
        candidate: Its name.
        schema: Of the data.
        rows: How many there are to learn from.
        otherwise: The place of one of which nothing was learned.
    """
    order = _ORDERS[_situation(schema, rows)]
    return _FIRST + _APART * order.index(candidate) if candidate in order else otherwise


def _situation(schema: Schema, rows: int) -> str:
    if schema.features(Kind.TEXT):
        return "texts"
    return "few rows" if rows < _FEW else "more rows" if rows < _MANY else "many rows"
