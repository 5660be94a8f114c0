"""A plan for a dataset."""

import numpy as np
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
    assert (by_time.plan.refit, by_group.plan.refit) == ("always", "never")
    single = begin_asked(table, Request(wishes=Wishes(target="kind"), folds=1))
    assert single.plan.refit == "time left"
    assert all(groups[fold.train].max() < groups[fold.valid].min() for fold in by_time.folds)


def test_which_kind_for_which_data_is_said_with_its_reason() -> None:
    draw = np.random.default_rng(0)
    table = made_table(rows=80)
    table = table.with_columns(pl.Series("picture", draw.integers(0, 256, (80, 12, 12)).astype(np.uint8)))
    plan = _plan(table)
    assert set(plan.chosen) == {candidate.family for candidate in plan.candidates}
    assert {"cnn", "boosted", "mlp", "prior"} <= set(plan.chosen)
    assert "pictures" in plan.chosen["cnn"]
    assert "cnn" in plan.left_out["lenet"]
    assert not set(plan.chosen) & set(plan.left_out)
    assert "textcnn" not in {**plan.chosen, **plan.left_out}
    assert Plan.from_toml(plan.to_toml()) == plan


def test_what_a_person_names_is_tried_because_it_was_asked() -> None:
    plan = _plan(made_table(), families=("perceptron",))
    assert (plan.chosen["perceptron"], plan.left_out) == ("as asked", {})


def test_costly_nets_alone_have_few_folds_and_one_where_rows_are_many() -> None:
    def folds(rows: int, **asked: object) -> int:
        table = pl.DataFrame({"kind": ["a", "b"] * (rows // 2), "picture": np.zeros((rows, 8, 8), np.uint8)})
        return _plan(table.with_columns(number=pl.int_range(rows) % 7), **asked).folds

    assert (folds(200, families=("cnn",)), folds(8_400, families=("cnn",))) == (3, 1)
    assert folds(200, families=("cnn", "linear")) == folds(200, families=("prior",)) == 8


def test_decompositions_stand_behind_their_families() -> None:
    plan = _plan(made_table(classes=4), families=("boosted", "linear"), decompose=("ovr", "ecoc"))
    names = [candidate.name for candidate in plan.candidates]
    assert names[:7] == ["prior", "boosted", "boosted-ovr", "boosted-ecoc", "linear", "linear-ovr", "linear-ecoc"]
    assert plan.candidates[2].family == "ovr"
    assert plan.candidates[2].settings == {"base": "boosted", "settings": dict(plan.candidates[1].settings)}
    assert plan.chosen["ovr"] == "as asked"
    assert Plan.from_toml(plan.to_toml()) == plan


def test_families_that_suit_the_data_are_decomposed_and_costly_ones_only_if_asked() -> None:
    plan = _plan(made_table(classes=4), decompose=("ovo",))
    bases = {candidate.settings["base"] for candidate in plan.candidates if candidate.family == "ovo"}
    assert {"linear", "boosted"} <= bases
    assert "prior" not in bases
    assert "ovo" not in plan.left_out
    assert "ovr" in plan.left_out


def test_nothing_to_decompose() -> None:
    with pytest.raises(PlanError, match="there are two classes, so there is nothing to decompose"):
        _plan(made_table(), decompose=("ovo",))
    with pytest.raises(PlanError, match=r"no decomposition named 'ovr-all'[\s\S]*one of: ecoc, ovo, ovr"):
        _plan(made_table(), decompose=("ovr-all",))


def test_fits_that_are_long_for_the_time_have_few_folds() -> None:
    def folds(seconds: float, classes: int = 2) -> int:
        return _plan(made_table(rows=21_000, classes=classes), seconds=seconds).folds

    assert [folds(seconds) for seconds in (0, 60, 10, 0.5)] == [5, 5, 3, 1]
    assert (folds(60, classes=4), folds(60, classes=10)) == (5, 3)
