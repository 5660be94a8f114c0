"""LightGBM's text model, checked before LightGBM sees it: its reader trusts every number, ours trusts none."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from assay.core.errors import RunError

_CATEGORICAL = 1


def check_trees(text: str, *, n_features: int, n_outputs: int) -> None:
    """See that a text is a LightGBM model whose trees stay inside their arrays and end in leaves.

    Raises:
        RunError: It is not.
    """
    head, *blocks = text.split("\n\nTree=")
    header = _pairs(head.splitlines())
    try:
        _need(head.startswith("tree\n") and header["version"] == "v4", "not a LightGBM model of version 4")
        _need(int(header["num_tree_per_iteration"]) == n_outputs, f"not {n_outputs} trees a round")
        _need(int(header["num_class"]) == n_outputs, f"not {n_outputs} outputs")
        _need(int(header["max_feature_idx"]) == n_features - 1, f"not {n_features} features")
        _need(len(blocks) % n_outputs == 0, "a round is not whole")
        for number, block in enumerate(blocks):
            _need(block.startswith(f"{number}\n"), "trees are out of order")
            _check_tree(_pairs(block.splitlines()), n_features)
    except (KeyError, ValueError) as error:
        raise RunError(
            f"a damaged boosted model ({type(error).__name__}: {error})",
            expected="the text that LightGBM wrote",
            fix="the files were changed or damaged: fit again, or restore the run folder from a copy",
        ) from error


def _check_tree(tree: Mapping[str, str], n_features: int) -> None:
    leaves = int(tree["num_leaves"])
    _need(len(_floats(tree["leaf_value"])) == leaves >= 1, "leaves are missing")
    _need(tree.get("is_linear", "0") == "0", "a linear tree")
    if leaves == 1:
        return
    features, left, right = (_ints(tree[key]) for key in ("split_feature", "left_child", "right_child"))
    kinds, thresholds = _ints(tree["decision_type"]), _floats(tree["threshold"])
    _need({len(part) for part in (features, left, right, kinds, thresholds)} == {leaves - 1}, "splits are missing")
    _need(all(0 <= feature < n_features for feature in features), "a feature that is not there")
    for node, children in enumerate(zip(left, right, strict=True)):
        # A split is numbered after its parent, so children point forward and no walk can go in circles.
        _need(all(-leaves <= child < 0 or node < child < leaves - 1 for child in children), "a child out of place")
    _check_categories(tree, [int(t) for t, kind in zip(thresholds, kinds, strict=True) if kind & _CATEGORICAL])


def _check_categories(tree: Mapping[str, str], sets: Sequence[int]) -> None:
    count = int(tree["num_cat"])
    _need(all(0 <= number < count for number in sets), "a set of categories that is not there")
    if count:
        bounds, words = _ints(tree["cat_boundaries"]), _ints(tree["cat_threshold"])
        _need(len(bounds) == count + 1 and bounds[0] == 0 and bounds[-1] == len(words), "sets of categories cut off")
        _need(all(low <= high for low, high in pairwise(bounds)), "sets of categories out of order")


def _pairs(lines: Sequence[str]) -> dict[str, str]:
    return {key: value for key, found, value in (line.partition("=") for line in lines) if found}


def _ints(text: str) -> list[int]:
    return list(map(int, text.split()))


def _floats(text: str) -> list[float]:
    return list(map(float, text.split()))


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
