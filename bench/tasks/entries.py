"""Which variants are measured on which sets, against whom, and for how long."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contest.entry import Entry
from contest.sets import DataSet
from contest.systems import ASSAY, LIGHTGBM, LOGISTIC, System

GROUPS = ("tagging", "labels", "numbers", "additive", "decomposition")
# Word classes are to be learned within five minutes.
TAG_SECONDS = {"ud_ewt_pos": 300.0, "atis_slots": 150.0, "wnut17_ner": 150.0}
SECONDS, BINARY_SECONDS = 60.0, 120.0
LABELS = ("scene", "emotions", "goemotions")
NUMBERS = ("concrete", "california_housing", "bike_hour_temporal")
ADDITIVE = ("credit_german", "titanic", "telco_churn", "phoneme", "mammography", "adult")
DECOMPOSED = ("letter", "vowel_speakers", "vehicle")
BASES = ("linear", "boosted")
WAYS = ("ovr", "ovo", "ecoc")
LEVEL = 0.9
# Sets whose test rows are later than those to learn from, and the column that says when.
IN_TIME = {"bike_hour_temporal": "dteday"}

CRFSUITE = System("crfsuite", "sklearn-crfsuite", "", budgeted=False)
SPACY = System("spacy", "spaCy from scratch", "", budgeted=True)
ONE_VS_REST = System(
    "one-vs-rest", "OneVsRest", "", budgeted=False, options={"chain": False}, peer="labels", home=LOGISTIC
)
CHAIN = System("chain", "ClassifierChain", "", budgeted=False, options={"chain": True}, peer="labels", home=LOGISTIC)
TREES = System("trees", "LightGBM", "", budgeted=False, peer="lightgbm_numbers", home=LIGHTGBM)
EBM = System("ebm", "EBM", "", budgeted=False)


def entries(sets: Sequence[DataSet], others: Sequence[DataSet]) -> Iterator[Entry]:
    """All of them in the order of work.

    Args:
        sets: Tables and texts.
        others: Sets of other kinds.
    """
    yield from _each("tagging", others, TAG_SECONDS, lambda name: (*_tagging(), CRFSUITE, SPACY), TAG_SECONDS)
    plain = _variant("assay", "Assay", {})
    yield from _each("labels", others, LABELS, lambda name: (plain, ONE_VS_REST, CHAIN))
    yield from _each("numbers", others, NUMBERS, lambda name: (_with_interval(name), TREES))
    additive = classifier("additive", {"families": ["additive"]})
    yield from _each("additive", sets, ADDITIVE, lambda name: (additive, EBM))
    seconds = dict.fromkeys(DECOMPOSED, BINARY_SECONDS)
    yield from _each("decomposition", sets, DECOMPOSED, lambda name: _decomposed(), seconds)


def classifier(name: str, options: Mapping[str, Any]) -> System:
    """Assay on classes, told something."""
    return System(name, name, "", budgeted=True, options=options, peer=ASSAY)


def _variant(name: str, title: str, options: Mapping[str, Any]) -> System:
    return System(name, title, "", budgeted=True, options=options, peer="variant", at_home=True)


def _with_interval(name: str) -> System:
    time = {"time_column": IN_TIME[name]} if name in IN_TIME else {}
    return _variant("assay", "Assay", {"interval": LEVEL, **time})


def _tagging() -> list[System]:
    alone = [
        _variant(family, f"Assay, {family}", {"task": "tagging", "families": [family]}) for family in ("crf", "tagger")
    ]
    return [_variant("assay", "Assay", {"task": "tagging"}), *alone]


def _decomposed() -> list[System]:
    """A base by itself and by each way, as candidates of one fit, so that all see the same folds."""
    return [_variant(base, base, {"families": [base], "decompose": list(WAYS)}) for base in BASES]


def _each(
    group: str,
    sets: Iterable[DataSet],
    names: Iterable[str],
    systems: Any,
    seconds: Mapping[str, float] | None = None,
) -> Iterator[Entry]:
    found = {data.name: data for data in sets}
    for name in names:
        if name in found:
            for system in systems(name):
                yield Entry(group, found[name], system, (seconds or {}).get(name, SECONDS))
