"""The order in which candidates are tried, by the kind and the number of rows.

It follows what each added, for its seconds, to the ensemble of those before it on out-of-fold outputs of the training
parts of 13 tables of few and more rows; for many rows and for texts it is what stood well on single ones of them.
"""

from collections.abc import Mapping

from assay.data.schema import Kind, Schema

_FEW, _MANY = 3_000, 20_000
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "few rows": (
        *("linear", "boosted", "catboost", "mlp", "boosted-2", "forest", "boosted-3", "forest-2", "linear-2"),
        *("nearest", "mlp-2", "catboost-2", "xgboost", "boosted-4", "boosted-5"),
    ),
    "more rows": (
        *("linear", "boosted", "catboost", "boosted-2", "forest", "boosted-3", "catboost-2", "linear-2", "forest-2"),
        *("nearest", "xgboost", "boosted-4", "mlp", "boosted-5"),
    ),
    "many rows": (
        *("boosted", "linear", "catboost", "boosted-2", "boosted-3", "mlp", "xgboost", "forest-2", "catboost-2"),
        *("boosted-4", "forest", "linear-2"),
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
