"""`assay.load` and `assay.Run`: predictions, scores, the report, and run folders that cannot be trusted."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import assay
from assay.core.errors import DataError, OutputError, RunError


def made_table(rows: int = 90, labels: tuple[object, ...] = ("ham", "spam"), seed: int = 0) -> pl.DataFrame:
    draw, y = np.random.default_rng(seed), np.arange(rows) % len(labels)
    return pl.DataFrame(
        {
            "width": (draw.normal(size=rows) + 2 * y).round(3),
            "colour": [("red", "green", "blue")[i] for i in draw.integers(0, 3, rows)],
            "label": [labels[i] for i in y],
        }
    )


def fitted(place: Path, table: pl.DataFrame, **asked: Any) -> assay.Run:
    return assay.fit(table, "label", out=place, families=["linear"], folds=3, threads=1, **asked)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> assay.Run:
    return fitted(tmp_path_factory.mktemp("two") / "run", made_table())


@pytest.fixture
def copy(run: assay.Run, tmp_path: Path) -> Path:
    """A run of one's own, to spoil."""
    return copytree(run.path, tmp_path / "copy")


def test_probabilities_are_probabilities(run: assay.Run) -> None:
    outputs = run.predict_proba(made_table(seed=1))
    assert outputs.shape == (90, 2)
    assert np.allclose(outputs.sum(axis=1), 1) and (outputs >= 0).all()


def test_a_loaded_run_predicts_the_same(run: assay.Run) -> None:
    rows = made_table(seed=1)
    assert np.array_equal(assay.load(run.path).predict_proba(rows), run.predict_proba(rows))


def test_rows_do_not_depend_on_their_company(run: assay.Run) -> None:
    rows = made_table(seed=1)
    alone = np.vstack([run.predict_proba(rows[i]) for i in range(5)])
    assert np.allclose(alone, run.predict_proba(rows)[:5], atol=1e-12)


@pytest.mark.parametrize(
    ("labels", "kind"), [(("ham", "spam"), str), ((3, 7, 11), int), ((False, True), bool), ((0.5, 1.5), float)]
)
def test_predictions_are_of_the_users_type(labels: tuple[object, ...], kind: type, tmp_path: Path) -> None:
    found = fitted(tmp_path / "run", made_table(labels=labels)).predict(made_table(labels=labels))
    assert set(found.tolist()) == set(labels)
    assert {type(value) for value in found.tolist()} == {kind}


def test_any_source_will_do(run: assay.Run, tmp_path: Path) -> None:
    rows = made_table(seed=1)
    rows.write_csv(tmp_path / "rows.csv")
    rows.write_parquet(tmp_path / "rows.parquet")
    expected = run.predict_proba(rows)
    sources = (tmp_path / "rows.csv", str(tmp_path / "rows.parquet"), rows.to_arrow(), pd.DataFrame(rows.to_dict()))
    for source in sources:
        assert np.allclose(run.predict_proba(source), expected)


def test_a_table_of_predictions(run: assay.Run) -> None:
    rows = made_table(seed=1)
    table, notices = run.predict_table(rows)
    assert table.columns == [*rows.columns, "prediction", "probability of ham", "probability of spam"]
    assert table.select(rows.columns).equals(rows)
    assert (table["prediction"] == run.predict(rows)).all()
    assert notices == ()


def test_columns_that_are_missing(run: assay.Run) -> None:
    rows = made_table(seed=1).drop("width")
    with pytest.raises(DataError, match=r"'width'(?s:.*)--fill-missing-columns"):
        run.predict_table(rows)
    table, notices = run.predict_table(rows, fill_missing_columns=True)
    assert table.height == 90 and "width" in notices[0]


@pytest.mark.parametrize("labels", [("ham", "spam"), ("a", "b", "c")])
def test_scores_are_those_of_scikit_learn(labels: tuple[str, ...], tmp_path: Path) -> None:
    run, rows = fitted(tmp_path / "run", made_table(labels=labels)), made_table(labels=labels, seed=1)
    found, y, outputs = run.evaluate(rows), rows["label"].to_numpy(), run.predict_proba(rows)
    decided = run.predict(rows)
    area = outputs[:, 1] if len(labels) == 2 else outputs
    assert found.metrics["log_loss"] == pytest.approx(metrics.log_loss(y, outputs))
    assert found.metrics["accuracy"] == pytest.approx(metrics.accuracy_score(y, decided))
    assert found.metrics["roc_auc"] == pytest.approx(metrics.roc_auc_score(y, area, multi_class="ovr"))
    assert found.metrics["macro_f1"] == pytest.approx(metrics.f1_score(y, decided, average="macro"))
    assert np.array_equal(found.details["confusion"], metrics.confusion_matrix(y, decided, labels=list(labels)))
    assert found.interval[0] <= found.metrics["log_loss"] <= found.interval[1]


def test_the_plans_metric_is_the_one_with_an_interval(tmp_path: Path) -> None:
    found = fitted(tmp_path / "run", made_table(), metric="f1", positive="ham").evaluate(made_table(seed=1))
    assert (found.metric, found.classes) == ("f1", ("spam", "ham"))
    assert found.interval[0] <= found.metrics["f1"] <= found.interval[1]


def test_rows_that_cannot_be_scored(run: assay.Run) -> None:
    label = pl.Series("label", [None, None, "eggs", *["ham"] * 87])
    found = run.evaluate(made_table(seed=1).with_columns(label))
    assert found.rows == 87
    assert any("2 rows without a label" in notice for notice in found.notices)
    assert any("1 rows with labels" in notice and "eggs" in notice for notice in found.notices)
    with pytest.raises(DataError, match="no row with a label that the model knows"):
        run.evaluate(made_table().with_columns(label=pl.lit("eggs")))


def test_the_report(run: assay.Run, tmp_path: Path) -> None:
    page = run.report(tmp_path / "page.html")
    assert page == tmp_path / "page.html"
    assert "</html>" in page.read_text()
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="folder"):
        run.report(tmp_path / "folder")


def test_what_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no folder"):
        assay.load(tmp_path / "nope")
    with pytest.raises(RunError, match=r"no plan\.toml"):
        assay.load(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="a file, not a folder"):
        assay.load(tmp_path / "file")


def test_an_unfinished_run(copy: Path) -> None:
    rmtree(copy / "model")
    with pytest.raises(RunError, match=r"did not finish(?s:.*)--resume"):
        assay.load(copy)


def test_a_newer_model(copy: Path) -> None:
    manifest = json.loads((copy / "model" / "manifest.json").read_text())
    (copy / "model" / "manifest.json").write_text(json.dumps({**manifest, "version": 99}))
    with pytest.raises(RunError, match=r"version 99(?s:.*)newer Assay"):
        assay.load(copy)


@settings(max_examples=60)
@given(data=st.data())
def test_one_changed_byte_is_found_or_changes_nothing(data: st.DataObject, run: assay.Run) -> None:
    files = sorted((run.path / "model").iterdir())
    file = data.draw(st.sampled_from(files))
    content = file.read_bytes()
    place, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    expected = run.predict_proba(made_table(seed=1))
    file.write_bytes(bytes(changed))
    try:
        found = assay.load(run.path).predict_proba(made_table(seed=1))
    except RunError:
        return
    finally:
        file.write_bytes(content)
    assert file.name == "manifest.json"
    assert np.array_equal(found, expected)


class Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["model/state.json", "model/text-0.txt", "model/x.pkl", "x.joblib", "data.json"])
def test_a_pickle_is_never_loaded(name: str, protocol: int, copy: Path, tmp_path: Path) -> None:
    (copy / name).write_bytes(pickle.dumps(Trap(tmp_path / "trapped"), protocol=protocol))
    with pytest.raises(RunError, match=r"no place|was changed|pickle|data\.json|the manifest says"):
        _ = assay.load(copy).about
    assert not (tmp_path / "trapped").exists()


FORGED: list[Callable[[dict[str, Any]], object]] = [
    lambda state: state.pop("schema"),
    lambda state: state.update(members="none"),
    lambda state: state["members"][0].update(family="os"),
    lambda state: state["members"][0].update(family="../../evil"),
    lambda state: state["members"][0]["parts"][0].update(encoding=99),
    lambda state: state["members"][0]["parts"][0].update(state={}),
    lambda state: state["encodings"][0].update(encoders=[{"name": "_base", "state": {}}]),
    lambda state: state["task"].update(name="subprocess"),
    lambda state: state["task"]["state"].update(labels=["one"]),
    lambda state: state["schema"]["columns"][0].update(kind="code"),
    lambda state: state.update(calibration=["hot"]),
]


@pytest.mark.parametrize("forge", FORGED)
def test_a_forged_state_is_refused(forge: Callable[[dict[str, Any]], object], copy: Path) -> None:
    """Even where manifest and hashes fit, only Assay's own classes are built, from checked values."""
    from assay.core.artifact import load_artifact, save_artifact

    state = load_artifact(copy / "model")
    forge(state)
    save_artifact(copy / "model", state)
    with pytest.raises(assay.UserError, match="Found: "):
        assay.load(copy)
