"""One database: SQLite in a file, or PostgreSQL by address; short transactions, and errors said in our words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import DataError as ValueRefused
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import NullPool

from vigie.adapters.stores.disk_space import free_bytes, keep_opening, opening_file
from vigie.adapters.stores.files import make_private_folder
from vigie.adapters.stores.plain_json import plain_json, read_json
from vigie.domain.errors import (
    ConfigError,
    DatabaseUnavailable,
    DataError,
    DiskFull,
    StorageError,
    VigieError,
)
from vigie.domain.refusal import Refusal

BUSY_TIMEOUT_MS: Final = 15_000
CONNECT_TIMEOUT_S: Final = 5
# SQLite would keep two megabytes a connection, and a process has a dozen: the machine keeps the file's pages anyway.
CACHE_KIB: Final = 512
# A database's shared memory grows by 32 KiB; with less than this left it may have been refused them.
_MIN_FREE_BYTES: Final = 1 << 20
_PG_DISK_FULL: Final = "53100"
_WRITES_OPTION: Final = "vigie_writes"


@dataclass(frozen=True, slots=True)
class Database:
    """Connections to one database.

    Attributes
    ----------
    engine : Engine
        For everything; a power cut may take the last moments with it, never more.
    durable : Engine
        For what must be on the disk before the call returns. PostgreSQL needs no second one.
    unshared : Engine, optional
        Reads a SQLite file that nobody has open, where the disk has no room for the shared memory of its readers.
    """

    engine: Engine
    durable: Engine
    unshared: Engine | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the database and changes nothing."""
        with _translate_errors(self.engine), self._connect() as connection, connection.begin():
            yield connection

    def _connect(self) -> Connection:
        try:
            return self.engine.connect()
        except OperationalError as fault:
            if self.unshared is None or not _is_disk_full(fault, self.engine) or _has_log(self.engine):
                raise
            return self.unshared.connect()

    @contextmanager
    def writing(
        self, lock: str = "", *, durable: bool = False, before: Callable[[Connection], object] | None = None
    ) -> Iterator[Connection]:
        """Open a transaction that changes something; all of it happens, or nothing.

        Parameters
        ----------
        lock : str
            Of those who name the same word, one is inside at a time.
        durable : bool
            Whether it must outlast a power cut once this returns.
        before : callable, optional
            What is done with the connection first, while nobody waits; it changes nothing that others see.
        """
        engine = self.durable if durable else self.engine
        with _translate_errors(engine), engine.connect() as opened:
            if before is not None:
                with opened.begin():
                    before(opened)
            connection = opened.execution_options(**{_WRITES_OPTION: True})
            with connection.begin():
                if lock:
                    self.acquire_lock(connection, lock)
                yield connection

    def acquire_lock(self, connection: Connection, lock: str) -> None:
        """Let one of those who name the same word go on at a time, until the transaction ends."""
        # SQLite has one writer at a time anyhow.
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:w, 0))"), {"w": lock})

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        self.durable.dispose()


def open_database(url: str) -> Database:
    """Open a database by address; a SQLite file is made where there is none, readable by its owner only.

    Parameters
    ----------
    url : str
        ``sqlite:////path/vigie.sqlite`` or ``postgresql://user:secret@host/name``.

    Raises
    ------
    ConfigError
        If it is no address of a database that Vigie speaks with.
    StorageError
        If the file cannot be made.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise ConfigError(
            "database_url_must_look_like",
            "DATABASE_URL must look like postgresql://user:secret@host/name or sqlite:////path/vigie.sqlite",
        ) from None
    kind = address.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            json_serializer=plain_json,
            json_deserializer=read_json,
            # Some servers make databases that know no letters (SQL_ASCII): the driver would give bytes for text.
            # A server that is gone without a word would otherwise hold each request for two minutes.
            connect_args={"client_encoding": "utf8", "connect_timeout": CONNECT_TIMEOUT_S},
        )
        return Database(engine, engine)
    if kind != "sqlite" or not address.database:
        raise ConfigError(
            "database_url_must_begin_postgresql",
            "DATABASE_URL must begin with postgresql:// or sqlite:///, was {kind}://",
            kind=kind,
        )
    path = Path(address.database)
    _create_private_file(path)
    opened = Database(_open_sqlite(path, "NORMAL"), _open_sqlite(path, "FULL"), _unshared_sqlite(path))
    _ensure_openable(opened, path)
    return opened


def _ensure_openable(database: Database, path: Path) -> None:
    """Open the file once, on a full disk with the room that was kept for it: reading must go on there."""
    try:
        _try_open(database)
    except DiskFull:
        opening_file(path).unlink(missing_ok=True)
        # At once: what was made free must not be used up by something else.
        with suppress(StorageError):
            _try_open(database)
    except StorageError:
        return  # said in its own words by who uses it
    else:
        keep_opening(path)


def _try_open(database: Database) -> None:
    with _translate_errors(database.engine), database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")


def _create_private_file(path: Path) -> None:
    try:
        make_private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        raise StorageError(
            "cannot_opened",
            "{path} cannot be opened: {strerror}; set VIGIE_HOME to a folder you can write to",
            path=path,
            strerror=fault.strerror or fault,
        ) from fault


def _open_sqlite(path: Path, synchronous: str) -> Engine:
    # The connection that was used last: taken in turn, all of them would come to hold the same pages.
    engine = create_engine(
        f"sqlite:///{path}", json_serializer=plain_json, json_deserializer=read_json, pool_use_lifo=True
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        # Transactions are begun below; the driver would begin them late, and never for a schema.
        raw.isolation_level = None
        raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute(f"PRAGMA synchronous = {synchronous}")
        raw.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Who will write takes the lock first: a reader that became a writer could only fail.
        is_writing = connection.get_execution_options().get(_WRITES_OPTION)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def _unshared_sqlite(path: Path) -> Engine:
    """Return an engine that reads a file as it is, without its log: right only where that is empty."""
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=NullPool,
    )


def _has_log(engine: Engine) -> bool:
    """Tell whether changes lie in the log beside a SQLite file that are not in the file yet."""
    log = Path(f"{engine.url.database}-wal")
    return log.exists() and log.stat().st_size > 0


@contextmanager
def _translate_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except OperationalError as fault:
        if _is_disk_full(fault, engine):
            raise DiskFull(
                "database_disk_full",
                "the database disk is full: {fault}; nothing was changed. Free some space "
                "and try again; meanwhile, close positions with `vigie trade flatten` or at the venue",
                fault=_first_line(fault),
            ) from fault
        raise _unavailable_error(engine, _first_line(fault)) from fault
    except NoConnection as fault:
        raise _unavailable_error(engine, str(fault)) from fault
    except ValueRefused as fault:
        raise DataError(
            "database_refused_value", "the database refused a value: {fault}", fault=_first_line(fault)
        ) from fault
    except OverflowError as fault:
        raise DataError(
            "database_refused_value", "the database refused a value: {fault}", fault=fault
        ) from fault
    except StatementError as fault:
        if isinstance(fault.orig, VigieError):
            raise fault.orig from None
        if isinstance(fault, DBAPIError) and fault.connection_invalidated:
            raise _unavailable_error(engine, _first_line(fault)) from fault
        if isinstance(fault, DBAPIError) and type(fault) is DatabaseError:
            raise StorageError(damage_message(_first_line(fault))) from fault
        raise


def damage_message(reason: str) -> str:
    """Return what is said of a damaged database."""
    return Refusal(
        "database_damaged_nothing",
        "the database is damaged: {reason}; nothing was changed. Restore the newest backup: "
        "vigie backup restore FILE --replace",
        reason=reason,
    )


def _unavailable_error(engine: Engine, reason: str) -> DatabaseUnavailable:
    """Return what is said of a database that does not answer; the driver of a server names its address."""
    if engine.dialect.name == "sqlite":
        return DatabaseUnavailable(
            "database_does_not_answer_nothing",
            "the database does not answer: {reason}; nothing was changed",
            reason=reason,
        )
    return DatabaseUnavailable(
        "database_does_not_answer_nothing_changed",
        "the database does not answer; nothing was changed. Try again in a moment",
        detail=reason,
    )


def _is_disk_full(fault: OperationalError, engine: Engine) -> bool:
    """Tell whether there was no room: SQLite and PostgreSQL say so, or a file could not grow and the disk is full."""
    name = str(getattr(fault.orig, "sqlite_errorname", ""))
    if name.startswith("SQLITE_IOERR"):
        return free_bytes(Path(engine.url.database or ".").parent) < _MIN_FREE_BYTES
    return name == "SQLITE_FULL" or getattr(fault.orig, "sqlstate", "") == _PG_DISK_FULL


def _first_line(fault: DBAPIError) -> str:
    return str(fault.orig).strip().partition("\n")[0]
