"""A word of which one process at a time has the turn: a lock of PostgreSQL that goes with its connection."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from vigie.adapters.stores.sql.database import Database
from vigie.domain.errors import StorageError

# A machine that is gone says nothing: after a minute without an answer the server ends its connection, and with it
# the lock. Where both are on one machine these are ignored.
_KEEPALIVE_SETTINGS: Final = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)
_TRY_LOCK: Final = text("SELECT pg_try_advisory_lock(hashtextextended(:word, 0))")
_HOLDER_HOST: Final = text(
    """
    SELECT coalesce(host(a.client_addr), 'this machine') FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended(:word, 0)
    """
)


class AdvisoryLock:
    """The turn of a word, from `acquire` until `close` or the end of the process; asked of PostgreSQL only.

    Parameters
    ----------
    database : Database
        Whose server keeps it. A pooler between the two must give each client a connection of its own.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._parameters = {"word": name}
        self._connection: Connection | None = None

    def acquire(self) -> str:
        """Take the turn, or see that it is still had; where a connection was cut, take it anew.

        Returns
        -------
        str
            Nothing, or where the one is who has it.

        Raises
        ------
        StorageError
            If the server does not answer.
        """
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return ""
        except SQLAlchemyError:
            self.close()
        try:
            self._connection = self._open()
            if self._connection.execute(_TRY_LOCK, self._parameters).scalar():
                return ""
            host = self._connection.execute(_HOLDER_HOST, self._parameters).scalar()
        except SQLAlchemyError as fault:
            self.close()
            raise StorageError(
                "database_does_not_answer", "the database does not answer: {fault}", fault=fault
            ) from fault
        self.close()
        return str(host or "its connection has just ended")

    def close(self) -> None:
        """Give the turn to who wants it next."""
        if self._connection is not None:
            # Given back to the pool, the connection would keep the lock.
            with suppress(SQLAlchemyError):
                self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection:
        # Transactions are short; this one would be open for weeks.
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for setting in _KEEPALIVE_SETTINGS:
            connection.exec_driver_sql(setting)
        return connection
