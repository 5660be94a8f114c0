"""Regress, then cut."""

import numpy as np
import polars as pl
import pytest

import assay
from assay.core.errors import PlanError, RunError
from assay.families.cut import Cut, CutPredictor
from assay.tasks.multiclass import Multiclass
from assay.tasks.ordinal import Ordinal
from assay.testing._examples import example


def test_it_learns_an_order_that_bends() -> None:
    random = np.random.default_rng(0)
    x = random.uniform(-2, 2, (1200, 2))
    hidden = x[:, 0] ** 2 + 0.5 * x[:, 1] + random.normal(0, 0.3, 1200)
    grade = np.digitize(hidden, [0.5, 1.2, 2.2])
    table = pl.DataFrame({"x": x[:, 0], "z": x[:, 1], "grade": grade})
    run = assay.fit(
        table, "grade", task="ordinal", families=["cut", "proportional"], folds=3, time=0, metric="rank_mae"
    )
    scores = {trial.name: trial.score for trial in run.evidence.trials}
    assert scores["cut"] < 0.4 < scores["proportional"]
    assert run.evidence.scores["accuracy"] > 0.65


def test_it_is_for_an_order() -> None:
    task = Multiclass(("a", "b", "c"), "text")
    assert Cut().refusal(example(4).data.schema, task, 100) == "the classes have no order"


def test_its_base_learns_numbers() -> None:
    with pytest.raises(PlanError, match=r"base = 'nbsvm' among the settings of cut[\s\S]*linear or boosted"):
        Cut().check({"base": "nbsvm"})
    with pytest.raises(PlanError, match="leaves = 'many'"):
        Cut().check({"settings": {"leaves": "many"}})


def test_a_forged_base_is_refused() -> None:
    with pytest.raises(RunError, match=r"numbers of the family 'os\.system'"):
        CutPredictor.from_state({"base": "os.system", "numbers": {}, "cut": {}})


def test_another_base_is_asked_where_the_first_cannot_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, task = example(4).data.schema, Ordinal(("a", "b", "c"), "text")
    assert [settings["base"] for settings in Cut().variants(numbers, task, 1000)] == ["boosted"]
    monkeypatch.setattr(Cut, "bases", ("nbsvm", "linear"))
    assert Cut().refusal(numbers, task, 1000) is None
    assert [settings["base"] for settings in Cut().variants(numbers, task, 1000)] == ["linear"]
    monkeypatch.setattr(Cut, "bases", ("nbsvm",))
    assert "none of the families that it stands on (nbsvm)" in str(Cut().refusal(numbers, task, 1000))
