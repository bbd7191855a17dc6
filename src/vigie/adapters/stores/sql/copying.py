"""A whole database as rows, alike for both kinds; fulfils `vigie.ports.copying.DatabaseCopier`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Final

from sqlalchemy import JSON, Connection, MetaData, Table, func, insert, select, text

from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database, damage_message
from vigie.domain.errors import DataError
from vigie.ports.copying import Row

_PAGE_ROWS: Final = 1_000
# How parts that run are called where the database lists who is connected; libpq reads it from PGAPPNAME.
APP_NAME_PREFIX: Final = "vigie-"
_VERSION: Final = "alembic_version"
# What SQLite finds words by: it follows the table of words by itself.
_SEARCH_TABLES: Final = "item_words_found"


class SqlDatabaseSnapshot:
    """One state of a database, seen by one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tables = _reflect_tables(connection)
        self.step = schema.read_step_in(connection)

    def tables(self) -> Sequence[str]:
        """Return the tables, those that others refer to first."""
        return list(self._tables)

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of a table by its key."""
        source = self._tables[table]
        # What the database computes itself cannot be put back.
        columns = [column for column in source.columns if column.computed is None]
        query = select(*columns).order_by(*source.primary_key.columns)
        result = self._connection.execution_options(yield_per=_PAGE_ROWS).execute(query)
        for row in result.mappings():
            yield dict(row)


def _file_size_bytes(database: Database) -> int:
    with database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


class SqlDatabaseCopier:
    """The whole of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def snapshot(self) -> Iterator[SqlDatabaseSnapshot]:
        """Open one state of it; both kinds let others write meanwhile."""
        with self._database.reading() as connection:
            if not self._database.is_sqlite:
                # The first statement of the transaction: every later one sees what this one would have seen.
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield SqlDatabaseSnapshot(connection)

    def state(self) -> tuple[str, str]:
        """Return its schema's step and what that means."""
        step = schema.read_step(self._database)
        return step, schema.classify_step(step)

    def others(self) -> Sequence[str]:
        """Return the parts of Vigie that are connected, as PostgreSQL knows them by name."""
        if self._database.is_sqlite:
            return ()
        query = (
            "SELECT DISTINCT application_name FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE :ours ORDER BY 1"
        )
        with self._database.reading() as connection:
            return list(connection.scalars(text(query), {"ours": f"{APP_NAME_PREFIX}%"}))

    def knows(self, step: str) -> bool:
        """Tell whether this program can read a schema."""
        return step in schema.STEPS

    def fill(
        self, step: str, tables: Sequence[str], rows: Callable[[str], Iterable[Row]], *, move: bool = True
    ) -> None:
        """Put rows in the place of everything there is, in one transaction."""
        with self._database.writing("schema", durable=True) as connection:
            if schema.read_step_in(connection):
                schema.move_in(connection, "")
            schema.move_in(connection, step)
            new_tables = _reflect_tables(connection)
            if missing := set(tables) - set(new_tables):
                raise DataError(
                    "schema_no_table",
                    "schema {step} has no table {missing}; the backup was made by hand",
                    step=step,
                    missing=min(missing),
                )
            for name, table in new_tables.items():
                # Schema steps put first rows into some tables; here they come from the backup.
                if name in tables:
                    if connection.execute(select(table).limit(1)).first() is not None:
                        connection.execute(table.delete())
                    _insert_rows(connection, table, rows(name))
            if move:
                schema.move_in(connection, schema.NEWEST)

    def move(self) -> None:
        """Make the schema this program's."""
        schema.move(self._database)

    def check(self) -> None:
        """Raise where SQLite's own check finds a fault; PostgreSQL checks while it writes."""
        if not self._database.is_sqlite:
            return
        with self._database.reading() as connection:
            messages = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
            broken_references = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if list(messages) != ["ok"]:
            raise DataError("database_damaged", "the database is damaged: {messages}", messages=messages[0])
        if broken_references:
            raise DataError(
                "rows_refer_missing_rows",
                "{broken_references_count} rows of {broken_references} refer to missing rows",
                broken_references_count=len(broken_references),
                broken_references=broken_references[0][0],
            )

    def refuse_damaged(self, most_bytes: int) -> None:
        """Raise where SQLite's quick check finds damage; larger files are not read, PostgreSQL checks by itself."""
        if not self._database.is_sqlite or _file_size_bytes(self._database) > most_bytes:
            return
        with self._database.reading() as connection:
            result = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if result != "ok":
            raise DataError(damage_message(str(result).strip().splitlines()[-1]))

    def close_connections(self) -> None:
        """Close every connection."""
        self._database.close()


def _reflect_tables(connection: Connection) -> dict[str, Table]:
    """Return the tables as they are, whatever program made them."""
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith(_SEARCH_TABLES))
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                # No value stays no value: JSON has a null of its own.
                column.type = JSON(none_as_null=True)
    return {table.name: table for table in metadata.sorted_tables if table.name != _VERSION}


def _insert_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    remaining = iter(rows)
    while page := list(islice(remaining, _PAGE_ROWS)):
        connection.execute(insert(table), page)
    serial_column = table.autoincrement_column
    if serial_column is not None and connection.dialect.name == "postgresql":
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, serial_column.name)))
        if sequence:
            next_value = select(func.coalesce(func.max(serial_column), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, next_value, False)))
