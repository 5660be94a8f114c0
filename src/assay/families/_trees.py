"""LightGBM's text model, cut to its trees and checked before LightGBM sees it: its reader trusts every number."""

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from assay.core.errors import RunError

_END = "end of trees\n"
_HEADER = frozenset(
    "version num_class num_tree_per_iteration label_index max_feature_idx objective feature_names feature_infos".split()
)
_TREE = frozenset(
    "num_leaves num_cat split_feature split_gain threshold decision_type left_child right_child leaf_value leaf_weight "
    "leaf_count internal_value internal_weight internal_count is_linear shrinkage cat_boundaries cat_threshold".split()
)
_NUMBERS = re.compile(r"(?:[-+.0-9e ]|inf)*")
_CATEGORICAL = 1
_OF_NUMBERS = frozenset({"regression", "regression_l1", "huber", "quantile"})
_MOST_KINDS = 16


def only_trees(text: str) -> str:
    """A model's text without its training parameters (which would be read again) and without byte offsets into it."""
    trees = text[: text.index(_END) + len(_END)]
    return re.sub(r"^tree_sizes=.*\n", "", trees, count=1, flags=re.MULTILINE)


def check_trees(text: str, *, n_features: int, n_outputs: int, numbers: bool = False) -> None:
    """See that a text is what `only_trees` gave: trees that stay inside their arrays and end in leaves.

    Args:
        text: Of the model.
        n_features: Columns that it reads.
        n_outputs: Scores that it gives.
        numbers: Whether these are numbers, not scores of classes.

    Raises:
        RunError: It is not.
    """
    try:
        _need(text.startswith("tree\n") and text.endswith("\n\n" + _END), "not a LightGBM model, or cut off")
        head, *blocks = text.removesuffix(_END).split("\n\nTree=")
        _check_header(_pairs(head.splitlines()[1:], _HEADER), n_features, n_outputs, numbers)
        _need(len(blocks) % n_outputs == 0 < len(blocks), "a round is not whole")
        for number, block in enumerate(blocks):
            first, *lines = block.splitlines()
            _need(first == str(number), "trees are out of order")
            _check_tree(_pairs(lines, _TREE), n_features)
    except (KeyError, ValueError, ArithmeticError) as error:
        raise unreadable(error) from error


def unreadable(why: Exception) -> RunError:
    """The error for a text that is not a sound model."""
    return RunError(
        f"a damaged boosted model ({type(why).__name__}: {why})",
        expected="the text that LightGBM wrote",
        fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
    )


def _check_header(header: Mapping[str, str], n_features: int, n_outputs: int, numbers: bool) -> None:
    wanted = {
        "version": "v4",
        "num_class": str(n_outputs),
        "num_tree_per_iteration": str(n_outputs),
        "label_index": "0",
        "max_feature_idx": str(n_features - 1),
    }
    classes = "binary sigmoid:1" if n_outputs == 1 else f"multiclass num_class:{n_outputs}"
    known = _OF_NUMBERS if numbers else {classes}
    for key, value in wanted.items():
        _need(header[key] == value, f"{key} is not {value}")
    _need(header["objective"] in known, f"objective is not {' or '.join(sorted(known))}")
    for key in ("feature_names", "feature_infos"):
        _need(len(header[key].split(" ")) == n_features, f"{key} are not {n_features}")


def _check_tree(tree: Mapping[str, str], n_features: int) -> None:
    _need(all(map(_NUMBERS.fullmatch, tree.values())), "something that is not a number")
    leaves = int(tree["num_leaves"])
    values = _floats(tree["leaf_value"])
    _need(len(values) == leaves >= 1 and all(map(math.isfinite, values)), "leaves are missing")
    _need(tree["is_linear"] == "0", "a linear tree")
    if leaves == 1:
        _need(tree["num_cat"] == "0", "categories without a split")
        return
    features, left, right = (_ints(tree[key]) for key in ("split_feature", "left_child", "right_child"))
    kinds, thresholds = _ints(tree["decision_type"]), _floats(tree["threshold"])
    _need({len(part) for part in (features, left, right, kinds, thresholds)} == {leaves - 1}, "splits are missing")
    _need(0 <= min(features) and max(features) < n_features, "a feature that is not there")
    _need(0 <= min(kinds) and max(kinds) < _MOST_KINDS, "a kind of split that there is not")
    for node, children in enumerate(zip(left, right, strict=True)):
        # A split is numbered after its parent, so children point forward and no walk can go in circles.
        _need(all(-leaves <= child < 0 or node < child < leaves - 1 for child in children), "a child out of place")
    _check_categories(tree, [int(t) for t, kind in zip(thresholds, kinds, strict=True) if kind & _CATEGORICAL])


def _check_categories(tree: Mapping[str, str], sets: Sequence[int]) -> None:
    count = int(tree["num_cat"])
    _need(count >= 0 and all(0 <= number < count for number in sets), "a set of categories that is not there")
    if count:
        bounds, words = _ints(tree["cat_boundaries"]), _ints(tree["cat_threshold"])
        _need(len(bounds) == count + 1 and bounds[0] == 0 and bounds[-1] == len(words), "sets of categories cut off")
        _need(all(low <= high for low, high in pairwise(bounds)), "sets of categories out of order")


def _pairs(lines: Sequence[str], known: frozenset[str]) -> dict[str, str]:
    pairs = [line.partition("=") for line in lines if line]
    found = {key: value for key, _, value in pairs}
    _need(len(found) == len(pairs) and found.keys() <= known, "a line twice, or one that has no place")
    return found


def _ints(text: str) -> list[int]:
    return list(map(int, text.split()))


def _floats(text: str) -> list[float]:
    return list(map(float, text.split()))


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
