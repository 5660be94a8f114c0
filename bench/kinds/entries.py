"""Which kinds of networks are measured on which sets, and for how long."""

from collections.abc import Iterator, Sequence

from contest.entry import Entry
from contest.sets import DataSet
from contest.systems import ASSAY, System

TEXTS = ("sst2_sentence", "trec_question")
TEXT_FAMILIES = ("nbsvm", "bag", "textcnn", "rnn", "lstm", "transformer", "pretrained")
TABLE_FAMILIES = ("mlp", "tabm")
PICTURE_SECONDS = {"mnist": (60.0, 240.0), "cifar10_16k": (600.0,)}
AGAINST_PIXELS = ("cifar10_16k",)
TEXT_SECONDS, TABLE_SECONDS = 60.0, 30.0
# To make vectors of 8,000 sentences takes a minute before anything is fitted, and attention is slow to learn.
MORE_SECONDS = {"pretrained": 240.0, "transformer": 240.0}
PIXELS = System("pixels", "LightGBM on pixels", "LGBMClassifier defaults (100 rounds)", budgeted=False, at_home=True)
GROUPS = ("pictures", "texts", "tables")


def entries(sets: Sequence[DataSet], others: Sequence[DataSet]) -> Iterator[Entry]:
    """All of them in the order of work.

    Args:
        sets: Tables and texts.
        others: Sets of other kinds, of which those of pictures take part.
    """
    for data in others:
        for seconds in PICTURE_SECONDS.get(data.name, ()):
            system = System(f"by-itself-{seconds:.0f}", f"Assay, {seconds:.0f} s", "", budgeted=True, peer=ASSAY)
            yield Entry("pictures", data, system, seconds)
        if data.name in AGAINST_PIXELS:
            yield Entry("pictures", data, PIXELS, 0.0)
    for data in sets:
        if data.name in TEXTS:
            for family in TEXT_FAMILIES:
                yield Entry("texts", data, only(family), MORE_SECONDS.get(family, TEXT_SECONDS))
    for data in sets:
        if data.kind == "tabular":
            yield from (Entry("tables", data, only(family), TABLE_SECONDS) for family in TABLE_FAMILIES)


def only(family: str) -> System:
    """Assay with one family."""
    return System(family, family, "", budgeted=True, options={"families": [family]}, peer=ASSAY)
