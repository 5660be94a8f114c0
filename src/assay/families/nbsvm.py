"""Logistic regression whose penalty trusts each word as far as counting its classes does: strong on short texts.

Wang & Manning, Baselines and bigrams (ACL 2012): features times their log-count ratio, interpolated with plain ones.
"""

from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array

from assay.core.arrays import AnyArray, Float32Array, FloatArray
from assay.data.schema import Kind, Schema
from assay.families._base import Family, Fitted, Learning, Settings
from assay.families._design import make_design
from assay.families._path import DEFAULTS, LinearPredictor, walk
from assay.features._encoding import Recipe
from assay.tasks._base import Form, Task

_MOST_CLASSES = 60


class NBSVM(Family):
    """Multinomial logistic regression on ``x * (|r| + plain)``, r the log-count ratio of a word for a class.

    Against the paper: values are tf-idf and one softmax takes the place of one-against-rest machines (both measured
    better in log loss), and the interpolation is in the features. Each label of several has a regression of its own.
    Settings: ``smoothing`` (the paper's alpha), ``plain`` (weight of the features as they are), ``path``, ``steps`` and
    ``stops`` (see `assay.families._path.walk_to`).
    """

    name = "nbsvm"
    title = "Naive-Bayes logistic regression"
    suits = "counts of words and letters are hard to beat on texts"
    predictor = LinearPredictor
    defaults = MappingProxyType({"smoothing": 1.0, "plain": 0.5, **DEFAULTS})
    priority = 20
    forms = frozenset({Form.CLASSES, Form.LABELS})
    threadsafe = True

    def unfit_for(self, schema: Schema, task: Task, n_rows: int) -> str | None:
        """It reads texts only, and counts each word for each class."""
        if not schema.features(Kind.TEXT):
            return "there is no text column"
        if len(task.labels) > _MOST_CLASSES:
            return f"there are {len(task.labels)} classes, and it is made for at most {_MOST_CLASSES}"
        return None

    def recipe(self, schema: Schema, task: Task, settings: Settings) -> Recipe:
        """The texts as `linear` reads them, so that encodings are shared; other columns are not read."""
        return Recipe((("words", {}), ("chars", {})))

    def fit(self, learning: Learning, settings: Settings) -> Fitted:
        """Count, scale, and walk the path of C."""
        ratio = log_count_ratio(
            learning.train.sparse, learning.y, learning.weight, len(learning.task.labels), settings["smoothing"]
        )
        scale = np.abs(ratio) + np.float32(settings["plain"])
        design = make_design(learning.train, learning.weight, scale=scale, threads=learning.threads)
        found = walk(learning, design, settings)
        return Fitted(found.predictor, found.fixed, {**found.notes, "reads": "text columns only"})


def log_count_ratio(texts: csr_array | None, y: AnyArray, weight: FloatArray, k: int, smoothing: float) -> Float32Array:
    """``log(p / |p|) - log(q / |q|)``, (s, 1) for two classes and (s, k) for more; p counts a class, q the others.

    Of labels y (n, k) p counts rows that have one, q those that do not.
    """
    single = k == 2 and y.ndim == 1
    if texts is None:
        return np.zeros((0, 1 if single else k), np.float32)
    present = csr_array((np.ones_like(texts.data), texts.indices, texts.indptr), shape=texts.shape)
    member = y == 1 if y.ndim == 2 else y[:, None] == np.arange(k)
    other = y == 0 if y.ndim == 2 else ~member
    inside, outside = (
        np.asarray(present.T @ (side * weight[:, None]).astype(np.float32), np.float64) + smoothing
        for side in (member, other)
    )
    ratio = np.log(inside / inside.sum(axis=0)) - np.log(outside / outside.sum(axis=0))
    return np.asarray(ratio[:, 1:] if single else ratio, np.float32)
