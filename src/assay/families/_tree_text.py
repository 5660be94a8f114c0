"""LightGBM's text of a model: read into `Trees`, and written for the predictor that LightGBM makes of it."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np

from assay.core.arrays import AnyArray, FloatArray, IntArray
from assay.families._preorder import firsts, preorder
from assay.families._trees import OF_CATEGORIES, Questions, Trees

_END = "\n\nend of trees\n"
_NEXT = "\n\nTree="

_Fields = dict[str, str]


def read_trees(text: str) -> Trees:
    """The trees of a model that LightGBM wrote.

    Rows of float32 numbers end in the same leaves, whose values are rounded to float32. Gains, weights and counts, and
    how the model was trained, are left out.
    """
    head, *blocks = text[: text.index(_END)].split(_NEXT)
    about, trees = _fields(head), [_fields(block) for block in blocks]
    leaves = np.array([int(tree["num_leaves"]) for tree in trees])
    roots, left, right = _joined(trees, leaves)
    asks, questions = _asked(trees)
    return Trees.planted(
        preorder(roots, left, right),
        asks,
        _numbers(trees, "leaf_value", np.float64),
        questions,
        n_features=int(about["max_feature_idx"]) + 1,
        n_scores=int(about["num_tree_per_iteration"]),
    )


def write_trees(trees: Trees) -> str:
    """What LightGBM reads the same trees from; their leaves add up to raw scores, whatever they were trained for."""
    columns, scores = trees.n_features, trees.n_scores
    head = (
        f"tree\nversion=v4\nnum_class={scores}\nnum_tree_per_iteration={scores}\nlabel_index=0\n"
        f"max_feature_idx={columns - 1}\nfeature_names={' '.join('x' * columns)}\n"
        f"feature_infos={' '.join(['none'] * columns)}"
    )
    return head + "".join(_blocks(trees)) + _END


def _fields(block: str) -> _Fields:
    return dict(line.split("=", 1) for line in block.split("\n") if "=" in line)


def _numbers(trees: Sequence[_Fields], key: str, kind: type) -> AnyArray:
    """What all trees have under a key, one after the other."""
    return np.fromstring(" ".join(tree.get(key, "") for tree in trees), kind, sep=" ")


def _joined(trees: Sequence[_Fields], leaves: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Roots (trees,), and left and right children of splits, as numbers into all splits and then all leaves."""
    splits = leaves - 1
    first_split, first_leaf = firsts(splits), splits.sum() + firsts(leaves)
    left, right = (_numbers(trees, key, np.int64) for key in ("left_child", "right_child"))  # leaf i is ~i
    split, leaf = np.repeat(first_split, splits), np.repeat(first_leaf, splits)
    left, right = (np.where(child < 0, leaf + ~child, split + child) for child in (left, right))
    return np.where(splits > 0, first_split, first_leaf), left, right


def _asked(trees: Sequence[_Fields]) -> tuple[IntArray, Questions]:
    """The question of each split, in the order of the text, and all that are asked."""
    column, kind = (_numbers(trees, key, np.int64) for key in ("split_feature", "decision_type"))
    threshold = _below(_numbers(trees, "threshold", np.float64))
    of_set = kind & OF_CATEGORIES > 0
    keys = (column << 36) | (kind << 32) | threshold.view(np.uint32)  # what makes a question, in one number
    asked, number = np.unique(keys[~of_set], return_inverse=True)
    sets = list(zip(column[of_set].tolist(), kind[of_set].tolist(), _sets(trees), strict=True))
    known = {one: place for place, one in enumerate(dict.fromkeys(sets))}
    asks = np.empty(len(column), np.int64)
    asks[~of_set], asks[of_set] = number, [len(asked) + known[one] for one in sets]
    return asks, Questions(
        column=np.concatenate([asked >> 36, [column for column, _, _ in known]]).astype(np.uint32),
        kind=np.concatenate([asked >> 32 & 15, [kind for _, kind, _ in known]]).astype(np.uint8),
        threshold=(asked & 0xFFFFFFFF).astype(np.uint32).view(np.float32),
        widths=np.array([len(words) for _, _, words in known], np.uint32),
        words=np.array([word for _, _, words in known for word in words], np.uint32),
    )


def _sets(trees: Sequence[_Fields]) -> Iterator[tuple[int, ...]]:
    """The words of the set of each split of categories."""
    for tree in trees:
        if tree["num_cat"] != "0":
            words = tuple(map(int, tree["cat_threshold"].split()))
            ends = list(map(int, tree["cat_boundaries"].split()))
            kinds, numbers = (tree[key].split() for key in ("decision_type", "threshold"))
            for kind, number in zip(kinds, numbers, strict=True):
                if int(kind) & OF_CATEGORIES:
                    yield words[ends[int(number)] : ends[int(number) + 1]]


def _below(thresholds: FloatArray) -> AnyArray:
    """The largest float32 not above each: what is a float32 itself is above one if and only if above the other."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near) + np.float32(0)


def _blocks(trees: Trees) -> Iterator[str]:
    """The lines of each tree, whose splits and leaves are numbered as they stand."""
    questions, asks = trees.questions, trees.asks
    splits = np.bincount(trees.tree, trees.splits).astype(np.int64)
    columns, kinds, left, right = map(_whole, (questions.column[asks], questions.kind[asks], *_children(trees, splits)))
    thresholds, values = _thresholds(trees, splits), list(map(repr, trees.values.tolist()))
    ends = np.cumsum(splits).tolist()
    for number, (start, end) in enumerate(pairwise([0, *ends])):
        leaves = slice(start + number, end + number + 1)
        lines = {
            "num_leaves": str(end - start + 1),
            **_set_lines(questions, asks[start:end]),
            "split_feature": " ".join(columns[start:end]),
            "threshold": " ".join(thresholds[start:end]),
            "decision_type": " ".join(kinds[start:end]),
            "left_child": " ".join(left[start:end]),
            "right_child": " ".join(right[start:end]),
            "leaf_value": " ".join(values[leaves]),
            "is_linear": "0",
        }
        yield f"{_NEXT}{number}\n" + "\n".join(f"{key}={value}" for key, value in lines.items())


def _whole(numbers: AnyArray) -> list[str]:
    """Whole numbers as text; there are few different ones."""
    least = int(numbers.min(initial=0))
    words = np.array(list(map(str, range(least, int(numbers.max(initial=0)) + 1))), object)
    texts: list[str] = words[numbers.astype(np.int64) - least].tolist()
    return texts


def _thresholds(trees: Trees, splits: IntArray) -> list[str]:
    """The threshold of each split; where categories are asked for, which set of its tree it is."""
    known, asks = trees.questions.threshold, trees.asks
    of_set = asks >= len(known)
    before: IntArray = np.concatenate([[0], np.cumsum(of_set)])
    own = before[:-1] - np.repeat(before[firsts(splits)], splits)
    thresholds = np.empty(len(asks), object)
    thresholds[of_set] = _whole(own[of_set])
    thresholds[~of_set] = np.array(list(map(repr, known.tolist())), object)[asks[~of_set]]
    texts: list[str] = thresholds.tolist()
    return texts


def _children(trees: Trees, splits: IntArray) -> tuple[IntArray, IntArray]:
    """Left and right children (splits,) as LightGBM numbers them: splits of a tree from 0, leaf i as ~i."""
    before: IntArray = np.cumsum(trees.splits) - trees.splits
    split = before - firsts(splits)[trees.tree]
    leaf = np.arange(len(before)) - before - firsts(splits + 1)[trees.tree]
    number = np.where(trees.splits, split, ~leaf)
    return number[np.flatnonzero(trees.splits) + 1], number[trees.right]


def _set_lines(questions: Questions, asks: IntArray) -> _Fields:
    """The lines of a tree that hold its sets of categories."""
    sets = (asks[asks >= len(questions.threshold)] - len(questions.threshold)).tolist()
    if not sets:
        return {"num_cat": "0"}
    words = [questions.sets[number] for number in sets]
    return {
        "num_cat": str(len(sets)),
        "cat_boundaries": " ".join(map(str, accumulate(map(len, words), initial=0))),
        "cat_threshold": " ".join(str(word) for one in words for word in one.tolist()),
    }
