"""RESULTS.md out of its parts: whichever benchmark ends writes all of it anew from what is on disk."""

import json
from collections.abc import Sequence
from pathlib import Path

from contest.machine import Session
from contest.page import PICTURE, page
from contest.picture import picture
from contest.promises import TITLES
from contest.ranks import rankings
from contest.results import Results
from contest.sets import DataSet, data_folder, discover_others
from contest.systems import ASSAY
from contest.verdicts import tabulate
from engine.kept import Kept
from engine.part import part
from kinds.entries import entries
from kinds.part import part as kinds
from sizes.entries import entries as size_entries
from sizes.part import part as sizes
from tasks.entries import entries as variant_entries
from tasks.part import part as tasks

from assay.core.files import write_text

SESSION, NETWORKS, VARIANTS, GROWTH = "session.json", "networks", "variants", "growth"
_HEAD = """\
# Results

Written by `make bench` from what it measured; [how to run it](README.md).

- [Assay and its peers, side by side](#assay-and-its-peers-side-by-side): whole fits, from a table to a model on disk
- [Growth](#growth): seconds and memory against rows and columns
- [Training engine](#training-engine): what every net is trained with
- [Kinds of networks](#kinds-of-networks): pictures, texts and tables
- [Variants of classification](#variants-of-classification): tags, labels, numbers, additive models, decompositions"""


def write_page(bench: Path, sets: Sequence[DataSet]) -> Path:
    """Write the page from the measurements under ``bench/work``, and say where."""
    work = bench / "work"
    session = work / SESSION
    seen = Session(**json.loads(session.read_text())) if session.is_file() else None
    contest = page(sets, Results(work), seen)
    write_text(bench / PICTURE, picture(rankings(tabulate(Results(work).all())), TITLES, ASSAY))
    engine = part([data.name for data in sets if data.kind == "tabular"], Kept(work))
    others = discover_others(data_folder(), bench / "sets.toml")
    networks = kinds(list(entries(sets, others)), Results(work / NETWORKS), Results(work))
    variants = tasks(list(variant_entries(sets, others)), Results(work / VARIANTS))
    growth = sizes(list(size_entries(sets, others)), Results(work / GROWTH))
    write_text(bench / "RESULTS.md", f"{_HEAD}\n\n{contest}\n{growth}\n{engine}\n{networks}\n{variants}")
    return bench / "RESULTS.md"
