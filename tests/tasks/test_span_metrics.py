"""Scores of tagged sequences."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from assay.tasks import _span_metrics as m
from assay.tasks._spans import Scheme

TAGS = ("B-x", "B-y", "I-x", "I-y", "O")
SCHEME = Scheme.of(TAGS)
assert SCHEME is not None
Y = np.array([[0, 0], [2, 0], [4, 0], [1, 1], [4, 1], [4, 2]])
OUTPUTS = np.full((6, 5), 0.2)


def test_a_span_is_right_with_both_ends_and_its_type() -> None:
    assert SCHEME is not None
    span_f1 = m.span_f1(SCHEME)
    right, short, other = (np.array(tags) for tags in ([0, 2, 4, 1, 4, 4], [0, 4, 4, 1, 4, 4], [0, 2, 4, 0, 4, 4]))
    assert span_f1.score(Y, OUTPUTS, right, np.ones(6)) == 1.0
    assert span_f1.score(Y, OUTPUTS, short, np.ones(6)) == 0.5
    assert span_f1.score(Y, OUTPUTS, other, np.ones(6)) == 0.5
    assert span_f1.score(Y, OUTPUTS, np.full(6, 4), np.ones(6)) == 0.0
    nothing = np.array([[4, 0]])
    assert span_f1.score(nothing, OUTPUTS[:1], np.array([4]), np.ones(1)) == 0.0


def test_weights_are_those_of_the_first_steps() -> None:
    assert SCHEME is not None
    weight = np.array([3.0, 1, 1, 1, 1, 1])
    decided = np.array([0, 2, 4, 4, 4, 4])
    assert m.span_f1(SCHEME).score(Y, OUTPUTS, decided, weight) == pytest.approx(2 * 3 / (3 + 4))


def test_counts_by_type_add_up() -> None:
    assert SCHEME is not None
    found, said, true = m.span_counts(SCHEME, Y, np.array([0, 2, 4, 0, 4, 1]), np.ones(6))
    assert (found.tolist(), said.tolist(), true.tolist()) == ([1.0, 0.0], [2.0, 1.0], [1.0, 1.0])


def test_steps_and_sequences() -> None:
    decided, weight = np.array([0, 2, 4, 1, 0, 4]), np.arange(1.0, 7.0)
    given = (Y, OUTPUTS, decided, weight)
    assert m.token_accuracy(*given) == pytest.approx(accuracy_score(Y[:, 0], decided, sample_weight=weight))
    assert m.sequence_accuracy(*given) == pytest.approx((1 + 6) / (1 + 4 + 6))
    assert m.log_loss(*given) == pytest.approx(np.log(5))
