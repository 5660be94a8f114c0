"""Kinds of columns, as a person would say them, with the reason."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from assay.data._infer import infer_kind
from assay.data.schema import Kind
from tests.conftest import real_data

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("name", "values", "kind", "reason"),
    [
        ("x", RANDOM.normal(size=50).tolist(), Kind.NUMERIC, "numbers, 50 different"),
        ("stars", [1, 2, 3, 4, 5] * 10, Kind.NUMERIC, "numbers, 5 different"),
        ("id", list(range(1000, 1050)), Kind.IDENTIFIER, "counting up"),
        ("customer_id", RANDOM.permutation(50).tolist(), Kind.IDENTIFIER, "counting up"),
        ("price", RANDOM.permutation(50).tolist(), Kind.NUMERIC, "numbers"),
        ("code", [f"A{n:03}" for n in range(50)], Kind.IDENTIFIER, "codes, all 50 different"),
        (
            "ticket",
            [f"A/{n * 37 % 83}" for n in range(80)] + ["A/0"] * 20,
            Kind.TEXT,
            "80 different values in 100 rows",
        ),
        ("price", [f"{n * 1.5}" for n in range(50)], Kind.NUMERIC, "numbers, 50 different (written as text)"),
        ("grade", ["1", "2", "3"] * 20, Kind.CATEGORICAL, "3 different values"),
        ("when", ["2024-05-31", "2024-06-01"] * 20, Kind.DATETIME, "(written as text)"),
        ("flag", ["true", "False"] * 20, Kind.BOOLEAN, "true or false (written as text)"),
        ("phone", [f"0{n}" for n in range(40)], Kind.IDENTIFIER, "codes"),
        ("uuid", [f"{n:08x}-0000-4000-8000-{n:012x}" for n in range(40)], Kind.IDENTIFIER, "codes, all 40 different"),
        ("colour", ["red", "green", None] * 20, Kind.CATEGORICAL, "2 different values"),
        ("city", ["New York", "Los Angeles", "San Jose"] * 20, Kind.CATEGORICAL, "3 different values"),
        (
            "mail",
            [f"please read number {n} of my mails" for n in range(50)],
            Kind.TEXT,
            "50 different texts, 7.0 words",
        ),
        ("ok", [True, False] * 20, Kind.BOOLEAN, "true or false"),
        ("day", [datetime(2024, 1, 1) + timedelta(days=n) for n in range(30)], Kind.DATETIME, "dates from 2024-01-01"),
        ("same", ["x"] * 20, Kind.CONSTANT, "always 'x'"),
        ("none", [None] * 20, Kind.CONSTANT, "every value is missing"),
    ],
)
def test_kinds_with_reasons(name: str, values: list[object], kind: Kind, reason: str) -> None:
    found, why = infer_kind(pl.Series(name, values))
    assert found is kind
    assert reason in why


def test_a_value_that_is_only_sometimes_there_says_something() -> None:
    assert infer_kind(pl.Series("c", ["x", None] * 10))[0] is Kind.CATEGORICAL


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("tabular/adult", {"age": Kind.NUMERIC, "workclass": Kind.CATEGORICAL, "native_country": Kind.CATEGORICAL}),
        ("tabular/titanic", {"Name": Kind.TEXT, "Ticket": Kind.TEXT, "Sex": Kind.CATEGORICAL, "Age": Kind.NUMERIC}),
        ("text/sms_spam", {"text": Kind.TEXT}),
        ("tabular/hypothyroid", {"TBG": Kind.CONSTANT, "sex": Kind.CATEGORICAL, "TSH": Kind.NUMERIC}),
    ],
)
def test_real_columns(data: str, expected: dict[str, Kind]) -> None:
    table = pl.read_parquet(real_data(data) / "train.parquet")
    assert {name: infer_kind(table[name])[0] for name in expected} == expected
