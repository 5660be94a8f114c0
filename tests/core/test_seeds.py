"""One seed per purpose, the same on every machine and in every process."""

from hypothesis import given
from hypothesis import strategies as st

from assay.core.seeds import derive_seed


def test_seeds_are_the_same_for_ever() -> None:
    assert derive_seed(0, "boosted", "fold", 3) == 1595691713
    assert derive_seed(0) == 1726737503


def test_every_purpose_and_every_seed_has_its_own() -> None:
    seeds = {derive_seed(seed, name, fold) for seed in range(10) for name in ("linear", "mlp") for fold in range(10)}
    assert len(seeds) == 200


@given(st.integers(), st.lists(st.text() | st.integers()))
def test_seeds_suit_every_library(seed: int, purpose: list[object]) -> None:
    assert 0 <= derive_seed(seed, *purpose) < 2**31
