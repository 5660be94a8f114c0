"""What every section reads."""

from dataclasses import replace

import numpy as np
import pytest

import assay
from assay.core.errors import RunError
from assay.report._facts import Facts, gather


def test_only_tested_rows_count(two_facts: Facts, binary: assay.Run) -> None:
    assert len(two_facts.y) == 120
    assert two_facts.counts.sum() == 120
    assert two_facts.score_of(two_facts.metric, two_facts.outputs, two_facts.decided) == pytest.approx(binary.score)


def test_the_majority_is_the_commonest_class(two_facts: Facts) -> None:
    assert two_facts.majority == int(np.bincount(two_facts.y).argmax())
    assert two_facts.majority_outputs().shape == two_facts.outputs.shape


def test_the_best_trial_of_a_family(three_facts: Facts) -> None:
    best = three_facts.best_trial("linear")
    assert best is not None and best.score is not None
    scores = [t.score for t in three_facts.evidence.trials if t.family == "linear" and t.score is not None]
    assert best.score == min(scores)
    assert three_facts.best_trial("nbsvm") is None


def test_a_trial_that_was_not_fitted_has_no_outputs(three_facts: Facts) -> None:
    failed = next(trial for trial in three_facts.evidence.trials if trial.family == "nbsvm")
    with pytest.raises(ValueError, match="nbsvm was not fitted"):
        three_facts.trial_outputs(failed)


def test_evidence_of_another_model_is_refused(binary: assay.Run, three: assay.Run) -> None:
    mixed = assay.Run(binary.path)
    mixed.__dict__["evidence"] = replace(three.evidence)
    with pytest.raises(RunError, match="evidence and model do not fit each other"):
        gather(mixed)


def test_names_that_are_cut_stay_different(two_facts: Facts) -> None:
    assert len(set(two_facts.names)) == 2
