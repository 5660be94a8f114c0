"""Threads that do not get in each other's way.

OpenMP threads that spin while they wait collapse when another process uses the CPU (measured: 12 times slower), so
they are told to sleep, before torch or LightGBM load, unless the user has set it otherwise.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def calm_threads() -> None:
    """Set passive waiting for OpenMP in the environment; to be called before the first import of torch or LightGBM."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.setdefault("KMP_BLOCKTIME", "1")


def usable_cores() -> int:
    """Number of cores that this process may run on."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@contextmanager
def blas_threads(count: int) -> Iterator[None]:
    """At most so many threads for linear algebra by NumPy and SciPy, then as before.

    Its libraries ask for all cores however many fits run beside each other, and then wait for each other.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(count, user_api="blas"):
        yield
