"""Steps of sequences: how they are read, decided and told."""

import numpy as np
import polars as pl
import pytest

from assay.core.errors import DataError, PlanError, RunError
from assay.data._wishes import Wishes
from assay.data.prepare import prepare
from assay.tasks._base import Asked, Rule
from assay.tasks._choose import choose_task
from assay.tasks.tagging import Tagging

TAGS = ("B-x", "I-x", "O")


def test_steps_are_tags_and_sequences() -> None:
    task = Tagging(TAGS)
    y = task.encode(pl.Series("t", ["O", None, "B-z", "B-x", "I-x"]), np.array([0, 0, 4, 4, 4]))
    assert y.tolist() == [[2, 0], [-1, 0], [-1, 4], [0, 4], [1, 4]]
    assert task.labelled(y).tolist() == [True, False, False, True, True]
    assert task.decode(np.array([0, 2])).to_list() == ["B-x", "O"]
    assert task.census(y) == {"B-x": 1, "I-x": 1, "O": 1}


def test_the_metric_suits_the_tags() -> None:
    assert Tagging(TAGS).default_metric == "span_f1"
    assert Tagging(("NOUN", "VERB")).default_metric == "token_accuracy"
    with pytest.raises(PlanError, match=r"no metric 'span_f1' for a tagging task"):
        Tagging(("NOUN", "VERB")).metric("span_f1")


def test_rows_have_to_say_which_belong_together() -> None:
    with pytest.raises(DataError, match=r"which rows are the steps of one sequence[\s\S]*--sequence"):
        Tagging(TAGS).encode(pl.Series(["O"]))
    with pytest.raises(DataError, match=r"stand apart: one begins again in row 3"):
        Tagging(TAGS).encode(pl.Series(["O", "O", "O"]), np.array([0, 1, 0]))


def test_a_person_says_that_rows_are_steps() -> None:
    assert choose_task(pl.Series(["O", "B-x", "I-x"] * 5)).name == "multiclass"
    with pytest.raises(PlanError, match="--positive 'O' for a tagging task"):
        choose_task(pl.Series(["O", "B-x"]), "tagging", Asked(positive="O"))


@pytest.mark.parametrize("name", ["tags", "ner_tags"])
def test_lists_become_steps(name: str) -> None:
    lists = {"tokens": [["a", "b"], [], ["c"]], name: [["O", "B-x"], [], ["O"]], "source": ["web", "web", "mail"]}
    table, wishes = Tagging.as_rows(pl.DataFrame(lists), Wishes(target=""))
    assert table.to_dict(as_series=False) == {
        "tokens": ["a", "b", "c"],
        name: ["O", "B-x", "O"],
        "source": ["web", "web", "mail"],
        "sequence": [0, 0, 2],
    }
    assert (wishes.target, wishes.sequence, wishes.text) == (name, "sequence", ("tokens", "source"))


def test_no_column_of_tags() -> None:
    with pytest.raises(DataError, match=r"no column of tags among word[\s\S]*name it with --target"):
        Tagging.as_rows(pl.DataFrame({"word": ["a"]}), Wishes(target=""))


def test_only_what_makes_sense_is_decided() -> None:
    task, outputs = Tagging(TAGS), np.array([[0.1, 0.5, 0.4], [0.3, 0.6, 0.1]])
    assert task.decide(outputs, Rule()).tolist() == [1, 1]
    assert task.decide(outputs, Rule(), np.array([0, 0])).tolist() == [2, 0]


def test_being_outside_is_held_back_where_that_finds_more_spans() -> None:
    draw, task = np.random.default_rng(0), Tagging(TAGS)
    there = draw.random(400) < 0.2
    outside = np.clip(np.where(there, 0.65, 0.95) + draw.normal(0, 0.05, 400), 0.5, 0.99)
    outputs = np.stack([1 - outside, np.full(400, 1e-6), outside], axis=1)
    y = np.stack([np.where(there, 0, 2), np.arange(400)], axis=1)
    metric, ones = task.metrics["span_f1"], np.ones(400)
    rule = task.tune_rule(y, outputs, ones, metric)
    assert rule.threshold is not None
    plain, tuned = (metric.score(y, outputs, task.decide(outputs, one, y[:, 1]), ones) for one in (Rule(), rule))
    assert plain == 0.0
    assert tuned > 0.9
    assert task.tune_rule(y, outputs, ones, task.metrics["token_accuracy"]) == Rule()


def test_spans_and_tags_are_told_by_name() -> None:
    y = np.array([[0, 0], [1, 0], [2, 0], [0, 1]])
    (span,) = Tagging(TAGS).details(y, np.eye(3)[[0, 2, 2, 0]], np.array([0, 2, 2, 0]), np.ones(4))["spans"]
    assert (span["name"], span["spans"], span["precision"], span["recall"]) == ("x", 2, 0.5, 0.5)
    told = Tagging(("a", "b")).details(np.array([[0, 0], [1, 0]]), np.eye(2), np.array([0, 0]), np.ones(2))["tags"]
    assert told[0] == {"name": "a", "steps": 1, "precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3)}
    assert told[1]["precision"] is None


def test_it_survives_files() -> None:
    task = Tagging(TAGS, ("so",))
    assert Tagging.from_state(task.state()).state() == task.state()
    with pytest.raises(RunError, match="two or more different tags"):
        Tagging.from_state({"labels": ["a"], "notices": [], "broken_spans": "repair"})


def test_a_tag_that_goes_on_with_nothing_begins_a_span_or_is_refused() -> None:
    table = pl.DataFrame({"word": ["a", "b", "c"], "tag": ["O", "I-x", "I-x"], "sequence": ["0", "0", "1"]})
    data = prepare(table, Wishes(target="tag", sequence="sequence", text=("word",)))
    task = Tagging(TAGS)
    assert task.encoded(data)[:, 0].tolist() == [2, 0, 0]
    (told,) = task.observed(data)
    assert told == "2 tags go on with a span that none began, the first in row 2: taken for its beginning"
    with pytest.raises(DataError, match=r"the tag 'I-x' in row 2 goes on [\s\S]*--broken-spans repair"):
        Tagging(TAGS, broken_spans="refuse").encoded(data)
