"""The result of a SQL query, by a connection URL that SQLAlchemy knows. Nothing in the database is changed."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from assay.core.errors import DataError, did_you_mean, listed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


def read_sql(url: str, query: str | None) -> pl.DataFrame:
    """Rows of a query, or of a table or view that is named instead.

    Raises:
        DataError: No query, a URL that cannot be connected to, a query that fails, or columns of one name.
    """
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        with _engine(url).connect() as connection:
            result = connection.exec_driver_sql(_statement(connection, query, url))
            rows, names = result.fetchall(), list(result.keys())
    except (NoSuchModuleError, ArgumentError, ModuleNotFoundError) as error:
        raise DataError(
            f"a connection URL that cannot be used: {without_password(url)} ({error})",
            expected="a URL such as sqlite:///mail.db or postgresql+psycopg://user@host/name, its driver installed",
            fix="mend the URL, or install the driver (for example: pip install psycopg); a file from elsewhere must be "
            "fetched first and given by its path",
        ) from error
    except SQLAlchemyError as error:
        raise DataError(
            f"a query that failed on {without_password(url)}: {str(error.__cause__ or error).splitlines()[0]}",
            expected="a query that gives rows",
            fix="try the query in the database's own shell, then give it with --query",
        ) from error
    _check_names(names)
    columns = {name: [row[number] for row in rows] for number, name in enumerate(names)}
    return pl.DataFrame(columns, infer_schema_length=None, strict=False)


def without_password(url: str) -> str:
    """A connection URL as it may be shown and kept."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.split("://")[0] + "://..."


def _engine(url: str) -> "Engine":
    """An engine; a SQLite file is opened for reading only, so that it is neither made nor changed."""
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url

    place = make_url(url)
    file = place.database or ":memory:"
    if place.get_backend_name() != "sqlite" or file == ":memory:" or file.startswith("file:"):
        return create_engine(place)
    if not os.path.exists(file):
        raise DataError(
            f"no file {file}, named in {without_password(url)}",
            expected="the path of a SQLite database after sqlite:///",
            fix="check the path (an absolute one has four slashes: sqlite:////home/me/mail.db)",
        )
    place = place.set(database=Path(file).resolve().as_uri())
    return create_engine(place.update_query_dict({"mode": "ro", "uri": "true"}))


def _statement(connection: "Connection", query: str | None, url: str) -> str:
    from sqlalchemy import inspect

    about = inspect(connection)
    tables = [*about.get_table_names(), *about.get_view_names()]
    if query is None:
        raise DataError(
            f"a connection URL without a query: {without_password(url)}",
            expected=f"a query, or one of the tables: {listed(tables) or '(there are none)'}",
            fix='add --query "SELECT ..." or --query TABLE',
        )
    if query in tables:
        return f"SELECT * FROM {connection.dialect.identifier_preparer.quote(query)}"
    if not set(query) & set(" \t\r\n("):
        raise DataError(
            f"no table {query!r} in {without_password(url)}",
            expected=f"a query, or one of the tables: {listed(tables) or '(there are none)'}",
            fix=f"{did_you_mean(query, tables)}change --query",
        )
    return query


def _check_names(names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"columns of one name in the result of the query: {listed(map(repr, repeated))}",
            expected="a name of its own for each column",
            fix=f"name them in the query: SELECT a.{repeated[0]} AS first, b.{repeated[0]} AS second",
        )
