"""Opening a database, its transactions, and what its refusals become."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from tests.databases import NO_SERVER, HandClock
from vigie.adapters.stores import disk_space
from vigie.adapters.stores.sql import database as module
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.stores import open_stores
from vigie.adapters.stores.sql.tables import CounterRow
from vigie.domain.errors import ConfigError, DatabaseUnavailable, DataError, DiskFull, StorageError
from vigie.wiring.app_context import open_app_context


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "sqlite://", "mongodb://host/name"])
def test_an_address_that_is_none_is_refused_with_what_is_accepted(url):
    with pytest.raises(ConfigError, match=r"postgresql://") as refused:
        open_database(url)
    assert "DATABASE_URL" in str(refused.value)


def test_the_secret_of_an_address_is_never_said():
    with pytest.raises(ConfigError) as refused:
        open_database("mysql://user:hunter2" + "@example.org/name")
    assert "hunter2" not in str(refused.value)


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: files have no modes there")
def test_the_file_is_readable_by_its_owner_only(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'deep' / 'vigie.sqlite'}")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    for path in (tmp_path / "deep").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    database.close()


def test_sqlite_is_opened_for_many_readers_and_waits_for_the_writer(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")
    with database.reading() as connection:
        asked = ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked]
    assert found == ["wal", 15_000, 1, 1]
    database.close()


def test_what_connections_of_sqlite_hold_of_the_file_is_bounded_in_both_kinds(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")
    for engine in (database.engine, database.durable):
        with engine.connect() as one, engine.connect() as other:
            kept = {connection.exec_driver_sql("PRAGMA cache_size").scalar() for connection in (one, other)}
        assert kept == {-module.CACHE_KIB}
    database.close()


def test_one_transaction_after_the_other_uses_one_connection_whatever_was_open_at_once(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")

    def used():
        with database.reading() as connection:
            return id(connection.connection.dbapi_connection)

    with database.reading(), database.reading(), database.reading():
        pass
    assert len({used() for _ in range(6)}) == 1
    database.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="VIGIE_HOME"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'vigie.sqlite'}")


def test_a_file_that_is_no_database_is_said(tmp_path):
    path = tmp_path / "vigie.sqlite"
    path.write_bytes(b"not a database " * 1_000)
    with pytest.raises(StorageError, match=r"not a database"):
        open_stores(f"sqlite:///{path}", HandClock())


def test_nobody_at_the_address_is_said():
    with pytest.raises(StorageError, match="does not answer"):
        open_stores(f"postgresql://{'nobody'}@127.0.0.1:1/none?connect_timeout=2", HandClock())


def test_a_full_disk_is_told_with_its_cure_and_positions_can_be_closed_with_what_was_kept_aside(
    tmp_path, monkeypatch
):
    disk_space.keep_reserve(tmp_path)
    kept = tmp_path / disk_space.RESERVE
    assert kept.stat().st_size == disk_space.RESERVE_BYTES
    database, tries = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}"), []

    def act() -> None:
        tries.append(kept.exists())
        with database.writing() as connection:
            # As full as a disk can be for SQLite, until the reserve is gone.
            connection.execute(text(f"PRAGMA max_page_count = {4 if kept.exists() else 1_000_000}"))
            connection.execute(text(f"CREATE TABLE IF NOT EXISTS t{len(tries)} (a)"))
            connection.execute(text(f"INSERT INTO t{len(tries)} VALUES (zeroblob(100000))"))

    with pytest.raises(DiskFull, match="the database disk is full: database or disk is full;"):
        act()
    disk_space.run_with_reserve(tmp_path, act)
    assert tries == [True, True, False]
    database.close()


@pytest.mark.parametrize(("free", "said"), [(4_096, DiskFull), (10**9, DatabaseUnavailable)])
def test_a_file_that_cannot_grow_is_a_full_disk_only_where_there_is_no_room(
    tmp_path, monkeypatch, free, said
):
    database = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")
    monkeypatch.setattr(module, "free_bytes", lambda _: free)
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    with pytest.raises(StorageError, match="disk I/O error") as told, database.writing():
        raise OperationalError("INSERT", {}, fault)
    assert type(told.value) is said
    database.close()


def test_a_change_happens_whole_or_not_at_all(database: Database):
    def stumble() -> None:
        with database.writing() as connection:
            connection.execute(insert(CounterRow).values(name="a", value=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    with database.reading() as connection:
        assert connection.scalars(select(CounterRow.name)).all() == []


def test_a_number_that_does_not_fit_is_refused(database: Database):
    with pytest.raises(DataError), database.writing() as connection:
        connection.execute(insert(CounterRow).values(name="a", value=2**63))


def test_a_database_that_knows_no_letters_keeps_them(pg_server):
    if pg_server is None:
        pytest.skip(NO_SERVER)
    # One of those that a server makes of itself where its machine has no locale.
    address = pg_server.make(more="ENCODING 'SQL_ASCII' LOCALE 'C'")
    stores = open_stores(address, HandClock())
    user = stores.accounts.add("Zoé", "h", "admin")
    assert user in stores.accounts.users()
    stores.accounts.database.close()
    pg_server.drop(address)


def test_a_reader_sees_one_state_while_another_writes(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (a)"))
    with database.reading() as reader:
        before = reader.scalar(text("SELECT count(*) FROM t"))
        with database.writing() as writer:
            writer.execute(text("INSERT INTO t VALUES (1)"))
        assert reader.scalar(text("SELECT count(*) FROM t")) == before == 0
    with database.reading() as reader:
        assert reader.scalar(text("SELECT count(*) FROM t")) == 1
    database.close()


def test_a_house_opens_in_an_empty_folder_and_again(home):
    house = open_app_context()
    user = house.accounts.add("Ann", "h", "admin")
    assert house.documents.size_bytes() == 0
    assert open_app_context(home).accounts.users() == [user]
    assert os.path.exists(home / "vigie.sqlite")


def test_a_house_takes_the_named_database(database: Database, database_url: str, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    house = open_app_context(clock=HandClock())
    house.accounts.add("Ann", "h", "admin")
    with database.reading() as connection:
        assert connection.scalar(text("SELECT name FROM users")) == "Ann"
    house.accounts.database.close()
