"""Where the nodes of trees stand in preorder: a split, then all of its left side, then all of its right."""

import numpy as np

from assay.core.arrays import IntArray


def preorder(roots: IntArray, left: IntArray, right: IntArray) -> IntArray:
    """The place (nodes,) of each node if all trees stand behind each other in preorder.

    Args:
        roots: (trees,) numbers of nodes; splits are numbered first, then leaves.
        left: (splits,) number of the left child of each split.
        right: (splits,) number of the right child of each split.
    """
    levels, level = [], roots
    while len(level):
        inner = level[level < len(left)]
        levels.append(inner)
        level = np.concatenate([left[inner], right[inner]])
    size = np.ones(len(roots) + 2 * len(left), np.int64)
    for inner in reversed(levels):
        size[inner] += size[left[inner]] + size[right[inner]]
    place = np.empty_like(size)
    place[roots] = firsts(size[roots])
    for inner in levels:
        place[left[inner]] = place[inner] + 1
        place[right[inner]] = place[inner] + 1 + size[left[inner]]
    return place


def firsts(sizes: IntArray) -> IntArray:
    """Where each of some parts that stand behind each other begins."""
    return np.cumsum(sizes) - sizes
