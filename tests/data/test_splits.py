"""Folds: every row tested once, nothing on both sides, and the same for the same seed."""

import time as time_of

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data.splits import make_folds


@given(
    rows=st.integers(4, 80),
    k=st.integers(2, 9),
    classes=st.integers(1, 5),
    seed=st.integers(0, 99),
    skip=st.integers(1, 3),
)
def test_every_row_is_tested_once_and_never_learned_from_then(
    rows: int, k: int, classes: int, seed: int, skip: int
) -> None:
    index = np.arange(0, rows * skip, skip)
    strata = np.random.default_rng(seed).integers(0, classes, rows * skip)
    folds = make_folds(index, k=k, seed=seed, strata=strata)
    assert np.array_equal(np.sort(np.concatenate([fold.valid for fold in folds])), index)
    for fold in folds:
        assert not set(fold.train) & set(fold.valid)
        assert np.array_equal(np.sort(np.r_[fold.train, fold.valid]), index)
        assert len(fold.train) and len(fold.valid)


@given(seed=st.integers(0, 200), k=st.integers(2, 8))
def test_classes_are_spread_evenly_however_rare(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    strata = np.r_[np.zeros(40, int), np.ones(2, int), np.full(9, 2)]
    random.shuffle(strata)
    for fold in make_folds(np.arange(51), k=k, seed=seed, strata=strata):
        for number, size in ((0, 40), (1, 2), (2, 9)):
            assert abs((strata[fold.valid] == number).sum() - size / k) < 1
        assert set(strata[fold.train]) == {0, 1, 2}


@given(seed=st.integers(0, 100), groups=st.integers(2, 20))
def test_no_group_stands_on_both_sides(seed: int, groups: int) -> None:
    random = np.random.default_rng(seed)
    group = np.r_[np.arange(groups), random.integers(0, groups, 60)]
    strata = random.integers(0, 2, len(group))
    folds = make_folds(np.arange(len(group)), k=5, seed=seed, strata=strata, groups=group)
    assert 2 <= len(folds) <= 5
    for fold in folds:
        assert not set(group[fold.train]) & set(group[fold.valid])
    assert np.array_equal(np.sort(np.concatenate([f.valid for f in folds])), np.arange(len(group)))


def test_groups_are_dealt_so_that_folds_are_alike() -> None:
    random = np.random.default_rng(0)
    group = random.integers(0, 60, 3000)
    strata = (random.random(3000) < 0.1 + 0.4 * (group % 3 == 0)).astype(int)
    folds = make_folds(np.arange(3000), k=5, seed=0, strata=strata, groups=group)
    for fold in folds:
        assert abs(len(fold.valid) - 600) < 60
        assert abs(strata[fold.valid].mean() - strata.mean()) < 0.03


def test_many_groups_take_no_time() -> None:
    group = np.arange(40_000) // 2
    started = time_of.perf_counter()
    make_folds(np.arange(40_000), k=5, seed=0, strata=group % 7, groups=group)
    assert time_of.perf_counter() - started < 1.5  # scikit-learn's StratifiedGroupKFold takes about two seconds


@given(seed=st.integers(0, 100), moments=st.integers(2, 40), k=st.integers(2, 6))
def test_time_only_runs_forward(seed: int, moments: int, k: int) -> None:
    time = np.random.default_rng(seed).integers(0, moments, 80).astype(float)
    time[:2] = [0.0, moments]
    folds = make_folds(np.arange(80), k=k, seed=seed, time=time)
    assert folds
    for fold in folds:
        assert time[fold.train].max() < time[fold.valid].min()
    tested = np.concatenate([fold.valid for fold in folds])
    assert len(set(tested)) == len(tested)


def test_the_same_seed_gives_the_same_folds_and_another_does_not() -> None:
    strata = np.arange(60) % 3
    first, again, other = (make_folds(np.arange(60), k=4, seed=seed, strata=strata) for seed in (1, 1, 2))
    assert all(np.array_equal(a.valid, b.valid) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a.valid, b.valid) for a, b in zip(first, other, strict=True))


def test_rows_of_unknown_time_are_in_no_fold() -> None:
    time = np.array([1.0, 2.0, np.nan, 3.0, 4.0, 5.0])
    folds = make_folds(np.arange(6), k=2, seed=0, time=time)
    assert all(2 not in fold.train and 2 not in fold.valid for fold in folds)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({}, "1 labelled rows"),
        ({"groups": np.zeros(1)}, "1 groups"),
        ({"time": np.zeros(1)}, "1 different moments"),
    ],
)
def test_too_little_to_split(given_: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(DataError, match=f"{message}[\\s\\S]*two or more"):
        make_folds(np.arange(1), k=3, seed=0, **given_)  # type: ignore[arg-type]


def test_a_single_split_tests_on_a_tenth() -> None:
    rows, classes = np.arange(200), np.arange(200) % 4
    (fold,) = make_folds(rows, k=1, seed=3, strata=classes)
    assert np.array_equal(np.sort(np.r_[fold.train, fold.valid]), rows)
    assert np.bincount(classes[fold.valid]).tolist() == [5, 5, 5, 5]


def test_a_single_split_by_time_tests_on_the_latest() -> None:
    (fold,) = make_folds(np.arange(100), k=1, seed=0, time=np.arange(100.0)[::-1].copy())
    assert fold.valid.max() < fold.train.min()
    assert 5 <= len(fold.valid) <= 15


def test_a_single_split_parts_no_group() -> None:
    groups = np.arange(120) // 8
    (fold,) = make_folds(np.arange(120), k=1, seed=0, groups=groups)
    assert not set(groups[fold.valid]) & set(groups[fold.train])
    assert len(fold.train) + len(fold.valid) == 120


@given(seed=st.integers(0, 50), k=st.integers(2, 6))
def test_each_label_is_spread_as_evenly_as_can_be(seed: int, k: int) -> None:
    labels = (np.random.default_rng(seed).random((240, 5)) < [0.5, 0.3, 0.1, 0.05, 0.02]).astype(np.int64)
    folds = make_folds(np.arange(240), k=k, seed=seed, strata=labels)
    held = np.array([labels[fold.valid].sum(axis=0) for fold in folds])
    assert np.abs(held - labels.sum(axis=0) / k).max() <= 3
    assert np.abs(held - labels.sum(axis=0) / k)[:, 2:].max() <= 1.5
    assert max(len(fold.valid) for fold in folds) - min(len(fold.valid) for fold in folds) <= 12


def test_groups_with_labels_stay_whole_and_even() -> None:
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(60), 4)
    labels = np.repeat((random.random((60, 3)) < 0.3).astype(np.int64), 4, axis=0)
    folds = make_folds(np.arange(240), k=3, seed=1, strata=labels, groups=group)
    assert all(not set(group[fold.train]) & set(group[fold.valid]) for fold in folds)
    held = np.array([labels[fold.valid].sum(axis=0) for fold in folds])
    assert np.abs(held - labels.sum(axis=0) / 3).max() <= 8
