"""The chain of tags as a family."""

import numpy as np
import polars as pl
import pytest

import assay
from assay.core.errors import RunError
from assay.families._chained import sequence_of
from assay.families._design import Weights
from assay.families.crf import ChainPredictor, Crf
from assay.features._base import Matrix
from assay.tasks.multiclass import Multiclass
from assay.testing._examples import case


def _table(rows: int = 80) -> pl.DataFrame:
    """Words that mean nothing by themselves: their tag is that of the first word of the sentence."""
    draw = np.random.default_rng(0)
    steps = []
    for number in range(rows):
        first = draw.choice(["up", "down"])
        steps += [(number, first, first)] + [(number, word, first) for word in draw.choice(list("abcdefgh"), 6)]
    return pl.DataFrame(steps, schema=["sequence", "word", "tag"], orient="row")


def test_tags_tell_of_each_other_beyond_the_window() -> None:
    run = assay.fit(_table(), task="tagging", families=["crf"], folds=3, time=0)
    assert run.evidence.scores["sequence_accuracy"] > 0.9


def test_words_never_seen_are_tagged_by_their_ends() -> None:
    draw = np.random.default_rng(1)
    words = [f"{''.join(draw.choice(list('bcdfg'), 3))}{end}" for end in ("ing", "ed") * 60]
    tags = ["V" if word.endswith("ing") else "P" for word in words]
    table = pl.DataFrame({"sequence": np.arange(120) // 3, "word": words, "tag": tags})
    run = assay.fit(table, task="tagging", families=["crf"], folds=2, time=0)
    new = pl.DataFrame({"sequence": [0, 0], "word": ["zzzing", "zzzed"]})
    assert run.predict(new).tolist() == ["V", "P"]


def test_numbers_are_steps_as_well() -> None:
    draw = np.random.default_rng(2)
    kind = np.repeat(draw.integers(0, 2, 60), 5)
    table = pl.DataFrame(
        {"id": np.repeat(np.arange(60), 5), "level": kind * 2.0 + draw.normal(0, 1.2, 300), "state": kind}
    )
    run = assay.fit(table, "state", task="tagging", sequence="id", families=["crf"], folds=3, time=0)
    alone = assay.fit(table.drop("id"), "state", families=["linear"], folds=3, time=0, metric="accuracy")
    assert run.evidence.scores["token_accuracy"] > alone.evidence.scores["accuracy"] + 0.03


def test_it_is_for_tags() -> None:
    schema = case("steps").data.schema
    assert Crf().refusal(schema, Multiclass(("a", "b", "c"), "text"), 100) == "it does not learn one class of a row"


def test_rows_without_sequences_are_by_themselves() -> None:
    matrix = Matrix(np.zeros((3, 1), np.float32), np.zeros((3, 0), np.int32), None)
    assert sequence_of(matrix).tolist() == [0, 1, 2]
    weights = Weights(np.zeros((1, 2), np.float32), np.array([1.0, 0.0], np.float32))
    outputs = ChainPredictor(weights, np.zeros((4, 2), np.float32)).predict(matrix)
    assert outputs[:, 0] == pytest.approx(np.full(3, 1 / (1 + np.exp(-1))), abs=1e-6)


def test_scores_of_other_shapes_are_refused() -> None:
    state = {"columns": np.zeros((1, 2), np.float32), "intercept": np.zeros(2, np.float32)}
    with pytest.raises(RunError, match="a chain of 2 tags"):
        ChainPredictor.from_state({**state, "between": np.zeros((3, 2), np.float32)})
