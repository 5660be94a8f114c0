"""What all tests share: real data and a browser where they are to be had, and a calm Hypothesis."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))

settings.register_profile(
    "calm",
    deadline=None,
    derandomize=True,
    max_examples=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("long", parent=settings.get_profile("calm"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "calm"))


def real_data(name: str) -> Path:
    """A file or folder of the real data sets, e.g. ``"tabular/adult/train.parquet"``; skips where there is none."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no real data at {path}; the environment variable ASSAY_DATA names their folder")
    return path


@pytest.fixture(name="real_data")
def _real_data():  # type: ignore[no-untyped-def]
    """The function `real_data`, for tests that would rather not import it."""
    return real_data


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; skips where there is none."""
    path = os.environ.get("ASSAY_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None or not Path(path).exists():
        pytest.skip("no Chromium: apt-get install chromium, or name one in the environment variable ASSAY_CHROMIUM")
    return path
