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
    assert np.array_equal(fit.scores(), again.scores())


def test_a_path_is_gone_until_it_rests():
    asked = learning(matrix(X), odds(2 * np.sin(2 * X)))
    fit, fixed, _ = searched(asked, FAMILY.defaults)
    further = walked(asked, {**FAMILY.defaults, "rounds": [fixed["rounds"][0] + 3, 0]})
    assert 2 < fixed["rounds"][0] < 25
    assert np.abs(further.sum.scores() - fit.sum.scores()).max() < 0.2


def test_where_validation_rows_get_worse_it_goes_back():
    blind = replace(ASKED, valid_y=1 - ASKED.valid_y)
    fit, fixed, _ = searched(blind, FAMILY.defaults)
    assert fixed == {"rounds": [0, 0], "pairs": [], "steps": [0, 0], "crossed": []}
    assert not any(weights.any() for weights in fit.sum.weights)


def test_worse_is_more_than_standard_errors():
    draw, weight = np.random.default_rng(0), np.full(400, 1 / 400)
    best = draw.random(400)
    noise = draw.normal(0, 1, 400)
    noise -= noise.mean()
    for rise, worse in ((0.02, False), (0.2, True), (-0.2, False)):
        assert search._is_worse([best + 1, best, best + rise + noise], weight, 1.0) == worse


def test_pairs_that_make_it_worse_on_validation_rows_are_given_up():
    blind = replace(ASKED, valid_y=odds(X, seed=5)[np.arange(N) % 4 == 0])
    fit, fixed, _ = searched(blind, FAMILY.defaults)
    assert fixed["pairs"] == []
    assert fixed["rounds"][1] == 0
    assert all(len(term.columns) == 1 for term, _ in fit.sum.terms)


def test_steps_that_splines_leave_are_taken_by_trees():
    jagged = np.where(np.floor(X * 12) % 2 == 0, 2.0, -2.0)
    asked = learning(matrix(X, Z), odds(jagged))
    fit, fixed, _ = searched(asked, {**FAMILY.defaults, "knots": 8, "interactions": 0})
    smooth = walked(asked, {**FAMILY.defaults, "knots": 8, **fixed, "steps": []})
    assert fixed["steps"][0] > 0
    assert fixed["crossed"] == []
    assert fit.losses().mean() < 0.9 * smooth.losses().mean()
    again = walked(asked, {**FAMILY.defaults, "knots": 8, **fixed})
    assert np.array_equal(fit.scores(), again.scores())


def test_a_clock_that_stops_the_trees_keeps_the_best_of_them(monkeypatch):
    fit = Fit(ASKED, 8)
    looks = iter([False, False, True])
    monkeypatch.setattr(Deadline, "passed", property(lambda _: next(looks)))
    rounds, cut = search._grown(fit, Deadline(), [(0,)])
    assert cut
    assert rounds <= 2 * search._AT_ONCE


def test_a_clock_that_stops_between_rounds_leaves_what_was_learned():
    class Third(Deadline):
        looks = 0

        @property
        def passed(self):
            type(self).looks += 1
            return self.looks > 3

    _, fixed, stopped = searched(replace(ASKED, deadline=Third()), FAMILY.defaults)
    assert stopped == "clock"
    assert fixed == {"rounds": [2, 0], "pairs": [], "steps": [0, 0], "crossed": []}


def test_many_columns_or_rows_leave_fewer_coefficients_for_each(monkeypatch):
    wide = Fit(ASKED, 20).sum.width
    monkeypatch.setattr(search, "_MOST_WIDTH", 20)
    assert Fit(ASKED, 20).sum.width <= 1 + 20 < wide
