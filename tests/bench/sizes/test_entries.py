"""Which sizes, with which budget."""

from contest.results import budget
from contest.systems import ASSAY
from sizes.entries import GROUPS, LIFTED, entries


def test_each_size_is_measured_with_and_without_a_budget_and_the_large_one_with() -> None:
    listed = list(entries([], []))
    assert list(dict.fromkeys(entry.group for entry in listed)) == list(GROUPS)
    pairs = [(entry.data.name, entry.system.name, budget(entry.system, entry.seconds)) for entry in listed]
    assert pairs[:2] == [("made_1000x30", "lifted", 0.0), ("made_1000x30", ASSAY, 60.0)]
    assert pairs[-1] == ("made_1000000x100", ASSAY, 120.0)
    assert len(set(pairs)) == len(pairs) == 2 * (4 + 3) + 1


def test_a_lifted_budget_has_the_same_work_at_every_size() -> None:
    assert LIFTED.is_assay
    assert LIFTED.options == {"families": ["linear", "boosted"]}
    assert LIFTED.patience > 3600
