"""Scores of tags, labels and numbers, against those of the libraries whose names they have."""

import subprocess
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from contest.sets import DataSet
from contest.systems import ROOT
from contest.task_scores import BY_KIND, multilabel, regression, rows_of, spans, tagging

NONE = np.zeros(0)
TRUE = [["B-per", "I-per", "O", "B-loc"], ["O", "O"], ["B-per", "B-per"]]
TOLD = [["B-per", "I-per", "I-loc", "I-loc"], ["O", "I-per"], ["B-per", "I-per"]]


@pytest.fixture
def sentences(tmp_path: Path) -> DataSet:
    text = "\n\n".join("\n".join(f"word {tag}" for tag in tags) for tags in TRUE)
    (tmp_path / "test.conll").write_text(text + "\n")
    return DataSet("toy", "tagging", tmp_path)


def flat(tags: list[list[str]]) -> list[str]:
    return [tag for sentence in tags for tag in sentence]


def test_spans_begin_at_an_i_that_follows_nothing() -> None:
    assert spans(["I-a", "I-a", "I-b", "O", "B-b", "B-b", "I-b"]) == [
        (0, 1, "a"),
        (2, 2, "b"),
        (4, 4, "b"),
        (5, 6, "b"),
    ]


def test_tags_are_scored_by_word_and_by_span(sentences: DataSet) -> None:
    scores = tagging(sentences, flat(TOLD), NONE)
    assert scores == {"token_accuracy": 4 / 8, "span_f1": pytest.approx(2 * 1 / (4 + 4))}
    assert tagging(sentences, flat(TRUE), NONE) == {"token_accuracy": 1.0, "span_f1": 1.0}
    assert rows_of(sentences.test) == 3
    with pytest.raises(ValueError, match="7 tags for 8 words"):
        tagging(sentences, flat(TOLD)[1:], NONE)


def test_spans_are_counted_as_seqeval_counts_them(sentences: DataSet) -> None:
    python = ROOT / ".venvs" / "crfsuite" / "bin" / "python"
    if not python.is_file():
        pytest.skip("seqeval is in the environment of a peer, which `make bench` builds")
    code = f"from seqeval.metrics import f1_score; print(f1_score({TRUE!r}, {TOLD!r}))"
    printed = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout
    assert tagging(sentences, flat(TOLD), NONE)["span_f1"] == pytest.approx(float(printed))


def test_tags_without_spans_have_no_f1(tmp_path: Path) -> None:
    (tmp_path / "test.conll").write_text("a NOUN\nb VERB\n")
    assert tagging(DataSet("toy", "tagging", tmp_path), ["NOUN", "NOUN"], NONE) == {"token_accuracy": 0.5}


def test_labels_in_columns_and_in_lists_are_the_same(tmp_path: Path) -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0]])
    told = np.array([[1, 1], [0, 1], [0, 0]])
    wanted = {"micro_f1": 2 / 3, "macro_f1": pytest.approx(2 / 3), "hamming_loss": pytest.approx(1 / 3)}
    pl.DataFrame({"x": [1, 2, 3], "is_a": truth[:, 0], "is_b": truth[:, 1]}).write_parquet(tmp_path / "test.parquet")
    columns = DataSet("toy", "tabular_multilabel", tmp_path, target="is_*")
    assert multilabel(columns, ["is_a", "is_b"], told) == wanted
    assert multilabel(columns, ["is_b", "is_a"], told[:, ::-1]) == wanted
    (tmp_path / "lists").mkdir()
    pl.DataFrame({"all": [["a"], ["a", "b"], []]}).write_parquet(tmp_path / "lists" / "test.parquet")
    lists = DataSet("toy", "text_multilabel", tmp_path / "lists", target="all")
    assert multilabel(lists, ["a", "b"], told) == wanted
    with pytest.raises(ValueError, match=r"labels \['c'\]"):
        multilabel(lists, ["a", "c"], told)


def test_numbers_have_an_error_and_intervals_cover(tmp_path: Path) -> None:
    pl.DataFrame({"y": [1, 2, 3, 4]}).write_parquet(tmp_path / "test.parquet")
    data = DataSet("toy", "regression", tmp_path, target="y")
    point = np.array([[1.0], [2.0], [3.0], [8.0]])
    assert regression(data, ["prediction"], point) == {"rmse": 2.0}
    ends = np.hstack([point, point - 1, point + 1])
    scores = regression(data, ["prediction", "low", "high"], ends)
    assert scores == {"rmse": 2.0, "coverage": 0.75, "width": 2.0}
    assert rows_of(data.test) == 4
    with pytest.raises(ValueError, match="not finite"):
        regression(data, ["prediction"], point * np.nan)


def test_each_kind_has_its_score() -> None:
    assert BY_KIND["text_multilabel"] is BY_KIND["tabular_multilabel"] is multilabel
