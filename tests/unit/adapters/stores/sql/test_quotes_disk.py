"""Quotes of a second wait for no disk: however slow it is, their transaction keeps nobody else from writing."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import HandClock
from tests.system_calls import SYNCS, WRITES, Call, traced
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.quotes import SqlQuotes
from vigie.domain.quote import Quote

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="not on Windows: processes are not forked")

NOW = 1_760_000_000_000
QUOTES = [
    Quote("binance-perp", f"c{number}-usdt-perp", NOW, NOW, last=1.0 + number) for number in range(2_000)
]


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    return Path(shutil.copy(sqlite_template, tmp_path / "vigie.sqlite"))


def calls_of(path: Path, *, is_audited: bool = False) -> list[Call]:
    """Return what storing two thousand quotes, and a record of the audit chain after them, asks of the system."""

    def work() -> None:
        wire = os.open(path.with_name("wire"), os.O_CREAT | os.O_WRONLY)
        database = open_database(f"sqlite:///{path}")
        quotes, audit = SqlQuotes(database, HandClock()), SqlAuditLog(database, HandClock())
        quotes.put(QUOTES[:1])
        os.write(wire, b"begins")
        quotes.put(QUOTES)
        if is_audited:
            audit.append("kind", actor="u1", subject="s", text={})
        os.write(wire, b"done")

    calls = traced(work)
    first, last = (n for n, call in enumerate(calls) if call.path.endswith("/wire"))
    return calls[first + 1 : last]


def test_two_thousand_quotes_are_written_and_wait_for_no_disk(path):
    calls = calls_of(path)
    assert [call for call in calls if call.name in WRITES and call.path.endswith("-wal")]
    assert not [call for call in calls if call.name in SYNCS]
    with closing(open_database(f"sqlite:///{path}")) as database:
        assert len(SqlQuotes(database, HandClock()).since(0)[1]) == len(QUOTES)
        assert SqlAuditLog(database, HandClock()).newest() == 0, "quotes never reach the audit chain"


def test_a_record_of_the_audit_chain_beside_them_waits_for_it(path):
    assert [call for call in calls_of(path, is_audited=True) if call.name in SYNCS]


def test_a_database_that_the_parent_forgot_is_not_closed_by_the_traced_child(tmp_path):
    class Forgotten:
        def __init__(self) -> None:
            self.itself = self
            self.connection = sqlite3.connect(tmp_path / "forgotten.sqlite")
            self.connection.execute("PRAGMA journal_mode = wal")
            self.connection.execute("CREATE TABLE rows (x)")

    gc.disable()
    try:
        Forgotten()
        # Whoever closes a file that SQLite has open takes the process's locks along: the child may be its last user.
        (tmp_path / "forgotten.sqlite").read_bytes()
        calls = traced(gc.collect)
    finally:
        gc.enable()
    assert calls == []
