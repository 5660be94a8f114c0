"""XGBoost's trees, read from its JSON into `Trees`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.families._preorder import firsts, preorder
from assay.families._trees import Questions, Trees

_GAPS_LEFT, _GAPS_ARE_NAN = 2, 8  # LightGBM's decision types


def read_trees(booster: Any) -> Trees:
    """The trees of a booster whose scores are those of classes, one score of two, else one for each.

    What XGBoost sends left is below a threshold; what `Trees` send left is not above one, so it is the float32 before.
    """
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    model = learner["gradient_booster"]["model"]
    trees, scores = model["trees"], max(1, int(learner["learner_model_param"]["num_class"]))
    sizes = np.array([len(tree["left_children"]) for tree in trees])
    left, right = (_joined(trees, key, np.int64) for key in ("left_children", "right_children"))
    condition, split = _joined(trees, "split_conditions", np.float32), left >= 0
    # Nodes are numbered anew: all splits, then all leaves.
    number = np.where(split, np.cumsum(split) - 1, split.sum() + np.cumsum(~split) - 1)
    begin = np.repeat(firsts(sizes), sizes)
    children = (number[(begin + child)[split]] for child in (left, right))
    kind = _GAPS_ARE_NAN + _GAPS_LEFT * _joined(trees, "default_left", np.uint8)[split]
    below = np.nextafter(condition[split], np.float32(-np.inf)) + np.float32(0)
    keys = np.stack([_joined(trees, "split_indices", np.int64)[split], kind, below.view(np.uint32)], axis=1)
    asked, asks = np.unique(keys, axis=0, return_inverse=True)
    return Trees.planted(
        preorder(number[firsts(sizes)], *children),
        asks.ravel(),
        condition[~split] + np.repeat(_beginning(learner, len(trees), scores), sizes)[~split],
        _questions(asked),
        n_features=int(learner["learner_model_param"]["num_feature"]),
        n_scores=scores,
    )


def _joined(trees: Sequence[Mapping[str, Any]], key: str, kind: type) -> AnyArray:
    """What all trees have under a key, one after the other."""
    return np.concatenate([np.array(tree[key], kind) for tree in trees])


def _beginning(learner: Mapping[str, Any], trees: int, scores: int) -> FloatArray:
    """What the leaves of each tree add beside their values: those of the first round the score that is begun with."""
    base = np.array(json.loads(learner["learner_model_param"]["base_score"]), np.float64).ravel()
    begin = np.zeros(trees)
    begin[:scores] = np.log(base / (1 - base)) if scores == 1 else base
    return begin


def _questions(asked: IntArray) -> Questions:
    column, kind, threshold = asked.T
    none = np.zeros(0, np.uint32)
    return Questions(
        column.astype(np.uint32), kind.astype(np.uint8), threshold.astype(np.uint32).view(np.float32), none, none
    )
