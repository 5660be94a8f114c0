"""How to make the same model again: the plan, the versions, the fingerprint of the data."""

import platform
import shlex
from importlib.metadata import PackageNotFoundError, version

from assay.report._facts import Facts
from assay.report._section import Section

_PARTS = ("assay", "numpy", "polars", "scikit-learn", "lightgbm", "torch", "altair")


def section(facts: Facts) -> Section:
    """Command, versions and the plan itself."""
    source = shlex.quote(str(facts.about.get("source", "DATA")))
    shown = {
        "command": f"assay fit {source} --plan plan.toml --out again",
        "fingerprint": str(facts.about.get("fingerprint", facts.plan.fingerprint)),
        "versions": [("python", platform.python_version()), *((name, _version(name)) for name in _PARTS)],
        "plan": facts.plan.to_toml(),
    }
    said = (
        "The run folder’s plan.toml holds every choice that was made. With it, the same data and the same versions "
        "give the same model again, bit for bit on one machine and number of threads."
    )
    return Section("again", "How to make it again", "Reproduce", (said,), shown=shown)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
