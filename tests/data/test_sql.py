"""Rows of a database."""

import sqlite3
from pathlib import Path

import pytest

from assay.core.errors import DataError
from assay.data._sql import read_sql, without_password


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A SQLite database with a table ``mail``."""
    with sqlite3.connect(tmp_path / "mail.db") as connection:
        connection.execute("create table mail (id integer, body text, score real, label text)")
        rows = [(1, "buy now", 0.5, "spam"), (2, None, None, "ham")]
        connection.executemany("insert into mail values (?, ?, ?, ?)", rows)
    connection.close()
    return f"sqlite:///{tmp_path / 'mail.db'}"


def test_a_query_and_a_table(url: str) -> None:
    assert read_sql(url, "select body, label from mail where id = 1").rows() == [("buy now", "spam")]
    assert read_sql(url, "mail")["score"].to_list() == [0.5, None]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (None, r"a connection URL without a query[\s\S]*one of the tables: mail[\s\S]*--query"),
        ("select * from male", r"a query that failed on sqlite[\s\S]*no such table: male"),
        ("selec 1", r"a query that failed[\s\S]*syntax error"),
        ("mial", r"no table 'mial' in sqlite[\s\S]*did you mean 'mail'"),
        ("select a.*, b.* from mail a, mail b", r"columns of one name[\s\S]*'id'[\s\S]*SELECT a.body AS first"),
    ],
)
def test_queries_that_give_nothing(url: str, query: str | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_sql(url, query)


@pytest.mark.parametrize("query", ["drop table mail", "delete from mail", "insert into mail (id) values (3)"])
def test_nothing_in_the_database_is_changed(url: str, query: str) -> None:
    with pytest.raises(DataError, match="readonly database"):
        read_sql(url, query)
    assert len(read_sql(url, "mail")) == 2


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file .*none.db[\s\S]*check the path"):
        read_sql(f"sqlite:///{tmp_path / 'none.db'}", "mail")
    assert not (tmp_path / "none.db").exists()


def test_a_relative_path(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_sql("sqlite:///mail.db", "mail").equals(read_sql(url, "mail"))


def test_views_odd_names_and_colons(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mail.db") as connection:
        connection.execute('create table "odd "" name" (a integer)')
        connection.execute("create view bought as select * from mail where body like '%buy%'")
    connection.close()
    assert read_sql(url, 'odd " name').columns == ["a"]
    assert len(read_sql(url, "bought")) == 1
    assert read_sql(url, "select ':x' as c, 'a%b' as d").rows() == [(":x", "a%b")]


@pytest.mark.parametrize("url", ["nosuch://host/db", "postgresql+nosuch://me:secret@host/db"])
def test_drivers_that_are_not_there(url: str) -> None:
    with pytest.raises(DataError, match=r"a connection URL that cannot be used[\s\S]*install the driver") as refusal:
        read_sql(url, "select 1")
    assert "secret" not in str(refusal.value)


def test_passwords_are_not_shown() -> None:
    assert without_password("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"
    assert "secret" not in without_password("what ever://me:secret@[bad")
