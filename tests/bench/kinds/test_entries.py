"""Who is measured on what."""

from pathlib import Path

from contest.sets import DataSet
from kinds.entries import TABLE_FAMILIES, TEXT_FAMILIES, entries

from assay.core.members import member_names


def made(name: str, kind: str) -> DataSet:
    return DataSet(name, kind, Path("unused"))


def test_each_kind_of_data_has_its_contestants() -> None:
    sets = [made("titanic", "tabular"), made("sst2_sentence", "text"), made("sms_spam", "text")]
    found = [(e.data.name, e.system.name, e.seconds) for e in entries(sets, [made("mnist", "images")])]
    assert found[:2] == [("mnist", "by-itself-60", 60.0), ("mnist", "by-itself-240", 240.0)]
    assert [name for data, name, _ in found if data == "sst2_sentence"] == list(TEXT_FAMILIES)
    assert [name for data, name, _ in found if data == "titanic"] == list(TABLE_FAMILIES)
    assert not any(data == "sms_spam" for data, *_ in found)


def test_pixels_are_given_to_trees_where_a_bar_says_so() -> None:
    found = list(entries([], [made("cifar10_16k", "images")]))
    assert [e.system.name for e in found] == ["by-itself-600", "pixels"]
    assert not found[0].system.options
    assert found[0].system.is_assay
    assert found[1].system.ready


def test_the_families_are_there() -> None:
    assert {*TEXT_FAMILIES, *TABLE_FAMILIES} <= set(member_names("assay.families"))
