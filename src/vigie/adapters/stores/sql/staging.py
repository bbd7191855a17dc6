"""Many rows in one short transaction: they are laid out before it begins, and one statement takes them over.

Between statements for single rows the process's other threads get their turn, while whoever wants to write waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Column,
    Connection,
    Executable,
    FromClause,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.schema import CreateTable

_VERSION: Final = "version"
_SQLITE: Final = "sqlite"


@dataclass(slots=True, eq=False)
class StagedRows:
    """Rows that are to take the place of those with the same keys, except of newer ones.

    Attributes
    ----------
    table : Table
        Where they go; its other columns are nothing but `version`.
    column_names : sequence of str
        What the values of a row are.
    rows : sequence of tuple
        One for each key.
    order_column : str
        Of two rows the one with more of this is the newer one.
    """

    table: Table
    column_names: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    order_column: str
    _arrays: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def prepare(self, connection: Connection) -> None:
        """Lay the rows out; nobody who writes waits for it.

        SQLite gets them in a table of the connection's own, PostgreSQL as one value a column: it would never give back
        the room of rows that come and go in a table of that kind.
        """
        if connection.dialect.name == _SQLITE:
            staging_table = _temporary_table(self.table, tuple(self.column_names))
            connection.execute(CreateTable(staging_table, if_not_exists=True))
            connection.execute(delete(staging_table))
            # Straight to the driver, which takes tuples: a dictionary a row would cost twice as much.
            connection.exec_driver_sql(
                str(insert(staging_table).compile(dialect=connection.dialect)), list(self.rows)
            )
        else:
            columns = zip(*self.rows, strict=True)
            self._arrays = dict(zip(self.column_names, map(_format_array, columns), strict=True))

    def store(self, connection: Connection, version: int) -> None:
        """Take the rows over, each with the version."""
        statement = _upsert_statement(
            self.table, tuple(self.column_names), self.order_column, connection.dialect.name
        )
        connection.execute(statement, {_VERSION: version, **self._arrays})


@lru_cache
def _temporary_table(table: Table, column_names: tuple[str, ...]) -> Table:
    columns = (Column(name, table.c[name].type) for name in column_names)
    return Table(f"staged_{table.name}", MetaData(), *columns, prefixes=["TEMPORARY"])


@lru_cache
def _upsert_statement(
    table: Table, column_names: tuple[str, ...], order_column: str, dialect: str
) -> Executable:
    source: FromClause
    if dialect == _SQLITE:
        source = _temporary_table(table, column_names)
    else:
        arrays = (cast(bindparam(name, type_=String), ARRAY(table.c[name].type)) for name in column_names)
        source = func.unnest(*arrays).table_valued(*column_names).render_derived()
    version = bindparam(_VERSION, type_=Integer)
    # Without a condition SQLite would take the conflict's "on" for one of a join.
    rows = select(*(source.c[name] for name in column_names), version).where(true())
    # By name: the dialect of the database that is not used weighs two megabytes in every process.
    statement = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    statement = statement.from_select([*column_names, _VERSION], rows, include_defaults=False)
    keys = [column.name for column in table.primary_key]
    new_values = {name: statement.excluded[name] for name in (*column_names, _VERSION) if name not in keys}
    is_newer = statement.excluded[order_column] >= table.c[order_column]
    upsert: Executable = statement.on_conflict_do_update(index_elements=keys, set_=new_values, where=is_newer)
    return upsert


def _format_array(values: Iterable[Any]) -> str:
    """Write values as PostgreSQL reads arrays."""
    return "{" + ",".join(map(_format_element, values)) + "}"


def _format_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)
