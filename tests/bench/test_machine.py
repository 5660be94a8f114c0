"""What the page says of the machine."""

import platform
import subprocess
import sys

from contest import machine


def test_the_machine_is_described_without_its_name() -> None:
    said = machine.describe()
    assert "cores" in said
    assert "GiB of memory" in said
    assert platform.node() not in said or not platform.node()


def test_a_median_of_runs_and_none_where_it_fails() -> None:
    taken = iter([9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    assert machine._median(lambda: next(taken)) == 4.0

    def fails() -> float:
        subprocess.run([sys.executable, "-c", "raise SystemExit(1)"], check=True)
        return 0.0

    assert machine._median(fails) is None
