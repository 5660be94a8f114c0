"""Win rates, ranks and sets, as a reader sees them."""

from contest.ranks import Ranking
from contest.rates import by_set, outcomes, ranked, win_rates
from contest.results import Result
from contest.verdicts import Duel, Verdicts, tabulate

WON = Duel("adult", "tabular", "flaml", ours=0.3, theirs=0.4, low=-0.2, high=-0.1, gain=0.03)
TIED = Duel("sick", "tabular", "flaml", ours=0.5, theirs=0.4, low=-0.1, high=0.2, gain=-0.01)


def test_wins_are_counted_with_and_without_noise() -> None:
    text = win_rates(Verdicts(baselines=[], rivals={"flaml": [WON, TIED]}, half=[TIED]))
    assert "| Tables | FLAML | 2 | 1 (50%) | 1, 1, 0 | 1 (50%) | +1.00 |" in text
    assert "| Tables | AutoGluon, Assay in half the time | 1 | 0 (0%) | 0, 1, 0 | 0 (0%) | -1.00 |" in text
    assert "Texts" not in text
    assert win_rates(Verdicts([], {}, [])) == ""


def test_each_set_has_its_line_with_the_best_in_bold() -> None:
    found = [
        Result("sick", "tabular", "assay", "", 60.0, log_loss=0.2, accuracy=0.8),
        Result("sick", "tabular", "flaml", "", 60.0, log_loss=0.3, accuracy=0.9),
        Result("adult", "tabular", "assay", "", 60.0, failure="exit code 1"),
    ]
    table = tabulate(found)
    text = by_set(table, "tabular", lambda each: each.log_loss, min)
    assert text.startswith("| data set | Assay | FLAML |")
    assert "| adult |  |  |" in text
    assert "| sick | **0.2000** | 0.3000 |" in text
    assert "| sick | 0.8000 | **0.9000** |" in by_set(table, "tabular", lambda each: each.accuracy, max)
    assert by_set(table, "text", lambda each: each.log_loss, min) == ""


def test_what_is_all_but_solved_shows_its_digits() -> None:
    found = [
        Result("mushroom", "tabular", name, "", 60.0, log_loss=loss)
        for name, loss in (("assay", 2e-5), ("flaml", 1e-6))
    ]
    assert "| mushroom | 2.0e-05 | **1.0e-06** |" in by_set(tabulate(found), "tabular", lambda each: each.log_loss, min)


def test_sets_are_named_by_how_they_ended() -> None:
    lost = Duel("titanic", "tabular", "flaml", ours=0.5, theirs=0.4, low=0.1, high=0.2, gain=0.0)
    text = outcomes(Verdicts([], {"flaml": [WON, lost, TIED]}, []), "tabular")
    assert "| FLAML | adult | sick | titanic |" in text
    assert outcomes(Verdicts([], {"flaml": [WON]}, []), "text") == ""


def test_ranks_in_a_line() -> None:
    told = ranked(Ranking("text", {"assay": 1.25, "nbsvm": 1.75}, 4))
    assert told == "Texts: mean rank by log loss over 4 sets: Assay 1.25, nbsvm 1.75."
