"""Who is better, and how sure that is."""

from pathlib import Path

import numpy as np
import pytest
from contest.results import Result, Results
from contest.verdicts import against_baselines, judge, tabulate


def keep(results: Results, name: str, system: str, losses: np.ndarray | None) -> None:
    loss = 0.0 if losses is None else float(losses.mean())
    failure = "exit code 1" if losses is None else ""
    result = Result(set=name, kind="text", system=system, measured="", seconds=None, failure=failure, log_loss=loss)
    results.keep(result, losses)


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """Assay clearly wins on ``a``, loses by noise on ``b``, fails on ``c``; a baseline fails on ``a``."""
    kept = Results(tmp_path)
    rows = np.random.default_rng(0).exponential(0.5, 200)
    noise = np.random.default_rng(1).normal(0, 0.3, 200)
    noise += 0.001 - noise.mean()
    keep(kept, "a", "assay", rows)
    keep(kept, "a", "logistic", rows + 0.1)
    keep(kept, "a", "lightgbm", None)
    keep(kept, "a", "autogluon", rows - 0.1)
    keep(kept, "b", "assay", rows + noise)
    keep(kept, "b", "logistic", rows + 0.2)
    keep(kept, "b", "lightgbm", rows)
    keep(kept, "b", "autogluon", rows + 0.1)
    keep(kept, "c", "assay", None)
    keep(kept, "c", "logistic", rows)
    keep(kept, "c", "lightgbm", rows)
    return kept


def test_the_rival_is_the_better_baseline_that_has_numbers(results: Results) -> None:
    duels = {each.set: each for each in against_baselines(tabulate(results.all()), results)}
    assert (duels["a"].rival, duels["a"].no_worse, duels["a"].outcome) == ("logistic", True, "win")
    assert (duels["b"].rival, duels["b"].no_worse, duels["b"].outcome) == ("lightgbm", False, "tie")


def test_no_result_of_ours_is_a_loss(results: Results) -> None:
    duel = next(each for each in against_baselines(tabulate(results.all()), results) if each.set == "c")
    assert (duel.no_worse, duel.outcome) == (False, "loss")


def test_a_rival_counts_only_where_it_was_measured(results: Results) -> None:
    verdicts = judge(tabulate(results.all()), results)
    assert {each.set: each.outcome for each in verdicts.against("autogluon", "text")} == {"a": "loss", "b": "win"}
    assert verdicts.against("autogluon", "tabular") == verdicts.against("flaml", "text") == []
    assert {each.set for each in verdicts.rivals["lightgbm"]} == {"b", "c"}


def test_half_the_time_is_held_against_autogluon_alone(results: Results) -> None:
    keep(results, "a", "assay-30", np.full(200, 0.01))
    verdicts = judge(tabulate(results.all()), results)
    assert [(each.set, each.rival, each.ours) for each in verdicts.half] == [("a", "autogluon", pytest.approx(0.01))]
    assert sorted(verdicts.rivals) == ["autogluon", "lightgbm", "logistic"]
