import numpy as np
import pytest
from scipy.sparse import csr_array, hstack, random_array

from assay.data.schema import Kind
from assay.families.linear import Linear
from assay.families.nbsvm import NBSVM, log_count_ratio
from tests.families.linear_cases import learning, matrix, schema, task, words

FAMILY = NBSVM()


def test_ratio_is_that_of_the_paper():
    texts = matrix(sparse=np.array([[0.5, 0.0, 0.1], [0.2, 0.3, 0.0], [0.0, 0.9, 0.0]])).sparse
    ratio = log_count_ratio(texts, np.array([1, 1, 0]), np.ones(3), 2, 1.0)
    p, q = np.array([3, 2, 2]) / 7, np.array([1, 2, 1]) / 4
    np.testing.assert_allclose(ratio[:, 0], np.log(p / q), rtol=1e-6)


def test_ratio_counts_weights_and_has_a_column_for_each_class():
    X, y = words(n=30)
    twice = log_count_ratio(matrix(sparse=X[np.r_[:30, :10]]).sparse, y[np.r_[:30, :10]], np.ones(40), 3, 1.0)
    weighted = log_count_ratio(matrix(sparse=X).sparse, y, np.where(np.arange(30) < 10, 2.0, 1.0), 3, 1.0)
    assert twice.shape == (X.shape[1], 3)
    np.testing.assert_allclose(twice, weighted, atol=1e-6)


@pytest.mark.parametrize("k", [2, 3])
def test_it_beats_the_plain_model_where_few_words_tell(k):
    telling, y = words(n=600, s=200, k=k)
    noise = 0.3 * (random_array((600, 4_000), density=0.02, rng=1) > 0)
    X = csr_array(hstack([telling, noise]))
    train, valid = matrix(sparse=X[:300]), matrix(sparse=X[300:])
    asked = learning(train, y[:300], k, valid=valid, valid_y=y[300:])
    losses = []
    for family in (FAMILY, Linear()):
        outputs = family.fit(asked, family.defaults).predictor.predict(valid)
        np.testing.assert_allclose(outputs.sum(axis=1), 1)
        losses.append(-np.log(outputs[np.arange(300), y[300:]]).mean())
    assert losses[0] < losses[1]


def test_fixed_makes_the_same_fit():
    X, y = words()
    found = FAMILY.fit(learning(matrix(sparse=X), y, 3), FAMILY.defaults)
    again = FAMILY.fit(learning(matrix(sparse=X), y, 3, seconds=0), {**FAMILY.defaults, **found.fixed})
    np.testing.assert_array_equal(again.predictor.weights.columns, found.predictor.weights.columns)
    assert found.notes["reads"] == "text columns only"


def test_it_says_why_it_cannot_serve():
    assert FAMILY.unfit_for(schema(Kind.NUMERIC), task(2), 100) == "there is no text column"
    assert "61 classes" in (FAMILY.unfit_for(schema(Kind.TEXT), task(61), 1_000) or "")
    assert FAMILY.unfit_for(schema(Kind.TEXT, Kind.NUMERIC), task(60), 1_000) is None


def test_it_shares_the_encodings_of_linear_on_text():
    text = schema(Kind.TEXT)
    plain = Linear().recipe(text, task(2), Linear().defaults)
    assert FAMILY.recipe(text, task(2), FAMILY.defaults).key == plain.key


def test_ratio_of_labels_counts_rows_with_and_without_one_where_it_is_known():
    texts = matrix(sparse=np.array([[0.5, 0.0, 0.1], [0.2, 0.3, 0.0], [0.0, 0.9, 0.0]])).sparse
    y = np.array([[1.0, 0.0], [1.0, np.nan], [0.0, 1.0]])
    ratio = log_count_ratio(texts, y, np.ones(3), 2, 1.0)
    first = log_count_ratio(texts, np.array([1, 1, 0]), np.ones(3), 2, 1.0)
    second = log_count_ratio(matrix(sparse=texts.toarray()[[0, 2]]).sparse, np.array([0, 1]), np.ones(2), 2, 1.0)
    np.testing.assert_allclose(ratio, np.hstack([first, second]), rtol=1e-6)
