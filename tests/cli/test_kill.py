"""A fit that is killed at any moment goes on with `--resume`, and ends with the model that it would have had."""

import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from assay.cli._app import app

KILLS = 10
PATIENCE = 60
_ASSAY = (sys.executable, "-c", "from assay.cli import main; main()")


def _start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*_ASSAY, *words], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _fit(out: str, families: str = "linear,boosted") -> tuple[str, ...]:
    return ("fit", "mail.csv", "-t", "label", "-o", out, "--families", families, "--folds", "3", "--threads", "1",
            "--time", "600", "--seed", "5", "--json")  # fmt: skip


def _finish(folder: Path, words: Sequence[str]) -> float:
    begun = monotonic()
    process = _start(folder, *words)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    return monotonic() - begun


def _model(run: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((run / "model").iterdir())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data that take a moment to fit."""
    place, draw = tmp_path_factory.mktemp("kill"), np.random.default_rng(0)
    y = draw.integers(0, 2, 200)
    columns = {f"x{i}": (draw.normal(size=200) + y * (i < 3)).round(3) for i in range(6)}
    pl.DataFrame({**columns, "label": np.where(y == 1, "spam", "ham")}).write_csv(place / "mail.csv")
    return place


@pytest.mark.timeout(180)
def test_a_fit_killed_at_any_moment_ends_with_the_same_model(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = _finish(folder, _fit("whole"))
    moments = random.Random(0)
    # One in the first moments, when nothing stands yet; the others anywhere in the time that a whole fit takes.
    waits = [0.05, *(seconds * moments.uniform(k, k + 1) / (KILLS - 1) for k in range(KILLS - 1))]

    def killed(number: int) -> bool:
        process = _start(folder, *_fit(f"killed-{number}"))
        sleep(waits[number])
        process.kill()
        process.communicate(timeout=PATIENCE)
        return process.returncode == -signal.SIGKILL

    with ThreadPoolExecutor(2) as pool:
        cut_off = sum(pool.map(killed, range(KILLS)))
    assert cut_off >= KILLS // 2
    monkeypatch.chdir(folder)
    for number in range(KILLS):
        out = f"killed-{number}"
        resumed = CliRunner().invoke(app, [*_fit(out), "--resume"])  # in this process: ten more would take a while
        assert resumed.exit_code == 0, resumed.stderr
        assert _model(folder / out) == _model(folder / "whole"), waits[number]
        assert {file.name for file in (folder / out).iterdir()} == {"plan.toml", "data.json", "evidence", "model"}


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_fit_that_is_asked_to_stop_says_how_to_go_on(asked: signal.Signals, folder: Path) -> None:
    out = f"stopped-{asked.name}"
    process = _start(folder, *_fit(out))
    until = monotonic() + PATIENCE
    while not (folder / out / "checkpoint").exists() and process.poll() is None and monotonic() < until:
        sleep(0.005)
    process.send_signal(asked)
    printed, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, printed) == (130, ""), told
    assert f"assay fit mail.csv --out {out} --resume" in told and "Traceback" not in told
    _finish(folder, ("fit", "mail.csv", "--out", out, "--resume"))
    assert (folder / out / "model").is_dir()


def test_a_fit_that_is_stopped_before_it_began_writes_nothing(folder: Path) -> None:
    process = _start(folder, *_fit("early"))
    sleep(0.3)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=PATIENCE)
    if (folder / "early" / "plan.toml").exists():
        pytest.skip("this machine had begun within 0.3 s")
    assert (process.returncode, printed) in ((130, ""), (-signal.SIGINT, ""))
    assert not (folder / "early").exists()
