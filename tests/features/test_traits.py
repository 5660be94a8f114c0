"""What words show besides themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import RunError
from assay.features._traits import hash_of, mixed, take_keys, traits_of, traits_of_all


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


@given(st.lists(st.text(max_size=3), max_size=20))
def test_each_word_has_the_traits_of_its_own(words: list[str]) -> None:
    known, codes, traits = traits_of_all(words)
    assert len(set(known)) == len(known)
    assert [known[code] for code in codes] == words
    assert {name: found[codes].tolist() for name, found in traits.items()} == {
        name: [traits_of(word)[name] for word in words] for name in traits_of("")
    }


def test_keys_are_read_as_they_were_kept_and_damage_is_seen() -> None:
    keys = [np.array([3, 5], np.uint64), np.zeros(0, np.uint64)]
    read = take_keys({"keys": keys}, ("word", "lemma"), np.uint64)
    assert [found.tolist() for found in read] == [[3, 5], []]
    with pytest.raises(RunError, match="2 lists of hashes for 1 columns"):
        take_keys({"keys": keys}, ("word",), np.uint64)
    with pytest.raises(RunError, match="uint64 with 1 axes"):
        take_keys({"keys": keys}, ("word", "lemma"), np.int32)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50, unique=True), st.integers(0, 2**70))
def test_mixing_keeps_different_hashes_different(values: list[int], salt: int) -> None:
    found = mixed(np.array(values, np.uint64), salt)
    assert len(set(found.tolist())) == len(values)


def test_each_salt_mixes_in_another_way() -> None:
    values = np.array([hash_of(str(number)) for number in range(100)], np.uint64)
    assert not np.isin(mixed(values, 1), mixed(values, 2)).any()
