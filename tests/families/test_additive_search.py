"""How long the rounds go on, and what is kept."""

from dataclasses import replace

import numpy as np

from assay.core.clock import Deadline
from assay.families import _additive_search as search
from assay.families._additive_search import Fit, searched, walked
from tests.families.additive_cases import FAMILY, learning, matrix, odds

N = 1_500
X, Z = (np.random.default_rng(seed).normal(size=N) for seed in (1, 2))
ASKED = learning(matrix(X, Z), odds(2 * X * Z + X))


def test_walking_as_many_rounds_gives_the_same_sum():
    fit, fixed, stopped = searched(ASKED, FAMILY.defaults)
    again = walked(ASKED, {**FAMILY.defaults, **fixed})
    assert stopped == "validation"
    assert fixed["pairs"] == [[0, 1]]
    assert np.array_equal(fit.sum.scores(), again.sum.scores())


def test_the_best_round_on_the_validation_rows_is_kept():
    fit, fixed, _ = searched(ASKED, {**FAMILY.defaults, "interactions": 0})
    rounds, _ = fixed["rounds"]
    losses = [walked(ASKED, {**FAMILY.defaults, "rounds": [count, 0]}).loss() for count in range(rounds + 1)]
    assert fit.loss() == losses[-1] == min(losses) < losses[0]


def test_pairs_that_make_it_worse_on_validation_rows_are_given_up():
    blind = replace(ASKED, valid_y=odds(X, seed=5)[np.arange(N) % 4 == 0])
    fit, fixed, _ = searched(blind, FAMILY.defaults)
    assert fixed["pairs"] == []
    assert fixed["rounds"][1] == 0
    assert all(len(term.columns) == 1 for term, _ in fit.sum.terms)


def test_a_clock_that_stops_between_rounds_leaves_what_was_learned():
    class Third(Deadline):
        looks = 0

        @property
        def passed(self):
            type(self).looks += 1
            return self.looks > 3

    _, fixed, stopped = searched(replace(ASKED, deadline=Third()), FAMILY.defaults)
    assert stopped == "clock"
    assert fixed == {"rounds": [2, 0], "pairs": []}


def test_many_columns_or_rows_leave_fewer_coefficients_for_each(monkeypatch):
    wide = Fit(ASKED, 20).sum.width
    monkeypatch.setattr(search, "_MOST_WIDTH", 20)
    assert Fit(ASKED, 20).sum.width <= 1 + 20 < wide
