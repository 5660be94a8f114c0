"""Numbers as a target: what is taken for one, what is refused, and intervals that hold what they promise."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError, PlanError, RunError
from assay.tasks._base import Asked, Rule
from assay.tasks._choose import choose_task
from assay.tasks.regression import LOSSES, Regression

PRICES = pl.Series("price", [1.5, 2.25, None, 4.0, 5.75])


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0.5 * n for n in range(60)], "regression"),
        ([n % 3 + 0.5 for n in range(60)], "multiclass"),
        ([float(n % 30) for n in range(300)], "multiclass"),
        (list(range(1000)), "regression"),
        ([n % 7 for n in range(300)], "multiclass"),
        ([n % 2 + 0.5 for n in range(60)], "binary"),
        ([str(n % 30) for n in range(300)], "multiclass"),
    ],
)
def test_a_target_that_cannot_be_classes_is_taken_for_numbers(values: list[object], task: str) -> None:
    assert choose_task(pl.Series("t", values)).name == task


def test_gaps_are_no_labels() -> None:
    task = Regression.from_target(PRICES)
    y = task.encode(PRICES)
    assert task.labelled(y).tolist() == [True, True, False, True, True]
    assert task.decode(y[:2]).to_list() == [1.5, 2.25]
    assert task.encode(pl.Series(["1.5", "x", ""])).tolist() == pytest.approx([1.5, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("target", "asked", "says"),
    [
        (pl.Series("t", ["1", "two", "3"]), Asked(), r"1 values that are no numbers.*row 2: 'two'[\s\S]*multiclass"),
        (pl.Series("t", [1.0, np.inf]), Asked(), r"infinity in the target column 't', row 2"),
        (pl.Series("t", [3.0, 3.0]), Asked(), r"fewer than two different numbers"),
        (PRICES, Asked(loss="hubr"), r"no loss 'hubr'[\s\S]*did you mean 'huber'"),
        (PRICES, Asked(interval=90), r"--interval 90[\s\S]*a share between 0 and 1"),
        (PRICES, Asked(positive="a"), r"--positive 'a' for a regression task"),
    ],
)
def test_what_cannot_be_predicted_or_asked_is_refused(target: pl.Series, asked: Asked, says: str) -> None:
    with pytest.raises((DataError, PlanError), match=says):
        Regression.from_target(target, asked)


@pytest.mark.parametrize("option", [{"loss": "huber"}, {"interval": 0.9}])
def test_classes_have_no_loss_and_no_interval(option: dict[str, object]) -> None:
    with pytest.raises(PlanError, match=rf"--{next(iter(option))} .* for a binary task[\s\S]*--task regression"):
        choose_task(pl.Series(["a", "b"]), None, Asked(**option))  # type: ignore[arg-type]


def test_many_far_targets_suggest_another_loss() -> None:
    y = np.r_[np.random.default_rng(0).normal(0, 1, 95), [500.0] * 5]
    (notice,) = Regression.from_target(pl.Series(y)).notices
    assert notice.startswith("5.0% of the targets lie far out")
    assert "--loss huber" in notice
    assert Regression.from_target(pl.Series(y), Asked(loss="mae")).notices == ()
    assert Regression.from_target(pl.Series(y[:95])).notices == ()


@given(seed=st.integers(0, 200), share=st.sampled_from([0.5, 0.8, 0.9]))
def test_calibrated_intervals_hold_their_share_of_new_rows(seed: int, share: float) -> None:
    """Whatever the first ends were: exchangeability is all that it takes (Romano et al. 2019, theorem 1)."""
    random, task = np.random.default_rng(seed), Regression(interval=share)
    y = random.normal(0, 3, 4000)
    outputs = np.column_stack([np.zeros(4000), random.uniform(-4, 1, 4000), random.uniform(-1, 4, 4000)])
    held = task.calibration(y[:2000], outputs[:2000], np.ones(2000))
    moved = task.calibrated(outputs[2000:], held)
    inside = (moved[:, 1] <= y[2000:]) & (y[2000:] <= moved[:, 2])
    assert inside.mean() == pytest.approx(share, abs=0.05)
    assert (moved[:, 1] <= moved[:, 0]).all()
    assert (moved[:, 0] <= moved[:, 2]).all()


def test_crossing_quantiles_are_put_in_order_and_said() -> None:
    task, outputs = Regression(interval=0.9), np.array([[1.0, 2.0, 0.0], [1.0, 0.5, 1.5]])
    assert task.remarks(outputs) == ("the quantiles of 1 row crossed, and were put in order",)
    assert task.calibrated(outputs, (0.0,)).tolist() == [[1.0, 0.0, 2.0], [1.0, 0.5, 1.5]]
    assert Regression().remarks(outputs) == ()


@pytest.mark.parametrize("loss", LOSSES)
def test_the_prior_is_the_best_constant(loss: str) -> None:
    random = np.random.default_rng(1)
    y, weight = random.exponential(2.0, 301), random.uniform(0.5, 2, 301)
    task = Regression(loss, 0.8)
    prior = task.prior(y, weight)

    def mean_loss(column: int, moved: float) -> float:
        outputs = np.tile(prior, (301, 1))
        outputs[:, column] += moved
        return float(np.average(task.row_loss(y, outputs), weights=weight))

    smooth = loss in ("huber", "log_cosh")  # their best constant lies between median and mean
    for column in (1, 2) if smooth else (0, 1, 2):
        assert mean_loss(column, 0.0) <= min(mean_loss(column, 0.2), mean_loss(column, -0.2)) + 1e-9


def test_folds_get_small_and_large_numbers_alike() -> None:
    tenths = Regression().strata(np.r_[np.arange(100.0), np.nan])
    assert np.bincount(tenths[:100]).tolist() == [10] * 10


def test_it_survives_files() -> None:
    task = Regression("huber", 0.9, centre=3.0, spread=2.0, notices=("so",))
    again = Regression.from_state(task.state())
    assert (again.state(), again.notices, list(again.metrics)) == (task.state(), ("so",), list(task.metrics))
    assert task.labels == ("prediction", "low", "high")
    assert task.levels == pytest.approx((0.05, 0.95))
    with pytest.raises(RunError, match="the loss 'hope'"):
        Regression.from_state({**task.state(), "loss": "hope"})


def test_the_prediction_is_decided_and_the_ends_are_shown() -> None:
    task, outputs = Regression(interval=0.5), np.array([[2.0, 1.0, 3.0]])
    assert task.decide(outputs, Rule()).tolist() == [2.0]
    assert {name: found.tolist() for name, found in task.shown(outputs).items()} == {"low": [1.0], "high": [3.0]}
