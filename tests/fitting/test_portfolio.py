"""The order in which candidates are tried."""

import polars as pl
import pytest

from assay.data.prepare import Wishes
from assay.fitting.begin import begin_asked
from assay.fitting.planning import Request
from assay.fitting.portfolio import place
from tests.fitting.conftest import made_table


def _names(table: pl.DataFrame, **asked: object) -> list[str]:
    plan = begin_asked(table, Request(wishes=Wishes(target="kind"), **asked)).plan  # type: ignore[arg-type]
    return [candidate.name for candidate in plan.candidates]


def _schema(table: pl.DataFrame):
    return begin_asked(table, Request(wishes=Wishes(target="kind"))).data.schema


@pytest.mark.parametrize(
    ("rows", "first"), [(200, ["prior", "linear", "boosted"]), (24_000, ["prior", "boosted", "linear"])]
)
def test_what_comes_first_depends_on_the_number_of_rows(rows, first):
    assert _names(made_table(rows=rows))[:3] == first


def test_texts_have_an_order_of_their_own():
    table = made_table().with_columns(text=pl.format("there are {} words in text number {} of some", "width", "noise"))
    assert _names(table)[1:3] == ["linear", "nbsvm"]


def test_what_the_portfolio_does_not_know_keeps_its_place():
    assert place("mine", _schema(made_table()), 100, 33.0) == 33.0


def test_who_asks_for_families_decides_their_order():
    names = _names(made_table(), families=("forest", "linear"))
    assert names[:3] == ["prior", "forest", "linear"]
