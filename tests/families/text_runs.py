"""A finished run whose model is one small net of texts, without the seconds that a fit of all folds takes."""

from pathlib import Path

import numpy as np
import polars as pl

import assay
from assay.data.dataset import Dataset
from assay.families._base import Learning
from assay.families.bag import Bag
from assay.features._base import Target
from assay.features._encoding import Encoding
from assay.fitting.model import Member, Model
from tests.families.text_cases import small


def reviews(rows: int = 64) -> pl.DataFrame:
    """Films that are told apart by one word."""
    draw, y = np.random.default_rng(0), np.arange(rows) % 2
    filler = ["film", "plot", "cast", "end"]
    texts = [f"the {filler[draw.integers(4)]} is {('bad', 'good')[label]} {filler[draw.integers(4)]}" for label in y]
    return pl.DataFrame({"text": texts, "label": np.where(y == 1, "up", "down")})


def linear_run(place: Path) -> assay.Run:
    """A run without a net."""
    return assay.fit(reviews(), "label", out=place, families=["linear"], folds=2, threads=1, text=["text"])


def bag_run(place: Path) -> assay.Run:
    """The same run with a bag of embeddings as its model."""
    run, table = linear_run(place), reviews()
    task, schema = run.model.task, run.model.schema
    y = np.array(task.encode(table["label"]))
    data, rows, settings = Dataset(table, schema), np.arange(len(table)), small(Bag, epochs=4)
    encoding, matrix = Encoding.fit(Bag().recipe(schema, task, settings), data, rows, Target(y, 2))
    ones = np.ones(len(y))
    given = Learning(task, matrix, y, ones, matrix, y, ones, seed=1)
    member = Member("bag", "bag", 1.0, ((0, Bag().fit(given, settings).predictor),))
    Model(schema, task, (encoding,), (member,)).save(place / "model")
    return assay.load(place)
