"""What holds for each of the scikit-learn estimators: names of columns, their number, frames beside arrays."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.datasets import load_iris

from assay import AssayClassifier, AssayRegressor


@pytest.fixture(params=[AssayClassifier, AssayRegressor])
def model(request: pytest.FixtureRequest) -> Any:
    return request.param(families=("linear",), folds=3, threads=1)


def test_other_columns_than_those_of_training_are_refused(model: Any) -> None:
    X, y = load_iris(return_X_y=True)
    named = pd.DataFrame(X, columns=list("abcd"))
    model.fit(named, y)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(named.rename(columns={"c": "body"}))
    with pytest.raises(ValueError, match=rf"3 features, but {type(model).__name__} is expecting 4"):
        model.fit(X, y).predict(np.ones((3, 3)))


def test_where_one_side_has_no_names_columns_go_by_position(model: Any) -> None:
    X, y = load_iris(return_X_y=True)
    expected = model.fit(X, y).predict(X)
    np.testing.assert_array_equal(model.predict(pd.DataFrame(X)), expected)
    np.testing.assert_array_equal(model.fit(pd.DataFrame(X), y).predict(X), expected)
    named = pd.DataFrame(X, columns=list("dcba"))
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        found = model.fit(named, y).predict(X)
    np.testing.assert_array_equal(found, expected)
    assert named.columns.tolist() == list("dcba")


def test_columns_in_another_order_are_refused(model: Any) -> None:
    X, y = load_iris(return_X_y=True)
    named = pd.DataFrame(X, columns=list("abcd"))
    model.fit(named, y)
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(named[list("dcba")])


def test_rows_and_truths_differ_in_number(model: Any) -> None:
    X, y = load_iris(return_X_y=True)
    for rows in (X, pd.DataFrame(X)):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[150, 60\]"):
            model.fit(rows, y[:60])


def test_sparse_input_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="dense data is required"):
        model.fit(csr_array(np.eye(20)), np.arange(20) % 2)
