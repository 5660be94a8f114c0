"""Silence takes every call that a listener takes, and says nothing."""

import pytest

from assay.core.progress import Progress, Silence


def test_silence_is_a_listener_that_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    listener: Progress = Silence()
    with listener.stage("Fitting", total=3):
        listener.step("linear")
        listener.say("done")
    with listener.stage("Reading"):
        listener.step()
    assert capsys.readouterr() == ("", "")


def test_an_error_inside_a_stage_is_not_swallowed() -> None:
    with pytest.raises(RuntimeError, match="inside"), Silence().stage("Fitting"):
        raise RuntimeError("inside")
