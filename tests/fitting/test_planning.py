"""A plan for a dataset."""

import polars as pl
import pytest

from assay.core.errors import PlanError
from assay.data.prepare import Wishes
from assay.fitting.begin import begin_asked
from assay.fitting.plan import Plan
from assay.fitting.planning import Request
from tests.fitting.conftest import made_table


def _plan(table: pl.DataFrame, **asked: object) -> Plan:
    return begin_asked(table, Request(wishes=Wishes(target="kind"), **asked)).plan  # type: ignore[arg-type]


def test_the_baseline_is_always_tried_and_comes_first() -> None:
    assert _plan(made_table(), families=("boosted",)).candidates[0].name == "prior"


def test_each_family_is_tried_before_its_own_variants() -> None:
    names = [candidate.name for candidate in _plan(made_table()).candidates]
    for name in names:
        if "-" in name:
            family, number = name.rsplit("-", 1)
            before = family if number == "2" else f"{family}-{int(number) - 1}"
            assert names.index(before) < names.index(name)


def test_families_come_in_the_order_that_was_asked() -> None:
    families = [candidate.family for candidate in _plan(made_table(), families=("boosted", "linear")).candidates]
    assert families[1] == "boosted"
    assert set(families) == {"prior", "boosted", "linear"}


def test_a_text_family_needs_a_text_column() -> None:
    assert "nbsvm" not in {candidate.family for candidate in _plan(made_table()).candidates}
    with pytest.raises(PlanError, match=r"'nbsvm' cannot serve this data: [\s\S]*leave it out of --families"):
        _plan(made_table(), families=("nbsvm",))


def test_a_family_that_does_not_exist() -> None:
    with pytest.raises(PlanError, match=r"no family named 'bosted'[\s\S]*did you mean 'boosted'"):
        _plan(made_table(), families=("bosted",))


@pytest.mark.parametrize(("rows", "folds"), [(24, 5), (240, 8), (3_600, 8), (24_000, 5)])
def test_few_rows_get_more_folds(rows: int, folds: int) -> None:
    assert _plan(made_table(rows=rows)).folds == folds


def test_groups_and_times_decide_the_scheme() -> None:
    table = made_table().with_columns(who=pl.int_range(240) // 10)
    by_group = begin_asked(table, Request(wishes=Wishes(target="kind", group="who")))
    assert by_group.plan.scheme == "grouped"
    groups = table["who"].to_numpy()
    assert not any(set(groups[fold.train]) & set(groups[fold.valid]) for fold in by_group.folds)
    by_time = begin_asked(table, Request(wishes=Wishes(target="kind", time="who")))
    assert by_time.plan.scheme == "time"
    assert all(groups[fold.train].max() < groups[fold.valid].min() for fold in by_time.folds)
