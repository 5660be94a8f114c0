"""`Run.n_best`: of each sequence the most probable taggings, the best first."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.core.errors import PlanError, listed
from assay.data.dataset import Dataset
from assay.families._chain import sums
from assay.families._chained import Chained, sequence_of
from assay.families._n_best import n_best
from assay.fitting.model import Model
from assay.tasks._spans import Steps
from assay.tasks.tagging import Tagging


@dataclass(frozen=True)
class Way:
    """A sequence of tags for the steps of one sequence, and its probability among all that there are."""

    tags: tuple[str, ...]
    probability: float


def n_best_of(model: Model, data: Dataset, n: int) -> list[list[Way]]:
    """The n most probable taggings of each sequence, in the order of the rows, by the model's heaviest chain.

    Raises:
        PlanError: No member of the model is a chain, or fewer than one tagging is asked for.
    """
    if n < 1:
        raise PlanError(f"n = {n}", expected="a whole number from 1", fix="ask for one tagging or more")
    task = model.task
    chains = [
        (entry.weight, number, predictor)
        for entry in model.members
        for number, predictor in entry.parts[:1]
        if isinstance(predictor, Chained)
    ]
    if not chains or not isinstance(task, Tagging):
        raise PlanError(
            f"a model without a chain of tags: it is made of {listed(entry.name for entry in model.members)}",
            expected="a run with the family crf or tagger",
            fix="fit with --task tagging --families crf",
        )
    _, number, predictor = max(chains, key=lambda entry: entry[0])
    matrix = model.encodings[number].transform(data)
    scores, steps = predictor.scores(matrix), Steps.of(sequence_of(matrix))
    totals = sums(scores, steps).log_total
    k = len(task.labels)
    allowed = None if task.scheme is None else task.scheme.between()
    found: list[tuple[int, list[Way]]] = []
    for first, length, total in zip(steps.rows[0].tolist(), steps.lengths.tolist(), totals.tolist(), strict=True):
        own = scores[first : first + length].astype(np.float64)
        tags, values = n_best(own, scores[-k - 2 :].astype(np.float64), n, allowed)
        chances = np.exp(values - total).tolist()
        found.append((first, [Way(_named(row, task.labels), p) for row, p in zip(tags, chances, strict=True)]))
    return [ways for _, ways in sorted(found, key=lambda entry: entry[0])]


def _named(tags: Sequence[int], labels: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels[tag] for tag in tags)
