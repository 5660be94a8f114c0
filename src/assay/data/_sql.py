"""The result of a SQL query, by a connection URL that SQLAlchemy knows."""

import polars as pl

from assay.core.errors import DataError, listed


def read_sql(url: str, query: str | None) -> pl.DataFrame:
    """Rows of a query, or of a table that is named instead.

    Raises:
        DataError: No query, a URL that cannot be connected to, or a query that fails.
    """
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        engine = create_engine(url)
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if query is None:
                raise _no_query(url, tables)
            wanted = text(f'SELECT * FROM "{query}"') if query in tables else text(query)
            result = connection.execute(wanted)
            rows, names = result.fetchall(), list(result.keys())
    except (NoSuchModuleError, ArgumentError, ModuleNotFoundError) as error:
        raise DataError(
            f"a connection URL that cannot be used: {without_password(url)} ({error})",
            expected="a URL such as sqlite:///mail.db or postgresql+psycopg://user@host/name, its driver installed",
            fix="mend the URL, or install the driver (for example: pip install psycopg)",
        ) from error
    except SQLAlchemyError as error:
        raise DataError(
            f"a query that failed on {without_password(url)}: {str(error.__cause__ or error).splitlines()[0]}",
            expected="a query that gives rows",
            fix="try the query in the database's own shell, then give it with --query",
        ) from error
    columns = {name: [row[number] for row in rows] for number, name in enumerate(names)}
    return pl.DataFrame(columns, infer_schema_length=None, strict=False)


def _no_query(url: str, tables: list[str]) -> DataError:
    return DataError(
        f"a connection URL without a query: {without_password(url)}",
        expected=f"a query, or one of the tables: {listed(tables) or '(there are none)'}",
        fix='add --query "SELECT ..." or --query TABLE',
    )


def without_password(url: str) -> str:
    """A connection URL as it may be shown and kept."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.split("://")[0] + "://..."
