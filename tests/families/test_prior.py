import numpy as np
import pytest

from assay.core.errors import RunError
from assay.families.prior import Prior, PriorPredictor
from tests.families.linear_cases import learning, matrix, rows, schema, task


def test_it_gives_the_weighted_frequencies_to_every_row():
    X, y = rows(n=200)
    weight = np.where(y == 0, 3.0, 1.0)
    found = Prior().fit(learning(matrix(dense=X), y, 3, weight=weight), {})
    outputs = found.predictor.predict(matrix(dense=X[:5]))
    expected = np.bincount(y, weights=weight) + 1
    np.testing.assert_allclose(outputs, np.tile(expected / expected.sum(), (5, 1)))
    assert found.fixed == {}


def test_it_serves_any_data_and_reads_no_feature():
    assert Prior().unfit_for(schema(), task(2), 2) is None
    assert Prior().recipe(schema(), task(2), {}).encoders == ()
    assert Prior.baseline


def test_state_round_trip_and_a_damaged_state():
    state = PriorPredictor(np.array([0.25, 0.75])).state()
    again = PriorPredictor.from_state(state)
    assert again.predict(matrix(dense=np.zeros((1, 0)))).tolist() == [[0.25, 0.75]]
    with pytest.raises(RunError, match="outputs"):
        PriorPredictor.from_state({"outputs": "0.5"})
