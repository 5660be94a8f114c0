"""Each section says what is true of its run, for two, three and sixty classes."""

import json

import pytest

from assay.report import (
    _again,
    _board,
    _calibration,
    _classes,
    _confusion,
    _curves,
    _data,
    _threshold,
    _verdict,
    _wrong,
)
from assay.report._facts import Facts
from assay.report._section import Section

MAKERS = (_again, _board, _calibration, _classes, _confusion, _curves, _data, _threshold, _verdict, _wrong)


@pytest.fixture(params=["two_facts", "three_facts", "sixty_facts"])
def facts(request: pytest.FixtureRequest) -> Facts:
    """Facts of each run in turn."""
    found: Facts = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("module", MAKERS, ids=lambda module: module.__name__.rpartition("_")[2])
def test_a_section_has_words_and_charts_that_are_plain_data(module: object, facts: Facts) -> None:
    section: Section | None = module.section(facts)  # type: ignore[attr-defined]
    if module is _threshold and not facts.is_binary:
        assert section is None
        return
    assert section is not None
    assert section.title and all(sentence.strip().endswith((".", ":")) for sentence in section.says)
    for chart in section.charts.values():
        spec = json.loads(json.dumps(chart.spec, allow_nan=False))
        assert chart.caption
        assert len(json.dumps(spec)) < 400_000


def test_the_board_lists_every_candidate_and_says_why_one_is_missing(three_facts: Facts) -> None:
    text = json.dumps(_board.section(three_facts).shown, default=str)
    for trial in three_facts.evidence.trials:
        assert trial.name in text
    assert "ZeroDivisionError: no luck" in text
    assert "prior" in text


def test_the_verdict_sets_the_score_beside_the_baseline(two_facts: Facts) -> None:
    said = json.dumps([_verdict.section(two_facts).says, _verdict.section(two_facts).shown], default=str)
    assert "Always saying" in said
    assert f"{two_facts.evidence.score:.3f}" in said


def test_data_tells_gaps_kinds_and_reasons(two_facts: Facts) -> None:
    shown = json.dumps(_data.section(two_facts).shown, default=str)
    for column in two_facts.about["columns"]:
        assert json.dumps(column["reason"])[1:-1] in shown


def test_confusion_of_many_classes_shows_the_most_confused(sixty_facts: Facts) -> None:
    spec = json.dumps(_confusion.section(sixty_facts).charts[next(iter(_confusion.section(sixty_facts).charts))].spec)
    names = {name for name in sixty_facts.names if f'"{name}"' in spec}
    assert len(names) <= 20


def test_the_threshold_in_use_is_one_of_the_slider(two_facts: Facts) -> None:
    section = _threshold.section(two_facts)
    assert section is not None
    used = two_facts.rule.threshold if two_facts.rule.threshold is not None else 0.5
    assert any(abs(at - used) < 1e-4 for at in section.shown["table"]["at"])


def test_the_worst_row_comes_first(two_facts: Facts) -> None:
    section = _wrong.section(two_facts)
    assert section is not None
    worst = two_facts.about["most_wrong"][0]
    assert section.shown["cards"][0]["row"] == f"{worst['row']:,}"


def test_how_to_make_it_again(two_facts: Facts) -> None:
    shown = json.dumps(_again.section(two_facts).shown, default=str)
    assert two_facts.plan.fingerprint in shown


def test_ranks_are_said_with_their_areas(three_facts: Facts) -> None:
    area = three_facts.score_of(three_facts.task.metric("roc_auc"), three_facts.outputs)
    text = json.dumps(
        [_curves.section(three_facts).says, [c.caption for c in _curves.section(three_facts).charts.values()]]
    )
    assert f"{area:.3f}" in text or f"{100 * area:.1f}%" in text


def test_calibration_says_its_error(two_facts: Facts) -> None:
    assert any("percentage points" in sentence or "%" in sentence for sentence in _calibration.section(two_facts).says)


def test_every_class_has_its_line(sixty_facts: Facts) -> None:
    text = json.dumps(_classes.section(sixty_facts).shown, default=str)
    assert all(label in text for label in sixty_facts.labels)
