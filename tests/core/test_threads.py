"""Waiting threads sleep, unless the user said otherwise; cores that we may not use are not counted."""

import os

import numpy
import pytest
from threadpoolctl import threadpool_info

from assay.core.threads import blas_threads, calm_threads, usable_cores


def test_threads_are_calmed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"):
        monkeypatch.setenv(name, "")  # so that monkeypatch takes away what is set below
        monkeypatch.delenv(name)
    calm_threads()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert os.environ["GOMP_SPINCOUNT"] == "1000"


def test_what_the_user_set_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    monkeypatch.setenv("KMP_BLOCKTIME", "200")
    calm_threads()
    assert [os.environ[name] for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")] == [
        "ACTIVE",
        "7",
        "200",
    ]


def test_only_cores_of_this_process_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3}, raising=False)
    assert usable_cores() == 1


def test_without_affinity_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert usable_cores() == 1


def test_linear_algebra_keeps_to_its_threads_for_a_while() -> None:
    numpy.linalg.norm(numpy.eye(2))  # what is not loaded cannot be asked

    def counts() -> set[int]:
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    before = counts()
    with blas_threads(1):
        assert counts() == {1}
    assert counts() == before
