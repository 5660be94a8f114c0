"""Assay: train a classifier, and know what it is worth.

    import assay
    run = assay.fit("mail.csv", target="label", time=60)
    run.evaluate("test.csv"); run.predict_proba(frame); run.report()

Names are loaded when first used, so that importing this package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.api._bakeoff import compare as compare
    from assay.api._classifier import AssayClassifier as AssayClassifier
    from assay.api._compare import compare_optimizers as compare_optimizers
    from assay.api._fit import fit as fit
    from assay.api._regressor import AssayRegressor as AssayRegressor
    from assay.api._run import Evaluation as Evaluation
    from assay.api._run import Run as Run
    from assay.api._run import load as load
    from assay.core.errors import AssayError as AssayError
    from assay.core.errors import DataError as DataError
    from assay.core.errors import Interrupted as Interrupted
    from assay.core.errors import OutputError as OutputError
    from assay.core.errors import PlanError as PlanError
    from assay.core.errors import RunError as RunError
    from assay.core.errors import UserError as UserError

_PLACES = {
    "AssayClassifier": "assay.api._classifier",
    "AssayError": "assay.core.errors",
    "AssayRegressor": "assay.api._regressor",
    "DataError": "assay.core.errors",
    "Evaluation": "assay.api._run",
    "Interrupted": "assay.core.errors",
    "OutputError": "assay.core.errors",
    "PlanError": "assay.core.errors",
    "Run": "assay.api._run",
    "RunError": "assay.core.errors",
    "UserError": "assay.core.errors",
    "compare": "assay.api._bakeoff",
    "compare_optimizers": "assay.api._compare",
    "fit": "assay.api._fit",
    "load": "assay.api._run",
}
__all__ = sorted(_PLACES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'assay' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(_PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
