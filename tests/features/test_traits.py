"""What words show besides themselves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assay.features._traits import hash_of, mixed, traits_of


def test_ends_and_beginnings_are_in_small_letters_and_the_word_is_not() -> None:
    one, two = traits_of("Running"), traits_of("RUNNING")
    assert one["end3"] == two["end3"] == hash_of("ing")
    assert one["begin2"] == hash_of("ru")
    assert one["lower"] == two["lower"]
    assert one["word"] != two["word"]


def test_shapes_are_alike_for_words_that_look_alike() -> None:
    shown = {"Anna": "Xxx", "McDonald": "XxXxx", "1000s": "00x", "U.N.": "X.X.", "ab": "xx", "x-1": "x-0", "": ""}
    for word, shape in shown.items():
        assert traits_of(word)["shape"] == hash_of(shape)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50, unique=True), st.integers(0, 2**70))
def test_mixing_keeps_different_hashes_different(values: list[int], salt: int) -> None:
    found = mixed(np.array(values, np.uint64), salt)
    assert len(set(found.tolist())) == len(values)


def test_each_salt_mixes_in_another_way() -> None:
    values = np.array([hash_of(str(number)) for number in range(100)], np.uint64)
    assert not np.isin(mixed(values, 1), mixed(values, 2)).any()
