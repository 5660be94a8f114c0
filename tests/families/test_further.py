"""Further rows of a design are linear too."""

import numpy as np
import pytest

from assay.families._design import make_design
from assay.families._further import FurtherDesign
from assay.features._base import Matrix

K = 3


def test_the_design_is_linear_and_its_backward_is_its_transpose() -> None:
    random = np.random.default_rng(3)
    matrix = Matrix(random.normal(size=(5, 2)).astype(np.float32), np.zeros((5, 0), np.int32), None)
    design = FurtherDesign.over(make_design(matrix, np.ones(5)), K + 2, 1 / K)
    one = random.normal(size=(design.width, K)).astype(np.float32)
    other = random.normal(size=(5 + K + 2, K)).astype(np.float32)
    assert float((design.forward(one) * other).sum()) == pytest.approx(
        float((one * design.backward(other)).sum()), rel=1e-4
    )
