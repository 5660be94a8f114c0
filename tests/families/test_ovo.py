"""One-vs-one."""

import numpy as np

import assay
from assay.families.ovo import OneVsOne
from assay.testing._examples import case
from assay.testing.families import learning
from tests.conftest import real_data


def test_it_fits_a_model_for_each_pair_on_the_rows_of_both() -> None:
    given = learning(OneVsOne, case("four classes"))
    fit = OneVsOne().fit(given, OneVsOne.defaults)
    counts = np.bincount(given.y)
    assert fit.notes["models"] == OneVsOne().count(4, OneVsOne.defaults) == 6
    pairs = [counts[i] + counts[j] for i in range(4) for j in range(i + 1, 4)]
    assert fit.predictor.state()["rows"].tolist() == pairs


def test_pairs_of_vowels_are_parted_by_planes_that_part_no_vowel_from_all_others() -> None:
    rows = real_data("tabular/vowel_speakers/train.parquet")
    run = assay.fit(rows, "label", families=["linear"], decompose="ovo", folds=3, threads=1, time=0)
    scores = {trial.name: trial.score for trial in run.evidence.trials}
    assert scores["linear-ovo"] < 0.7 * scores["linear"]
