"""Messages say what was found, what was expected and what to do; errors cross processes whole."""

import pickle

import pytest

from assay.core.errors import (
    AssayError,
    DataError,
    Interrupted,
    OutputError,
    PlanError,
    RunError,
    UserError,
    did_you_mean,
    listed,
)


def test_the_message_has_three_parts() -> None:
    error = DataError("no column 'lable' in mail.csv", expected="a column", fix="type --target label")
    assert str(error).splitlines() == [
        "Found: no column 'lable' in mail.csv.",
        "Expected: a column.",
        "Next: type --target label.",
    ]
    assert (error.found, error.expected, error.fix) == (
        "no column 'lable' in mail.csv",
        "a column",
        "type --target label",
    )


@pytest.mark.parametrize("kind", [DataError, PlanError, RunError, OutputError])
def test_what_the_user_can_repair_is_a_user_error(kind: type[UserError]) -> None:
    assert issubclass(kind, UserError)
    assert not issubclass(Interrupted, UserError)
    assert issubclass(Interrupted, AssayError)


@pytest.mark.parametrize("kind", [DataError, PlanError])
def test_bad_values_are_value_errors_as_scikit_learn_expects(kind: type[UserError]) -> None:
    with pytest.raises(ValueError, match="Found: x"):
        raise kind("x", expected="y", fix="z")


@pytest.mark.parametrize("kind", [UserError, DataError, PlanError, RunError, OutputError])
def test_an_error_comes_out_of_a_worker_process_as_it_was(kind: type[UserError]) -> None:
    error = kind("x", expected="y", fix="z")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert again.fix == "z"


@pytest.mark.parametrize(
    ("word", "says"),
    [("lable", "did you mean 'Label'? "), ("price", "did you mean 'unit price'? "), ("zzz", ""), ("", "")],
)
def test_did_you_mean_finds_near_names(word: str, says: str) -> None:
    assert did_you_mean(word, ["Label", "unit price", "colour"]) == says


def test_did_you_mean_prefers_the_first_of_names_that_differ_in_case() -> None:
    assert did_you_mean("LABEL", ["label", "Label"]) == "did you mean 'label'? "


def test_listed_cuts_long_lists_and_says_so() -> None:
    assert listed(range(3)) == "0, 1, 2"
    assert listed(range(15), limit=2) == "0, 1 and 13 more"
