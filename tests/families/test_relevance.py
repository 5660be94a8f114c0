"""Binary relevance."""

from dataclasses import replace

import numpy as np
import pytest

import assay
from assay.core.errors import RunError
from assay.families.relevance import FLOOR, Relevance, RelevancePredictor
from assay.testing._examples import case, labels
from assay.testing.families import learning
from tests.conftest import real_data


def test_rows_in_which_a_label_is_not_known_do_not_count_for_it() -> None:
    given = learning(Relevance, case("three labels"))
    known = np.isfinite(given.y[:, 0])
    assert not known.all()
    rows = np.flatnonzero(known)
    fewer = replace(given, train=given.train.rows(rows), y=given.y[rows], weight=given.weight[rows])
    both = (Relevance().fit(one, Relevance.defaults).predictor.predict(given.valid)[:, 0] for one in (given, fewer))
    np.testing.assert_array_equal(*both)


def test_a_label_that_every_row_has_is_answered_by_its_share() -> None:
    given = learning(Relevance, case("three labels"))
    y = given.y.copy()
    y[:, 1] = 1.0
    outputs = Relevance().fit(replace(given, y=y), Relevance.defaults).predictor.predict(given.valid)
    assert outputs[:, 1] == pytest.approx((len(y) + 1) / (len(y) + 2))
    assert np.ptp(outputs[:, 0]) > 0.5


def test_outputs_are_never_certain() -> None:
    given = learning(Relevance, case("three labels"))
    predictor = Relevance().fit(given, Relevance.defaults).predictor
    for part in predictor.parts.predictors:
        part.weights.intercept[:] = 100.0
    assert (predictor.predict(given.valid) == 1 - FLOOR).all()


def test_texts_are_read_by_the_model_that_is_best_at_them() -> None:
    for columns, base in ((("text",), "nbsvm"), (("number",), "linear")):
        made = labels(columns=columns)
        (variant,) = Relevance().variants(made.data.schema, made.task, 500)
        assert variant["base"] == base


def test_a_state_without_parts() -> None:
    with pytest.raises(RunError, match="'parts' is NoneType"):
        RelevancePredictor.from_state({"base": "linear"})


def test_labels_of_scenes_are_learned() -> None:
    path = real_data("tabular_multilabel/emotions/train.parquet")
    run = assay.fit(path, "label_*", families=["relevance"], folds=3, threads=1, time=0)
    assert run.evidence.scores["micro_f1"] > 0.62
    assert len(run.predict(real_data("tabular_multilabel/emotions/test.parquet"))) == 202
