"""Several labels: how targets are read, decided, calibrated and told."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, PlanError, RunError
from assay.tasks import _label_metrics as m
from assay.tasks._base import Asked, Rule
from assay.tasks._choose import choose_task
from assay.tasks._thresholds import tuned_thresholds
from assay.tasks.multilabel import Multilabel

LISTS = pl.Series("tags", [["b", "a"], [], None, ["c", "a", "a"]], dtype=pl.List(pl.String))


def test_lists_are_found_out_and_an_empty_one_is_no_gap() -> None:
    task = choose_task(LISTS)
    assert (task.name, task.labels) == ("multilabel", ("a", "b", "c"))
    y = task.encode(LISTS)
    assert y[[0, 1, 3]].tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 1]]
    assert np.isnan(y[2]).all()
    assert task.labelled(y).tolist() == [True, True, False, True]
    assert task.decode(np.array([[1, 0, 1], [0, 0, 0]])).to_list() == [["a", "c"], []]


def test_records_keep_gaps_in_single_labels() -> None:
    table = pl.DataFrame({"x": [True, None, False], "z": [None, None, True]})
    task = choose_task(table.to_struct("label_*"))
    y = task.encode(table.to_struct("label_*"))
    assert np.array_equal(y, [[1, np.nan], [np.nan, np.nan], [0, 1]], equal_nan=True)
    assert task.labelled(y).tolist() == [True, False, True]
    less = pl.DataFrame({"z": [True]}).to_struct("label_*")
    assert np.array_equal(task.encode(less), [[np.nan, 1]], equal_nan=True)


@pytest.mark.parametrize("delimiter", [";", "|", ","])
def test_texts_are_split_where_a_person_says_so(delimiter: str) -> None:
    texts = pl.Series("t", [f"red {delimiter} blue", "blue", None, f"green{delimiter}red"])
    assert choose_task(texts).name != "multilabel"
    task = choose_task(texts, "multilabel")
    assert task.labels == ("blue", "green", "red")
    assert task.encode(texts)[[0, 1, 3]].tolist() == [[1, 0, 1], [1, 0, 0], [0, 1, 1]]
    assert task.decode(np.array([[1, 0, 1]])).to_list() == [f"blue{delimiter}red"]


NAMES = st.text("abcdefg", min_size=1, max_size=3)


@given(rows=st.lists(st.none() | st.lists(NAMES, max_size=4), min_size=1, max_size=20))
def test_what_is_encoded_decodes_to_the_same_labels(rows: list[list[str] | None]) -> None:
    target = pl.Series("t", rows, dtype=pl.List(pl.String))
    try:
        task = Multilabel.from_target(target)
    except DataError:
        assert len({name for row in rows for name in row or ()}) < 2
        return
    found = task.decode(task.as_decided(task.encode(target))).to_list()
    assert found == [sorted(set(row or ())) for row in rows]


@pytest.mark.parametrize(
    ("target", "asked", "says"),
    [
        (pl.Series("t", [["a"], ["a"]]), Asked(), r"one label only, 'a', in the target column 't'"),
        (pl.Series("t", [[], []], dtype=pl.List(pl.String)), Asked(), "no label at all"),
        (pl.Series("t", [[str(n)] for n in range(501)]), Asked(), r"501 different labels"),
        (LISTS, Asked(positive="a"), "--positive 'a' for a multilabel task"),
        (LISTS, Asked(interval=0.9), "--interval 0.9 for a multilabel task"),
    ],
)
def test_what_cannot_be_learned_is_refused(target: pl.Series, asked: Asked, says: str) -> None:
    with pytest.raises((DataError, PlanError), match=says):
        Multilabel.from_target(target, asked)


def test_lists_are_no_classes() -> None:
    with pytest.raises(DataError, match=r"lists or records in the target column 'tags'[\s\S]*--task multilabel"):
        choose_task(LISTS, "multiclass")


def test_labels_of_no_use_are_told() -> None:
    table = pl.DataFrame({"never": [False, False], "always": [True, True], "now": [True, False]})
    never, always = Multilabel.from_target(table.to_struct("t")).notices
    assert never == "no row has the label 'never': there is nothing to learn about it"
    assert always == "every row has the label 'always': there is nothing to learn about it"


def test_unknown_labels_are_named() -> None:
    task = Multilabel(("a", "b"))
    assert task.unknown(LISTS) == ("c",)
    assert task.encode(LISTS)[3].tolist() == [1, 0]


def _rows(seed: int, n: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    odds = random.normal([-1.0, -3.0, 0.0], 1.5, (n, 3))
    honest = 1 / (1 + np.exp(-odds))
    return (random.random((n, 3)) < honest).astype(np.float64), honest


def test_calibration_undoes_what_was_done_to_each_label() -> None:
    y, honest = _rows(0)
    odds = np.log(honest / (1 - honest))
    bent = 1 / (1 + np.exp(-(odds * [2.0, 0.5, 1.0] + [0.0, 1.0, 0.0])))
    task, ones = Multilabel(("a", "b", "c")), np.ones(len(y))
    found = task.calibration(y, bent, ones)
    assert found == pytest.approx((0.5, 2.0, 1.0, 0.0, -2.0, 0.0), abs=0.3)
    assert m.log_loss(y, task.calibrated(bent, found), y, ones) < m.log_loss(y, bent, y, ones)


def test_calibration_leaves_few_rows_as_they_are() -> None:
    y, honest = _rows(1, n=4)
    task = Multilabel(("a", "b", "c"))
    assert task.calibrated(honest, task.calibration(y, honest, np.ones(4))) == pytest.approx(honest, abs=0.15)
    assert np.array_equal(task.calibrated(honest, ()), honest)


@given(seed=st.integers(0, 50))
def test_tuned_thresholds_are_no_worse_than_one_half(seed: int) -> None:
    y, honest = _rows(seed, n=500)
    task, ones = Multilabel(("a", "b", "c")), np.ones(500)
    for metric in (m.MICRO_F1, m.MACRO_F1):
        rule = task.tune_rule(y, honest, ones, metric)
        plain, tuned = (metric.score(y, honest, task.decide(honest, one), ones) for one in (Rule(), rule))
        assert tuned >= plain - 0.03


def test_a_rare_label_shares_the_common_threshold() -> None:
    y, honest = _rows(3)
    y[:, 1] = 0
    y[np.argmax(honest[:, 1]), 1] = 1
    each, common = (tuned_thresholds(y, honest, np.ones(len(y)), each=each) for each in (True, False))
    assert each[1] == pytest.approx(common[1], abs=0.1)


def test_it_is_told_by_label() -> None:
    y = np.array([[1.0, 0.0], [1.0, np.nan], [0.0, 0.0]])
    outputs = np.array([[0.9, 0.2], [0.4, 0.9], [0.6, 0.1]])
    task = Multilabel(("a", "b"))
    a, b = task.details(y, outputs, task.decide(outputs, Rule()), np.ones(3))["labels"]
    assert (a["rows"], a["precision"], a["recall"], a["f1"]) == (2, 0.5, 0.5, 0.5)
    assert (b["rows"], b["precision"], b["recall"], b["roc_auc"]) == (0, None, None, None)


def test_it_survives_files() -> None:
    task = Multilabel(("a", "b"), ";", ("so",))
    assert Multilabel.from_state(task.state()).state() == task.state()
    with pytest.raises(RunError, match="two or more different labels"):
        Multilabel.from_state({**task.state(), "labels": ["a", "a"]})
