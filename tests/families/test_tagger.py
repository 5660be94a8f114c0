"""The net over sequences as a family."""

import numpy as np
import polars as pl
import pytest

import assay
from assay.core.errors import PlanError
from assay.data._wishes import Wishes
from assay.data.prepare import prepare
from assay.families._net_family import NetPredictor
from assay.families.tagger import Tagger
from assay.tasks._base import Form, Rule
from assay.tasks.tagging import Tagging
from assay.testing._examples import Example, case
from assay.testing.families import learning

SMALL = {**Tagger.small, "epochs": 15}


def _far(rows: int = 160) -> pl.DataFrame:
    """The tag of every step is told by the first one alone, six steps away from the last."""
    draw = np.random.default_rng(0)
    steps = []
    for number in range(rows):
        first = draw.choice(["up", "down"])
        steps += [(number, word, first) for word in (first, *draw.choice(list("abcdefgh"), 6))]
    return pl.DataFrame(steps, schema=["sequence", "word", "tag"], orient="row")


def _right(table: pl.DataFrame, **settings: object) -> float:
    """Share of the sequences of the last quarter that a net gets right which learned from the others."""
    data = prepare(table, Wishes("tag", sequence="sequence"))
    task = Tagging.from_target(data.table["tag"])
    y = task.encoded(data)
    train = np.flatnonzero(y[:, 1] < y[-1, 1] * 3 // 4)
    given = learning(Tagger, Example(data, task, y, train))
    fitted = Tagger().fit(given, {**Tagger.defaults, **SMALL, **settings})
    outputs = fitted.predictor.predict(given.valid)
    decided = task.decide(outputs, Rule(), given.valid_y[:, 1])
    return task.metrics["sequence_accuracy"].score(given.valid_y, outputs, decided, given.valid_weight)


def test_an_lstm_remembers_the_first_step_until_the_last() -> None:
    assert _right(_far(), chain=False) > 0.9
    assert _right(_far(), chain=False, context="cnn") < 0.7  # one tag for all would be right in half


def test_a_chain_makes_sense_of_tags_that_follow_each_other() -> None:
    assert _right(_far(), context="cnn", epochs=40) > 0.9


def test_n_best_taggings_are_those_of_the_net() -> None:
    run = assay.fit(_far(60), task="tagging", families=["tagger"], folds=2, time=0)
    (ways,) = run.n_best(pl.DataFrame({"sequence": [0, 0, 0], "word": ["up", "a", "b"]}), 3)
    assert ways[0].tags == ("up", "up", "up")
    assert ways[0].probability > ways[1].probability


def test_it_needs_rows_and_columns() -> None:
    given = case("steps")
    assert Tagger().refusal(given.data.schema, given.task, 20) == "a net needs 50 rows or more"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"context": "gru"}, "context = 'gru' among the settings of tagger"),
        ({"width": 0}, "width = 0"),
        ({"drop_words": 1.0}, "drop_words = 1.0"),
        ({"loss": "focal"}, "loss = 'focal', which is for classes(.|\n)*a loss for tags of sequences, such as chain"),
        ({"loss_options": {"gamma": 2}}, "the options gamma beside a loss"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Tagger().check(settings, Form.TAGS)


def test_its_model_is_a_net_with_facts() -> None:
    assert issubclass(Tagger.predictor, NetPredictor)
