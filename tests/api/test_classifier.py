"""The scikit-learn estimator: scikit-learn's own checks, frames of all sorts, labels of any type, refusals."""

import pickle
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from assay import AssayClassifier
from assay.core.errors import DataError, PlanError


def quick(**settings: Any) -> AssayClassifier:
    return AssayClassifier(**{"families": ("linear",), "folds": 3, "threads": 1, **settings})


def mixed(rows: int = 90) -> dict[str, list[Any]]:
    """Columns of every kind with gaps; the text tells the class, see `classes`."""
    draw, y = np.random.default_rng(0), np.arange(rows) % 3
    words = (["free", "prize", "claim"], ["late", "home", "dinner"], ["meeting", "agenda", "notes"])
    columns: dict[str, list[Any]] = {
        "size": draw.normal(size=rows).tolist(),
        "colour": draw.choice(["red", "green", "blue"], rows).tolist(),
        "text": [f"{' '.join(draw.choice(words[label], 5))} {row}" for row, label in enumerate(y)],
        "day": [date(2020, 1, 1) + timedelta(days=int(n)) for n in draw.integers(0, 900, rows)],
    }
    for number, values in enumerate(columns.values()):
        values[number::10] = [None] * len(values[number::10])
    return columns


def classes(rows: int = 90, names: Any = ("ham", "home", "work")) -> Any:
    return np.array(names, dtype=getattr(names, "dtype", None))[np.arange(rows) % 3]


@parametrize_with_checks([AssayClassifier(families=("linear",), threads=1)])
def test_scikit_learn_checks_pass(estimator: AssayClassifier, check: Any) -> None:
    check(estimator)


def test_probabilities_stand_in_the_order_of_the_classes() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "a versicolor", "virginica"])[y]
    model = quick().fit(X, names)
    outputs = model.predict_proba(X)
    assert model.classes_.tolist() == ["a versicolor", "setosa", "virginica"]
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    assert (model.classes_[outputs.argmax(axis=1)] == names).mean() > 0.9
    assert model.score(X, names) > 0.9


def test_what_it_is_worth_is_known_without_a_test_set() -> None:
    X, y = load_iris(return_X_y=True)
    model = quick(metric="accuracy").fit(X, y)
    assert 0.85 < model.evidence_.score <= 1
    assert model.evidence_.interval[0] <= model.evidence_.score <= model.evidence_.interval[1]


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, lambda columns: pl.DataFrame(columns).to_arrow()])
def test_frames_may_hold_texts_categories_dates_and_gaps(frame: Any) -> None:
    X, y = frame(mixed()), classes()
    model = quick().fit(X, y)
    assert model.score(X, y) > 0.9
    assert model.n_features_in_ == 4
    assert model.feature_names_in_.tolist() == ["size", "colour", "text", "day"]


def test_frames_of_any_library_give_the_same_model() -> None:
    columns = {name: values for name, values in mixed().items() if name != "day"}
    one, two = (quick().fit(frame(columns), classes()) for frame in (pd.DataFrame, pl.DataFrame))
    np.testing.assert_array_equal(one.predict_proba(pd.DataFrame(columns)), two.predict_proba(pl.DataFrame(columns)))


def test_categories_of_pandas_are_categories() -> None:
    X = pd.DataFrame({"colour": pd.Categorical(["red", "green", "blue"] * 30)})
    assert quick().fit(X, classes()).score(X, classes()) == 1


@pytest.mark.parametrize(
    "names", [["b", "a", "c"], [3, -1, 20], [0.5, 1.5, 2.5], np.array(["b", "a", "c"], object)], ids=str
)
def test_labels_of_any_type_come_back(names: Any) -> None:
    X, y = pd.DataFrame(mixed()), classes(names=names)
    model = quick().fit(X, y) if y.dtype.kind != "f" else quick().fit(X, y.astype(str))
    decided = model.predict(X)
    assert decided.dtype == model.classes_.dtype
    assert (decided.astype(str) == y.astype(str)).mean() > 0.9


def test_labels_may_be_true_and_false_or_a_series() -> None:
    X = pd.DataFrame(mixed())
    for y in (classes() == "ham", pd.Series(classes() == "ham"), (classes() == "ham").tolist()):
        model = quick().fit(X, y)
        assert model.classes_.tolist() == [False, True]
        assert model.predict(X).dtype == bool
        assert (model.predict(X) == np.asarray(y)).mean() > 0.9


def test_a_class_of_one_row_is_kept_dropped_or_refused() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.where(np.arange(len(y)) == 7, "alone", y.astype(str))
    kept, dropped = (quick(rare_classes=wish).fit(X, names) for wish in ("keep", "drop"))
    for model in (kept, dropped):
        assert model.predict_proba(X).shape == (len(X), len(model.classes_))
        assert model.score(X, names) > 0.9
    assert kept.classes_.tolist() == ["0", "1", "2", "alone"]
    with pytest.raises(DataError, match="classes with one row: 'alone'"):
        quick(rare_classes="error").fit(X, names)


def test_arrays_may_have_gaps() -> None:
    X, y = load_iris(return_X_y=True)
    X[::4, 2] = np.nan
    assert quick().fit(X, y).score(X, y) > 0.9


def test_whole_numbers_in_an_array_are_numbers_not_categories() -> None:
    X = np.arange(90)[:, None] % 6
    model = quick().fit(X, X[:, 0] > 2)
    assert model.model_.schema["x0"].kind == "numeric"


def test_weights_and_groups_are_columns_and_no_features() -> None:
    X = pd.DataFrame({**mixed(), "worth": np.linspace(0.1, 2, 90), "person": np.arange(90) // 5})
    model = quick(weight="worth", group="person").fit(X, classes())
    assert set(model.model_.schema.features()) <= {"size", "colour", "text", "day"}
    folds = pd.Series(model.evidence_.fold).groupby(X["person"]).nunique()
    assert (folds == 1).all()
    without = X.drop(columns=["worth", "person"])
    with pytest.raises(ValueError, match="feature names"):
        model.predict(without)


def test_weights_move_the_probabilities() -> None:
    draw = np.random.default_rng(0)
    y = np.arange(200) % 2
    X = pd.DataFrame({"x": draw.normal(size=200), "worth": np.where(y == 1, 9.0, 1.0)})
    plain, weighted = quick().fit(X[["x"]], y), quick(weight="worth").fit(X, y)
    assert plain.predict_proba(X[["x"]])[:, 1].mean() == pytest.approx(0.5, abs=0.05)
    assert weighted.predict_proba(X)[:, 1].mean() == pytest.approx(0.9, abs=0.05)


def test_it_can_be_cloned_and_pickled() -> None:
    X, y = load_iris(return_X_y=True)
    model = quick(metric="accuracy").fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    fresh = clone(model)
    assert fresh.get_params() == model.get_params()
    assert not hasattr(fresh, "classes_")


def test_it_works_in_cross_validation_a_pipeline_and_a_search() -> None:
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), quick())
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    assert cross_val_score(quick(), X, y, cv=3, scoring="neg_log_loss").mean() > -0.4
    search = GridSearchCV(quick(), {"metric": ["accuracy", "log_loss"]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.9


def test_text_frames_work_in_cross_validation() -> None:
    assert cross_val_score(quick(), pd.DataFrame(mixed()), classes(), cv=3).mean() > 0.9


def test_the_same_seed_gives_the_same_probabilities() -> None:
    X, y = load_iris(return_X_y=True)
    one, two, other = (quick(random_state=seed).fit(X, y).predict_proba(X) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_before_it_is_fitted_it_says_so() -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        quick().predict(np.ones((2, 2)))
    with pytest.raises(NotFittedError, match="not fitted yet"):
        quick().predict_proba(pd.DataFrame({"x": [1]}))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"metric": "acuracy"}, "did you mean 'accuracy'"),
        ({"families": ("lineer",)}, "did you mean 'linear'"),
        ({"weight": "worth"}, "worth"),
        ({"rare_classes": "forget"}, "forget"),
        ({"folds": 0}, "folds = 0"),
        ({"time": -5}, "-5"),
    ],
)
def test_a_setting_that_does_not_exist_is_refused(settings: dict[str, Any], says: str) -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises((PlanError, DataError), match=says):
        quick(**settings).fit(X, y)


@pytest.mark.parametrize("frame", [np.asarray, pd.DataFrame], ids=["array", "frame"])
def test_one_class_is_refused(frame: Any) -> None:
    with pytest.raises(ValueError, match="one class only, 'ham'"):
        quick().fit(frame(np.random.default_rng(0).normal(size=(20, 2))), ["ham"] * 20)


@pytest.mark.parametrize("labels", [np.linspace(0, 1, 90), np.arange(270).reshape(90, 3), [None, "a", "b"] * 30])
def test_labels_that_are_no_classes_are_refused(labels: Any) -> None:
    with pytest.raises(ValueError, match=r"Unknown label type|y should be a 1d array"):
        quick().fit(pd.DataFrame(mixed()), labels)


def test_labels_and_rows_differ_in_number() -> None:
    for X in (pd.DataFrame(mixed()), np.ones((90, 2))):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[90, 60\]"):
            quick().fit(X, classes(60))


def test_frames_may_hold_pictures() -> None:
    stack = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8)
    frame = pl.DataFrame({"photo": stack, "file": [f"{number}.png" for number in range(60)]})
    model = quick(families=("prior",), picture_size=4).fit(frame, np.arange(60) % 3)
    assert (model.model_.schema["photo"].shape, model.model_.schema.features()) == ((4, 4, 1), ("photo",))
    assert model.predict_proba(frame.head(2)).shape == (2, 3)


def test_classes_may_have_an_order() -> None:
    X, y = load_iris(return_X_y=True)
    model = quick(ordinal=True, families=("proportional",)).fit(X, np.array(["1 low", "2 mid", "3 high"])[y])
    assert model.model_.task.ordered
    assert model.classes_.tolist() == ["1 low", "2 mid", "3 high"]
    assert (model.predict(X) == model.classes_[y]).mean() > 0.9


def test_several_classes_may_be_learned_by_binary_models() -> None:
    X, y = load_iris(return_X_y=True)
    model = quick(decompose="ovo").fit(X, y)
    assert "ovo" in {trial.family for trial in model.evidence_.trials}
    assert model.score(X, y) > 0.9


def test_a_row_can_have_several_labels() -> None:
    X, _ = load_iris(return_X_y=True)
    y = np.stack([X[:, 2] > 2, X[:, 0] > 5.8, X[:, 3] > 1.6], axis=1).astype(int)
    model = quick().fit(X, y)
    assert model.classes_.tolist() == [0, 1, 2]
    assert model.predict_proba(X).shape == (150, 3)
    decided = model.predict(X)
    assert set(np.unique(decided)) == {0, 1}
    assert (decided == y).mean() > 0.9
    assert model.score(X, y) == pytest.approx((decided == y).all(axis=1).mean())
    frame = pd.DataFrame(X, columns=list("abcd"))
    assert (quick().fit(frame, pd.DataFrame(y)).predict(frame) == y).mean() > 0.9
