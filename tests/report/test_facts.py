from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.core.errors import RunError
from assay.report._facts import gather
from tests.report.conftest import made_run


def test_only_rows_that_were_tested_count(folder: Path) -> None:
    facts = gather(made_run(folder / "binary"))
    assert len(facts.y) == len(facts.decided) == len(facts.outputs) == 290
    assert facts.counts.sum() == 290
    assert not np.isnan(facts.outputs).any()


def test_the_facts_of_a_real_fit_give_its_score(fitted_run: assay.Run) -> None:
    facts = gather(fitted_run)
    assert facts.score_of(facts.metric, facts.outputs, facts.decided) == pytest.approx(fitted_run.score, abs=1e-5)
    assert facts.majority == int(np.bincount(facts.y).argmax())


def test_the_best_candidate_of_a_family_is_the_one_with_the_best_score(folder: Path) -> None:
    facts = gather(made_run(folder / "best"))
    best = facts.best_trial("linear")
    assert best is not None
    assert best.name == "linear"
    assert facts.was_cut_short(best)
    assert facts.best_trial("mlp") is None


def test_a_candidate_that_was_not_fitted_has_no_outputs(folder: Path) -> None:
    facts = gather(made_run(folder / "none"))
    with pytest.raises(ValueError, match="mlp was not fitted"):
        facts.trial_outputs(facts.evidence.trials[-1])


def test_the_majority_baseline_is_there_even_if_nobody_tried_it(folder: Path) -> None:
    facts = gather(made_run(folder / "without", ("a", "b", "c")))
    without = replace(facts, evidence=replace(facts.evidence, trials=()))
    np.testing.assert_allclose(without.majority_outputs(), np.full((290, 3), 1 / 3), atol=0.01)


def test_a_rule_for_comparison_is_tuned_on_the_other_folds(folder: Path) -> None:
    facts = gather(made_run(folder / "f1", metric="f1"))
    outputs = facts.outputs
    outputs = np.c_[1 - 0.3 * outputs[:, 1], 0.3 * outputs[:, 1]]  # never above one half
    assert facts.plainly(outputs).sum() == 0
    assert np.mean(facts.crossfitted(outputs) == facts.y) > 0.9


def test_a_metric_without_a_rule_is_decided_plainly(folder: Path) -> None:
    facts = gather(made_run(folder / "plain"))
    np.testing.assert_array_equal(facts.crossfitted(facts.outputs), facts.plainly(facts.outputs))


def test_long_names_are_cut_and_stay_different(folder: Path) -> None:
    facts = gather(made_run(folder / "long", ("x" * 60 + "1", "x" * 60 + "2")))
    assert len(set(facts.names)) == 2
    assert max(map(len, facts.names)) < 40


def test_evidence_that_does_not_fit_the_model_is_refused(folder: Path) -> None:
    run, other = made_run(folder / "mixed"), made_run(folder / "other", ("a", "b", "c"))
    run.__dict__["evidence"] = other.evidence
    with pytest.raises(RunError, match="do not fit each other"):
        gather(run)
