"""`vigie up` with a damaged database ends with one sentence, also where opening it finds nothing."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.services.backtest_material import Vigie, command_line
from vigie.domain.errors import DataError
from vigie.wiring.app_context import open_app_context
from vigie.wiring.backups import open_backup_context


@pytest.fixture
def damaged(home: Path) -> Path:
    """A home whose database opens, and of whose table of jobs nothing can be read."""
    open_app_context(home).jobs.put("backtest", {}, owner="owner")
    path = home / "vigie.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [page] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'jobs'").fetchone()
        [size] = database.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    return home


def test_up_says_one_sentence_with_the_cure_and_ends(damaged):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = [sys.executable, "-m", "vigie", "up", "--no-collect", "--port", str(port)]
    done = subprocess.run(
        asked, env=os.environ | {"VIGIE_HOME": str(damaged)}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if "damaged" in line or "Traceback" in line]
    assert len(said) == 1, done.stderr
    assert said[0].startswith("error: the database is damaged: ")
    assert "vigie backup restore FILE --replace" in said[0]


def test_the_link_says_it_before_anything_runs(damaged, monkeypatch, capsys):
    open_app_context(damaged)
    vigie: Vigie = command_line(monkeypatch, capsys)
    done = vigie("link", "--shown", "http://127.0.0.1:1", "--host", "127.0.0.1")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
    assert done.err.startswith("error: the database is damaged: ")
    assert "vigie backup restore FILE --replace" in done.err


def test_a_sound_database_is_taken_and_a_large_one_is_not_read_through(damaged, tmp_path):
    with open_backup_context(damaged) as depot:
        with pytest.raises(DataError, match="the database is damaged"):
            depot.database.refuse_damaged(1 << 30)
        depot.database.refuse_damaged(4_096)
    open_app_context(tmp_path / "sound")
    with open_backup_context(tmp_path / "sound") as depot:
        depot.database.refuse_damaged(1 << 30)
