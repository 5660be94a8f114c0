"""`assay.fit`: the run that it gives, resuming, plans, and what it does with whatever table it is handed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import assay
from assay.core.errors import OutputError, PlanError, UserError
from assay.core.progress import Silence
from assay.families.linear import Linear
from assay.families.prior import Prior
from assay.fitting.model import Model
from assay.fitting.plan import Plan

QUICK: Mapping[str, Any] = {"families": ["linear"], "folds": 3, "threads": 1}


def made_table(rows: int = 60, seed: int = 0) -> pl.DataFrame:
    draw, y = np.random.default_rng(seed), np.arange(rows) % 2
    return pl.DataFrame(
        {"width": draw.normal(size=rows) + 2 * y, "colour": ["red", "blue", "red"] * (rows // 3), "label": y == 1}
    )


def model_of(run: assay.Run) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (run.path / "model").iterdir()}


def test_a_run_is_whole(tmp_path: Path) -> None:
    run = assay.fit(made_table(), "label", out=tmp_path / "run", **QUICK)
    assert {part.name for part in run.path.iterdir()} == {"plan.toml", "data.json", "evidence", "model"}
    assert run.evidence.interval[0] <= run.score <= run.evidence.interval[1]
    assert run.classes == ("false", "true")


def test_without_a_place_the_run_goes_with_the_object() -> None:
    run = assay.fit(made_table(), "label", **QUICK)
    place = run.path
    assert (place / "model").is_dir()
    del run
    assert not place.exists()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_and_frames_give_the_same_model(suffix: str, tmp_path: Path) -> None:
    table, place = made_table().with_columns(pl.col("width").round(3)), tmp_path / f"data.{suffix}"
    table.write_csv(place) if suffix == "csv" else table.write_parquet(place)
    one, two = (
        assay.fit(source, "label", out=tmp_path / name, **QUICK) for name, source in (("a", place), ("b", table))
    )
    assert model_of(one) == model_of(two)
    assert (one.about["source"], two.about["source"]) == (str(place), "a frame in memory (60 rows)")


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    one, two, other = (
        assay.fit(made_table(), "label", out=tmp_path / str(n), seed=seed, **QUICK) for n, seed in enumerate((3, 3, 4))
    )
    assert model_of(one) == model_of(two)
    assert not np.array_equal(one.evidence.fold, other.evidence.fold)


def test_a_fitted_plan_gives_the_same_model(tmp_path: Path) -> None:
    first = assay.fit(made_table(), "label", out=tmp_path / "first", **QUICK)
    by_path = assay.fit(made_table(), plan=first.path / "plan.toml", out=tmp_path / "second")
    by_value = assay.fit(made_table(), plan=first.plan)
    assert model_of(first) == model_of(by_path) == model_of(by_value)


def test_the_budget_that_is_said_goes_before_the_plans(tmp_path: Path) -> None:
    plan = assay.fit(made_table(), "label", time=30, **QUICK).plan
    assert plan.seconds == 30
    assert assay.fit(made_table(), plan=plan).plan.seconds == 30
    assert assay.fit(made_table(), plan=plan, time=7).plan.seconds == 7


def test_no_target() -> None:
    with pytest.raises(PlanError, match=r"no target(?s:.*)--target COLUMN"):
        assay.fit(made_table())


class StopAt(Silence):
    """A person who presses Ctrl-C after some steps."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self, note: str = "") -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("steps", [1, 4, 6])
def test_a_stopped_fit_goes_on_to_the_same_model(steps: int, tmp_path: Path) -> None:
    whole = assay.fit(made_table(), "label", out=tmp_path / "whole", **QUICK)
    place = tmp_path / "stopped"
    with pytest.raises(assay.Interrupted, match="kept"):
        assay.fit(made_table(), "label", out=place, progress=StopAt(steps), **QUICK)
    with pytest.raises(assay.RunError, match="did not finish"):
        assay.load(place)
    resumed = assay.fit(made_table(), out=place, resume=True)
    assert model_of(resumed) == model_of(whole)
    assert not (place / "checkpoint").exists()


def test_a_fit_stopped_while_its_model_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By then the plan holds the fitted candidates only; the units are still found."""

    def break_down(*_: object) -> None:
        raise RuntimeError("no prior today")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Prior, "fit", break_down)
    whole = assay.fit(made_table(), "label", out=tmp_path / "whole", **QUICK)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Model, "save", stop)
        assay.fit(made_table(), "label", out=tmp_path / "stopped", **QUICK)
    fitted_again: list[str] = []
    monkeypatch.setattr(Linear, "fit", lambda *_: fitted_again.append("linear"))
    resumed = assay.fit(made_table(), out=tmp_path / "stopped", resume=True)
    assert (model_of(resumed), fitted_again) == (model_of(whole), [])


def test_resuming_a_finished_run_tidies_it(tmp_path: Path) -> None:
    run = assay.fit(made_table(), "label", out=tmp_path / "run", **QUICK)
    (run.path / "checkpoint").mkdir()
    (run.path / ".model.0123abcd").mkdir()
    resumed = assay.fit(made_table(), out=run.path, resume=True)
    assert resumed.score == run.score
    assert {part.name for part in run.path.iterdir()} == {"plan.toml", "data.json", "evidence", "model"}


def test_resuming_what_never_began_begins_it(tmp_path: Path) -> None:
    assert assay.fit(made_table(), "label", out=tmp_path / "new", resume=True, **QUICK).score > 0


def test_resuming_with_other_data(tmp_path: Path) -> None:
    with pytest.raises(assay.Interrupted, match="kept"):
        assay.fit(made_table(), "label", out=tmp_path / "run", progress=StopAt(2), **QUICK)
    with pytest.raises(PlanError, match="other data"):
        assay.fit(made_table(seed=1), out=tmp_path / "run", resume=True)


def test_a_place_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").touch()
    with pytest.raises(OutputError, match="a folder that is not empty"):
        assay.fit(made_table(), "label", out=tmp_path, **QUICK)
    with pytest.raises(OutputError, match="a file at"):
        assay.fit(made_table(), "label", out=tmp_path / "diary.txt", **QUICK)


def test_a_plan_with_a_family_that_is_not_there() -> None:
    plan = assay.fit(made_table(), "label", **QUICK).plan
    with pytest.raises(PlanError, match=r"'linaer'.*\n.*\n.*did you mean 'linear'\?"):
        assay.fit(made_table(), plan=Plan.from_toml(plan.to_toml().replace('family = "linear"', 'family = "linaer"')))


COLUMNS = st.one_of(
    *(
        st.lists(st.none() | cells, min_size=12, max_size=12)
        for cells in (
            st.booleans(),
            st.integers(-5, 5),
            st.floats(),
            st.text(max_size=4),
            st.datetimes(),
            st.sampled_from("ab"),
        )
    )
)


def _labels(draw: st.DrawFn, rows: int) -> list[Any]:
    values = draw(st.sampled_from([(0, 1), ("a", "b", "c"), (True, False), (0.5, 1.5), ("", "a"), (None, "b", "c")]))
    return draw(st.lists(st.sampled_from(values), min_size=rows, max_size=rows))


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Small tables of anything; some can be learned from."""
    names = draw(st.lists(st.text(max_size=5).filter(lambda name: name != "label"), unique=True, max_size=3))
    columns = {name: pl.Series(name, draw(COLUMNS), strict=False) for name in names}
    return pl.DataFrame({**columns, "label": pl.Series("label", _labels(draw, 12), strict=False)})


@settings(max_examples=40)
@given(table=tables(), rare=st.sampled_from(["error", "keep", "drop"]))
def test_any_table_gives_a_run_or_a_clear_error(table: pl.DataFrame, rare: str) -> None:
    try:
        run = assay.fit(table, "label", time=5, families=["prior"], rare_classes=rare, threads=1)
    except UserError as error:
        assert error.found and error.expected and error.fix
        return
    assert np.allclose(run.predict_proba(table).sum(axis=1), 1)


@settings(max_examples=12)
@given(table=tables())
def test_any_table_survives_a_model_that_looks_at_it(table: pl.DataFrame) -> None:
    try:
        run = assay.fit(table, "label", time=5, families=["linear"], folds=2, rare_classes="drop", threads=1)
    except UserError:
        return
    assert [trial.status for trial in run.evidence.trials if trial.status.startswith("failed")] == []
    assert np.isfinite(run.predict_proba(table)).all()


def test_decompositions_are_set_beside_the_family_and_made_again_from_the_plan(tmp_path: Path) -> None:
    table = made_table(90).with_columns(label=pl.Series(["a", "b", "c"] * 30), width=pl.Series(range(90)) % 3)
    run = assay.fit(table, "label", out=tmp_path / "run", decompose="ovo", **QUICK)
    assert {"linear", "linear-ovo"} <= {trial.name for trial in run.evidence.trials}
    again = assay.fit(table, out=tmp_path / "again", plan=run.path / "plan.toml")
    assert model_of(again) == model_of(run)
