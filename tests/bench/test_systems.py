"""The contestants and their environments."""

from pathlib import Path

import pytest
from contest import systems
from contest.systems import SYSTEMS, System, prepare


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_each_has_its_script_and_its_requirements(system: System) -> None:
    assert system.script.is_file()
    assert system.is_assay or system.requirements.read_text().strip()


def test_an_environment_is_ready_only_for_the_requirements_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems, "ROOT", tmp_path)
    logistic = next(system for system in SYSTEMS if system.name == "logistic")
    assert not logistic.ready
    logistic.environment.mkdir(parents=True)
    seal = logistic.environment / "requirements.txt"
    seal.write_text(logistic.requirements.read_text())
    assert logistic.ready
    seal.write_text("numpy==1.0")
    assert not logistic.ready


def test_the_checkout_itself_needs_no_building() -> None:
    assay = next(system for system in SYSTEMS if system.name == "assay")
    assay.build()
    assert assay.ready


def test_an_environment_that_two_share_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    monkeypatch.setattr(System, "ready", property(lambda self: False))
    monkeypatch.setattr(System, "build", lambda self: built.append(self.environment.name))
    prepare(SYSTEMS, lambda line: None)
    assert sorted(built) == [".venv", "autogluon", "fasttext", "flaml", "lightgbm", "logistic"]
