import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from assay.core.clock import Deadline
from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.families._base import Learning
from assay.families._tree_text import write_trees
from assay.families.boosted import Boosted, BoostedPredictor
from assay.features._base import Matrix
from assay.tasks._base import Task
from assay.tasks.binary import Binary
from assay.tasks.multiclass import Multiclass


def task_of(k: int) -> Task:
    kind = Binary if k == 2 else Multiclass
    return kind.from_target(pl.Series("label", [f"{number:02}" for number in range(k)]))


def made(n: int = 600, k: int = 2, *, deadline: Deadline | None = None, seed: int = 0) -> Learning:
    """Two numbers with gaps and a category of 12 levels, whose number modulo k is the class in four rows of five."""
    draw = np.random.default_rng(seed)
    codes = draw.integers(1, 13, (n, 1)).astype(np.int32)
    y = np.where(draw.random(n) < 0.8, codes[:, 0] % k, draw.integers(0, k, n)).astype(np.int64)
    dense = draw.normal(size=(n, 2)).astype(np.float32)
    dense[::7, 0] = np.nan
    cut = n * 3 // 4
    train, valid = (Matrix(dense[part], codes[part], None, (13,)) for part in (slice(cut), slice(cut, n)))
    return Learning(
        task=task_of(k),
        train=train,
        y=y[:cut],
        weight=np.ones(cut),
        valid=valid,
        valid_y=y[cut:],
        valid_weight=np.ones(n - cut),
        seed=1,
        deadline=deadline or Deadline(),
    )


def loss(given: Learning, predictor: BoostedPredictor) -> float:
    outputs = predictor.predict(given.valid)
    return float(-np.log(outputs[np.arange(len(outputs)), given.valid_y]).mean())


def test_categories_and_gaps_are_learned_from() -> None:
    given = made()
    fitted = Boosted().fit(given, Boosted.defaults)
    assert fitted.notes["stopped"] == "validation"
    reached = loss(given, fitted.predictor)
    assert reached < 0.55
    assert len(fitted.predictor.trees[0].questions.widths) > 0


def test_the_clock_stops_a_fit_and_fixed_settings_make_it_again() -> None:
    Boosted().fit(made(60), Boosted.defaults)  # so that the time to import LightGBM is not measured
    given = made(8_000, 12, deadline=Deadline.after(0.3))
    started = time.monotonic()
    fitted = Boosted().fit(given, {**Boosted.defaults, "patience": 10_000})
    assert time.monotonic() - started < 1.5
    assert fitted.notes["stopped"] == "clock"
    again = Boosted().fit(made(8_000, 12), {**Boosted.defaults, **fitted.fixed})
    assert write_trees(again.predictor.trees[0]) == write_trees(fitted.predictor.trees[0])


def test_a_table_of_many_rows_and_columns_keeps_its_deadline() -> None:
    Boosted().fit(made(60), Boosted.defaults)
    few, wide = made(20_000, 3), np.random.default_rng(1).normal(size=(20_000, 20)).astype(np.float32)
    train = Matrix(wide[:15_000], few.train.codes, None, few.train.sizes)
    valid = Matrix(wide[15_000:], few.valid.codes, None, few.valid.sizes)
    started = time.monotonic()
    fitted = Boosted().fit(replace(few, train=train, valid=valid, deadline=Deadline.after(0.6)), Boosted.defaults)
    assert time.monotonic() - started < 1.6
    assert loss(replace(few, valid=valid), fitted.predictor) < np.log(3)


def test_codes_never_seen_are_as_good_as_missing_ones() -> None:
    given = made()
    predictor = Boosted().fit(given, Boosted.defaults).predictor
    dense = given.valid.dense[:3]
    missing, unseen = (Matrix(dense, np.full((3, 1), code, np.int32), None, (31,)) for code in (0, 10_000_000))
    assert np.array_equal(predictor.predict(missing), predictor.predict(unseen))


def test_numbers_beyond_those_of_training_are_taken() -> None:
    given = made()
    predictor = Boosted().fit(given, Boosted.defaults).predictor
    dense = np.array([[3e38, -3e38], [np.nan, np.nan], [np.inf, -np.inf]], np.float32)
    outputs = predictor.predict(Matrix(dense, given.valid.codes[:3], None, (31,)))
    assert np.isfinite(outputs).all()


def test_little_time_raises_the_rate() -> None:
    many = made(4_000, 12)
    hurried = Boosted().fit(made(4_000, 12, deadline=Deadline.after(0.4)), Boosted.defaults)
    assert hurried.fixed["rate"] > Boosted.defaults["rate"]
    reached = loss(many, hurried.predictor)
    assert reached < np.log(12)


def test_outputs_stay_away_from_zero() -> None:
    given = made()
    fitted = Boosted().fit(given, {**Boosted.defaults, "rounds": 300, "rate": 1.0, "min_rows": 1, "l2": 0.0})
    assert fitted.predictor.predict(given.valid).min() >= 0.9e-6


def test_only_the_rounds_up_to_the_best_are_kept() -> None:
    fitted = Boosted().fit(made(), Boosted.defaults)
    assert fitted.predictor.trees[0].n_trees == fitted.fixed["rounds"] == fitted.notes["rounds"]


def test_a_row_is_answered_quickly() -> None:
    given = made()
    predictor = Boosted().fit(given, {**Boosted.defaults, "rounds": 300}).predictor
    row = Matrix(given.valid.dense[:1], given.valid.codes[:1], None, (13,))
    seconds = []
    for _ in range(50):
        started = time.perf_counter()
        predictor.predict(row)
        seconds.append(time.perf_counter() - started)
    assert np.median(seconds) < 0.003


def test_no_feature_at_all_gives_the_frequencies() -> None:
    given = made()
    empty, rest = (Matrix(m.dense[:, :0], m.codes[:, :0], None) for m in (given.train, given.valid))
    bare = Learning(given.task, empty, given.y, given.weight, rest, given.valid_y, given.valid_weight)
    outputs = Boosted().fit(bare, Boosted.defaults).predictor.predict(rest)
    assert outputs[:, 1] == pytest.approx(given.y.mean(), abs=1e-3)


def test_what_holds_no_trees_is_refused() -> None:
    with pytest.raises(RunError, match="trees of 0 models for 2 outputs"):
        BoostedPredictor.from_state({"trees": [], "n_features": 3, "n_outputs": 2, "link": {"form": "classes"}})


def test_a_model_answers_the_same_before_and_after_it_is_saved() -> None:
    given = made(k=3)
    predictor = Boosted().fit(given, {**Boosted.defaults, "rounds": 20}).predictor
    again = BoostedPredictor.from_state(predictor.state())
    assert np.array_equal(again.predict(given.valid), predictor.predict(given.valid))


def test_columns_of_each_kind_get_their_encoders() -> None:
    kinds = {"n": Kind.NUMERIC, "c": Kind.CATEGORICAL, "t": Kind.TEXT, "d": Kind.DATETIME}
    schema = Schema(tuple(Column(name, kind, Role.FEATURE, "made up") for name, kind in kinds.items()))
    data = Dataset(pl.DataFrame(), schema)
    names = [name for name, _ in Boosted().recipe(data.schema, task_of(2), Boosted.defaults).encoders]
    assert names == ["raw", "calendar", "ordinal", "target_mean", "topics", "length"]
    numbers = Schema(schema.columns[:1])
    assert [name for name, _ in Boosted().recipe(numbers, task_of(2), Boosted.defaults).encoders] == ["raw"]


def test_reasons_not_to_fit() -> None:
    schema = Schema((Column("n", Kind.NUMERIC, Role.FEATURE, "made up"),))
    assert Boosted().unfit_for(schema, task_of(2), 19) == "trees need 20 rows or more"
    assert Boosted().unfit_for(Schema(()), task_of(2), 500) == "there is no feature column that it reads"
    assert Boosted().unfit_for(schema, task_of(2), 20) is None


def test_variants_depend_on_the_size_and_differ() -> None:
    found = [
        [{**Boosted.defaults, **settings} for settings in Boosted().variants(Schema(()), task_of(2), rows)]
        for rows in (500, 5_000, 50_000)
    ]
    assert found[0] != found[1] != found[2]
    assert all(one != other for variants in found for i, one in enumerate(variants) for other in variants[:i])
    assert all(len(variants) >= 2 for variants in found)
