"""What splines leave: small boosted trees (Lou, Caruana and Gehrke 2012), in which only one column is read, or a pair.

A leaf is a box over the cells of the columns on its path, so trees add up to tables, and the model stays a sum of
shapes. They are LightGBM's, grown by the slopes and bends of the loss; its interaction constraints say who may meet.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from assay.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from assay.core.clock import Deadline
from assay.families._additive_losses import Aim
from assay.families._additive_terms import Cells
from assay.families._shapes import Shape, parted

_SCREENED, _SCREENED_TREES, _SCREENED_RATE = 150, 1_000, 0.1
_FIXED: Mapping[str, Any] = {
    "num_leaves": 6,
    "min_data_in_leaf": 3,
    "min_sum_hessian_in_leaf": 1e-3,
    "lambda_l2": 0.1,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "cat_smooth": 10.0,
    "objective": "none",
    "boost_from_average": False,
    "max_bin": 511,
    "min_data_in_bin": 1,
    "feature_pre_filter": False,
    "use_missing": False,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


class Trees:
    """Trees that add to scores, and read the columns of one of ``sets`` on each path.

    Args:
        aim: The loss.
        cells: Where the training rows lie.
        scores: (n, c) to which they add.
        sets: Single columns, or pairs, which are read in coarser cells.
        rate: By which each tree is shrunk.
        seed: Of the rows that each round sees, and of thresholds.
    """

    def __init__(
        self, aim: Aim, cells: Cells, scores: FloatArray, sets: Sequence[Sequence[int]], *, rate: float, seed: int
    ) -> None:
        import lightgbm

        alone = all(len(columns) == 1 for columns in sets)
        self.aim, self.cells, self.start = aim, cells, scores
        self.columns = sorted({column for columns in sets for column in columns})
        self.maps = [np.arange(cells.grid.cells(own)) if alone else cells.paired(own) for own in self.columns]
        place = {column: at for at, column in enumerate(self.columns)}
        given = {
            **_FIXED,
            "learning_rate": rate,
            "extra_trees": alone,
            "num_class": aim.n_scores,
            "seed": seed,
            "interaction_constraints": [[place[column] for column in columns] for columns in sets],
        }
        codes = [at for at, column in enumerate(self.columns) if not cells.grid.is_number(column)]
        data = lightgbm.Dataset(
            self._table(cells.rows), np.zeros(len(scores)), categorical_feature=codes, params=dict(given)
        )
        self.booster = lightgbm.Booster(given, data)

    def grow(self, rounds: int) -> None:
        """A tree for each score, so many times."""
        for _ in range(rounds):
            self.booster.update(fobj=self._bends)

    def added(self, rows: Sequence[IntArray], first: int, rounds: int) -> FloatArray:
        """What the trees of some rounds add (n, c) for rows in these cells of all columns."""
        found = self.booster.predict(self._table(rows), first, rounds, raw_score=True, num_threads=1)
        return np.asarray(found, np.float64).reshape(-1, self.aim.n_scores)

    def shapes(self, rounds: int) -> tuple[Shape, ...]:
        """The trees of the first rounds as tables."""
        tables: dict[tuple[int, ...], FloatArray] = {}
        for score, box, value in self._boxes(rounds):
            columns = tuple(sorted(box))
            if columns not in tables:
                tables[columns] = np.zeros((*(len(box[at]) for at in columns), self.aim.n_scores))
            inside: Any = (*np.ix_(*(box[at] for at in columns)), score)
            tables[columns][inside] += value
        return tuple(self._shape(columns, tables[columns]) for columns in sorted(tables) if columns)

    def telling(self, rounds: int) -> list[tuple[int, int]]:
        """Pairs of columns by how much the first rounds add that neither column tells alone."""
        pairs = [shape for shape in self.shapes(rounds) if len(shape.columns) == 2]
        alone = [replace(shape, table=parted(shape)[0]).importance for shape in pairs]
        order = np.argsort(-np.array(alone), kind="stable")
        return [(pairs[at].columns[0], pairs[at].columns[1]) for at in order]

    def _boxes(self, rounds: int) -> Iterator[tuple[int, dict[int, BoolArray], float]]:
        """The score, the cells of each column on the path, and the value of each leaf."""
        if not rounds:
            return
        for tree in self.booster.dump_model(num_iteration=rounds)["tree_info"]:
            score = tree["tree_index"] % self.aim.n_scores
            for box, value in self._leaves(tree["tree_structure"], {}):
                yield score, box, value

    def _leaves(
        self, node: Mapping[str, Any], box: dict[int, BoolArray]
    ) -> Iterator[tuple[dict[int, BoolArray], float]]:
        if "split_feature" not in node:
            yield box, float(node["leaf_value"])
            return
        at = node["split_feature"]
        codes = np.arange(int(self.maps[at].max()) + 1)
        if node["decision_type"] == "==":
            left = np.isin(codes, [int(code) for code in str(node["threshold"]).split("||")])
        else:
            left = codes <= node["threshold"]
        for side, chosen in (("left_child", left), ("right_child", ~left)):
            yield from self._leaves(node[side], {**box, at: box.get(at, True) & chosen})

    def _shape(self, places: tuple[int, ...], table: FloatArray) -> Shape:
        columns, maps = tuple(self.columns[at] for at in places), tuple(self.maps[at] for at in places)
        if len(columns) == 1:
            return Shape(columns, table[maps[0]], self.cells.mass[columns[0]])
        first, second = (own[self.cells.rows[column]] for column, own in zip(columns, maps, strict=True))
        wide = table.shape[1]
        mass = np.bincount(first * wide + second, self.cells.weight, len(table) * wide).reshape(len(table), wide)
        return Shape(columns, table, mass.astype(np.float64), maps)

    def _table(self, rows: Sequence[IntArray]) -> Float32Array:
        found = [own[rows[column]] for column, own in zip(self.columns, self.maps, strict=True)]
        return np.column_stack(found).astype(np.float32)

    def _bends(self, added: FloatArray, _: object) -> tuple[FloatArray, FloatArray]:
        scores = self.start + added.reshape(len(self.start), -1)
        found = [self.aim.bends(scores, column) for column in range(self.aim.n_scores)]
        slope, bend = (np.column_stack(parts).reshape(added.shape) for parts in zip(*found, strict=True))
        return slope, bend


def telling_pairs(
    fit: tuple[Aim, Cells, FloatArray], columns: Sequence[int], seed: int, deadline: Deadline
) -> list[tuple[int, int]]:
    """Pairs of these columns, those first of which trees that may read any pair make most.

    Args:
        fit: The loss, where the training rows lie, and their scores (n, c) so far.
        columns: Which may be paired.
        seed: Of the rows that each round sees.
        deadline: When the trees are to end at the latest.
    """
    aim, cells, scores = fit
    sets = [(one, two) for at, one in enumerate(columns) for two in columns[at + 1 :]]
    if not sets:
        return []
    trees = Trees(aim, cells, scores, sets, rate=_SCREENED_RATE, seed=seed)
    most, gone = min(_SCREENED, max(_SCREENED_TREES // aim.n_scores, 1)), 0
    while gone < most and not deadline.passed:
        trees.grow(1)
        gone += 1
    return trees.telling(gone)
