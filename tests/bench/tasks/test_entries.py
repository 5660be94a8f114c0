"""Which variants are measured: names that exist, and each contestant once."""

from pathlib import Path

from contest.entry import Entry
from contest.sets import DataSet
from tasks.entries import ADDITIVE, BASES, DECOMPOSED, GROUPS, LABELS, NUMBERS, TAG_SECONDS, WAYS, entries

from assay.core.members import member_names


def everything() -> list[Entry]:
    tables = [DataSet(name, "tabular", Path("unused")) for name in (*ADDITIVE, *DECOMPOSED)]
    kinds = {"tagging": TAG_SECONDS, "tabular_multilabel": LABELS, "regression": NUMBERS}
    others = [DataSet(name, kind, Path("unused")) for kind, names in kinds.items() for name in names]
    return list(entries(tables, others))


def test_all_groups_are_there_and_nothing_twice() -> None:
    found = everything()
    assert tuple(dict.fromkeys(entry.group for entry in found)) == GROUPS
    places = [(entry.data.name, entry.system.name) for entry in found]
    assert len(set(places)) == len(places) == 15 + 9 + 6 + 12 + 6


def test_scripts_and_requirements_exist() -> None:
    for entry in everything():
        assert entry.system.script.is_file()
        assert entry.system.ready or entry.system.requirements.is_file()


def test_families_and_ways_exist() -> None:
    assert {"crf", "tagger", "additive", *BASES, *WAYS} <= {*member_names("assay.families")}


def test_sets_that_are_not_there_are_left_out() -> None:
    assert list(entries([], [])) == []
