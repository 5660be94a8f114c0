"""Runs to report on: two classes with hostile names, three classes with a candidate that was not fitted, sixty."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import assay
from assay.report._facts import Facts, gather

HOSTILE = "<script>alert(1)</script>"


def _table(classes: int, rows: int, names: Callable[[int], str]) -> pl.DataFrame:
    random = np.random.default_rng(0)
    y = np.arange(rows) % classes
    return pl.DataFrame(
        {
            "width": random.normal(size=rows) + y,
            f"height {HOSTILE}": random.normal(size=rows) - y,
            "colour": [None if random.uniform() < 0.1 else f"<b>{c % 5}</b>" for c in y],
            "body": [f"{HOSTILE} text {number} about class {c % 7} and more words" for number, c in enumerate(y)],
            "kind": [names(c) for c in y],
        }
    )


def _fitted(folder: Path, table: pl.DataFrame, families: tuple[str, ...] = ("linear",), **asked: Any) -> assay.Run:
    return assay.fit(table, "kind", out=folder, time=0, families=families, folds=2, threads=1, **asked)


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """Two classes, one of a hostile name, noisy enough for mistakes, tuned for F1."""
    table = _table(2, 120, lambda c: f"class {c} {HOSTILE}")
    noisy = table.with_columns(kind=pl.when(pl.int_range(120) % 9 == 0).then(table["kind"].reverse()).otherwise("kind"))
    return _fitted(tmp_path_factory.mktemp("report") / "binary", noisy, metric="f1")


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[assay.Run]:
    """Three classes, and a candidate that fails."""
    from assay.families.nbsvm import NBSVM

    def broken(self: NBSVM, learning: object, settings: object) -> None:
        raise ZeroDivisionError("no luck")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NBSVM, "fit", broken)
        table = _table(3, 120, lambda c: f"class {c}")
        yield _fitted(tmp_path_factory.mktemp("report") / "three", table, ("linear", "nbsvm"))


@pytest.fixture(scope="session")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    """Sixty classes."""
    return _fitted(tmp_path_factory.mktemp("report") / "sixty", _table(60, 600, lambda c: f"class {c:02}"))


@pytest.fixture(scope="session")
def two_facts(binary: assay.Run) -> Facts:
    """Facts of the binary run."""
    return gather(binary)


@pytest.fixture(scope="session")
def three_facts(three: assay.Run) -> Facts:
    """Facts of the run with three classes."""
    return gather(three)


@pytest.fixture(scope="session")
def sixty_facts(sixty: assay.Run) -> Facts:
    """Facts of the run with sixty classes."""
    return gather(sixty)
