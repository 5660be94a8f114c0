"""Words of a sequence as features."""

import numpy as np
import polars as pl

from assay.data.dataset import Dataset
from assay.data.schema import Column, Kind, Role, Schema
from assay.features._base import Target
from assay.features.windows import Windows

SCHEMA = Schema(
    (Column("word", Kind.TEXT, Role.FEATURE, "made up"), Column("id", Kind.CATEGORICAL, Role.SEQUENCE, "made up"))
)


def dataset(words: list[str], sequence: list[str]) -> Dataset:
    return Dataset(pl.DataFrame({"word": words, "id": sequence}), SCHEMA)


def fitted(data: Dataset, least: int = 1) -> Windows:
    rows = np.arange(len(data))
    return Windows(least=least).fit(data, ("word",), rows, Target(np.zeros((len(data), 2), np.int64), 2))


def seen_as(encoder: Windows, data: Dataset) -> np.ndarray:
    found: np.ndarray = encoder.transform(data, np.arange(len(data))).toarray()
    return found


def test_the_same_word_in_the_same_company_has_the_same_features() -> None:
    data = dataset(["the", "cat", "the", "cat", "a", "cat"], ["0", "0", "1", "1", "2", "2"])
    block = fitted(data).transform(data, np.arange(6)).toarray()
    assert np.array_equal(block[1], block[3])
    assert not np.array_equal(block[1], block[5])
    assert set(block.ravel().tolist()) == {0.0, 1.0}


def test_neighbours_of_other_sequences_are_not_seen() -> None:
    one = dataset(["the", "cat", "sat"], ["0", "0", "1"])
    other = dataset(["the", "cat", "ran"], ["0", "0", "1"])
    encoder = fitted(one)
    assert np.array_equal(
        encoder.transform(one, np.array([1])).toarray(), encoder.transform(other, np.array([1])).toarray()
    )
    together = dataset(["the", "cat", "ran"], ["0", "0", "0"])
    assert not np.array_equal(
        encoder.transform(one, np.array([1])).toarray(), encoder.transform(together, np.array([1])).toarray()
    )


def test_a_word_never_seen_still_shows_its_end_and_shape() -> None:
    data = dataset(["walking", "talking"], ["0", "1"])
    encoder = fitted(data)
    seen = encoder.transform(dataset(["balking"], ["0"]), np.array([0]))
    assert 5 < seen.nnz < encoder.transform(data, np.array([0])).nnz


def test_rare_features_are_left_out() -> None:
    data = dataset(["a", "a", "a", "once"], ["0", "1", "2", "3"])
    assert len(fitted(data, least=3).feature_names) < len(fitted(data, least=1).feature_names)
    assert fitted(data, least=3).transform(data, np.array([0])).nnz > 0


def test_no_rows_and_no_words() -> None:
    data = dataset(["a", "b"], ["0", "0"])
    encoder = fitted(data, least=99)
    assert encoder.transform(data, np.arange(2)).shape == (2, 0)
    assert fitted(data).transform(dataset([], []), np.zeros(0, np.int64)).shape[0] == 0


def test_it_survives_files() -> None:
    data = dataset(["a", "b", "a"], ["0", "0", "1"])
    encoder = fitted(data)
    again = Windows.from_state(encoder.state())
    assert np.array_equal(
        again.transform(data, np.arange(3)).toarray(), encoder.transform(data, np.arange(3)).toarray()
    )
