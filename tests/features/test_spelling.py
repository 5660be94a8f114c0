"""Words of steps as hashes and letters."""

from typing import Any

import numpy as np
import pytest

from assay.core.errors import RunError
from assay.data.dataset import Dataset
from assay.data.schema import Kind
from assay.features.spelling import HASHES, TRAITS, Spelling
from tests.features.tables import table, target

WIDTH = len(TRAITS) + 4


def fitted(data: Dataset, rows: list[int] | None = None) -> Spelling:
    known = np.arange(len(data)) if rows is None else np.array(rows)
    return Spelling(letters=4).fit(data, data.table.columns, known, target(np.zeros(len(data))))


def spelled(encoder: Spelling, data: Dataset) -> Any:
    return encoder.transform(data, np.arange(len(data))).ids


def test_words_that_share_a_trait_share_its_number() -> None:
    data = table(Kind.TEXT, word=["Walking", "talking", "walking"])
    ids = spelled(fitted(data), data)
    traits = dict(zip(TRAITS, ids[:, : len(TRAITS)].T, strict=True))
    assert traits["lower"][0] == traits["lower"][2] != traits["lower"][1]
    assert len(set(traits["end3"].tolist())) == 1
    assert traits["shape"][1] == traits["shape"][2] != traits["shape"][0]
    assert ids.dtype == np.int32
    assert 0 < ids.min() <= ids.max() <= HASHES


def test_the_same_text_has_another_number_in_each_place() -> None:
    data = table(Kind.TEXT, word=["abc"])  # its beginning, its end and itself
    ids = spelled(fitted(data), data)[0, : len(TRAITS)]
    assert len(set(ids.tolist())) == len(TRAITS)


def test_what_training_rows_do_not_show_is_zero() -> None:
    data = table(Kind.TEXT, word=["jumping", "zzzing"])
    ids = dict(zip(TRAITS, spelled(fitted(data, rows=[0]), data)[1, : len(TRAITS)].tolist(), strict=True))
    assert (ids["lower"], ids["begin3"]) == (0, 0)
    assert ids["end3"] > 0
    assert ids["shape"] > 0


def test_letters_are_numbered_and_long_words_keep_both_ends() -> None:
    data = table(Kind.TEXT, word=["ab", "abcdef", "é漢", None])
    letters = spelled(fitted(data), data)[:, len(TRAITS) :]
    assert letters[0].tolist() == [ord("a") + 1, ord("b") + 1, 0, 0]
    assert letters[1].tolist() == [ord(sign) + 1 for sign in "abef"]
    assert (letters[2, :2] > 128).all()
    assert letters.max() < 256
    assert letters[3].tolist() == [0, 0, 0, 0]


def test_columns_stand_beside_each_other() -> None:
    data = table(Kind.TEXT, word=["a", "b"], lemma=["b", "a"])
    ids = spelled(fitted(data), data)
    assert ids.shape == (2, 2 * WIDTH)
    assert ids[0, :WIDTH].tolist() == ids[1, WIDTH:].tolist()


def test_a_state_with_too_few_lists_is_refused() -> None:
    data = table(Kind.TEXT, word=["a"])
    with pytest.raises(RunError, match="0 lists of hashes for 1 columns"):
        Spelling.from_state({**fitted(data).state(), "keys": []})


def test_a_state_of_words_without_letters_is_refused() -> None:
    data = table(Kind.TEXT, word=["a"])
    with pytest.raises(RunError, match="words as 0 letters"):
        Spelling.from_state({**fitted(data).state(), "letters": 0})
