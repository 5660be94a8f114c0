"""Predictors of chains give marginals."""

import numpy as np

from assay.families._chained import sequence_of
from assay.families._design import Weights
from assay.families.crf import ChainPredictor
from assay.features._base import Matrix


def matrix(n: int, sequence: np.ndarray | None = None) -> Matrix:
    return Matrix(np.zeros((n, 1), np.float32), np.zeros((n, 0), np.int32), None, sequence=sequence)


def chain() -> ChainPredictor:
    """Two tags of which each is followed by the other one."""
    between = np.array([[-9, 9], [9, -9], [3, 0], [0, 0]], np.float32)
    return ChainPredictor(Weights(np.zeros((1, 2), np.float32), np.zeros(2, np.float32)), between)


def test_steps_of_a_sequence_tell_of_each_other() -> None:
    outputs = chain().predict(matrix(4, np.zeros(4, np.int64)))
    assert outputs.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert np.allclose(outputs.sum(axis=1), 1)


def test_no_tag_is_impossible_and_no_rows_give_none() -> None:
    assert chain().predict(matrix(40, np.zeros(40, np.int64))).min() > 1e-7
    assert chain().predict(matrix(0)).shape == (0, 2)


def test_rows_without_sequences_are_by_themselves() -> None:
    assert sequence_of(matrix(3)).tolist() == [0, 1, 2]
    outputs = chain().predict(matrix(3))
    assert np.allclose(outputs, outputs[0])
