"""Nodes in preorder."""

import numpy as np

from assay.families._preorder import firsts, preorder


def test_two_trees_stand_behind_each_other():
    #   tree of splits 0 (leaves 2, and split 1 of leaves 3 and 4), then a tree of one leaf, 5
    places = preorder(np.array([0, 5]), np.array([2, 3]), np.array([1, 4]))
    assert places.tolist() == [0, 2, 1, 3, 4, 5]


def test_the_first_of_each_part():
    assert firsts(np.array([3, 1, 2])).tolist() == [0, 3, 4]
