"""A run on disk."""

from pathlib import Path

import pytest

from assay.core.errors import OutputError, RunError
from assay.fitting.about import describe
from assay.fitting.assembly import Outcome
from assay.fitting.run import RunFolder
from tests.fitting.conftest import made_table, made_work

ABOUT = describe(made_work(made_table()), "made.csv")


@pytest.fixture
def finished(outcome: Outcome, tmp_path: Path) -> RunFolder:
    """A finished run of one's own."""
    run = RunFolder(tmp_path / "run")
    run.begin(outcome.plan, ABOUT)
    run.finish(outcome, ABOUT)
    return run


def test_what_was_written_is_read(finished: RunFolder, outcome: Outcome) -> None:
    run = RunFolder.open(finished.path)
    assert run.plan == outcome.plan
    assert run.about == ABOUT
    assert run.evidence.score == outcome.evidence.score
    assert len(run.model.members) == len(outcome.model.members)
    assert {file.name for file in run.path.iterdir()} == {"plan.toml", "data.json", "evidence", "model"}


def test_a_run_begun_can_be_resumed_and_is_not_free(outcome: Outcome, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.begin(outcome.plan, {})
    assert run.is_begun
    assert not run.is_finished
    with pytest.raises(OutputError, match=r"a folder that is not empty at [\s\S]*--resume"):
        run.check_free()
    with pytest.raises(RunError, match=r"a run whose fit did not finish[\s\S]*--resume"):
        RunFolder.open(run.path)


def test_what_killed_writes_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".plan.toml.1234abcd").write_text("half")
    RunFolder(tmp_path / "run").check_free()


def test_places_that_are_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.txt").write_text("x")
    with pytest.raises(OutputError, match=r"a file at [\s\S]*--out"):
        RunFolder(tmp_path / "file").check_free()
    with pytest.raises(OutputError, match="a folder that is not empty"):
        RunFolder(tmp_path / "folder").check_free()


def test_folders_that_are_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no folder [\s\S]*check the path"):
        RunFolder.open(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"no plan.toml in"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize("name", ["notes.pkl", "model.joblib", "net.pt", "innocent.bin", "rows.pkl.gz"])
def test_a_pickle_at_the_top_is_refused(finished: RunFolder, name: str) -> None:
    (finished.path / name).write_bytes(b"\x80\x04\x95\x10\x00\x00\x00")
    with pytest.raises(RunError, match=r"a pickle in a run folder: [\s\S]*never writes or reads one"):
        RunFolder.open(finished.path)


def test_rows_that_a_person_keeps_beside_the_run_are_welcome(finished: RunFolder) -> None:
    (finished.path / "labelled.csv.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (finished.path / "labelled.csv").write_text("a,b\n")
    RunFolder.open(finished.path)


def test_spoiled_data_json(finished: RunFolder) -> None:
    (finished.path / "data.json").write_text("{")
    with pytest.raises(RunError, match=r"damaged files in [\s\S]*data.json"):
        _ = RunFolder.open(finished.path).about
