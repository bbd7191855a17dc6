"""Backups: into either database and back, while others write, killed in the middle, changed by somebody."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Float, insert, text

from tests.databases import wipe
from tests.unit.data.material import make_frame
from tests.unit.services.backtest_material import command_line
from vigie.adapters.stores.disk_space import RESERVE
from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.adapters.stores.presence import use_home, use_home_alone
from vigie.adapters.stores.sql import schema
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.tables import Base
from vigie.config import SIMULATED_FILE
from vigie.domain.errors import ConfigError, DataError, StorageError, UsageError
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.services.backups import backup
from vigie.services.backups.backup_restore import restore, upgrade
from vigie.wiring.backups import open_backup_context

ROWS = 3
PASSWORD = "argon2-of-nobody"


def value_of(column: Any, number: int) -> Any:
    """Return a value that fits a column, another one for each row."""
    if column.foreign_keys:
        return value_of(next(iter(column.foreign_keys)).column, number)
    if isinstance(column.type, JSON):
        return {"a": [1.5, None, "\u00e9\u2028"], "b": number} if number else {}
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Float):
        return number + 0.1
    if column.type.python_type is Decimal:
        return Decimal(f"{number}.10")
    if column.type.python_type is int:
        return number + 2**40 if column.name.startswith("ts") else number + 1
    if column.name == "password_hash":
        return PASSWORD
    return f'{column.name} {number} \u00e9\U0001f4c8\n"'


def fill(database: Database) -> None:
    """Put rows into every table; the audit gets a true chain."""
    wipe(database)
    chain = {"audit_events", "audit_texts", "audit_heads"}
    with database.writing() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in chain:
                rows = [{c.name: value_of(c, n) for c in table.columns} for n in range(ROWS)]
                if table.name == "jobs":
                    rows[0]["answer"] = None
                connection.execute(insert(table), rows)

    class Clock:
        def wall_now(self) -> int:
            return 1

    for number in range(ROWS):
        SqlAuditLog(database, Clock()).append("a.b", actor="me", subject="it", text={"n": number})  # type: ignore[arg-type]


def content(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    with database.reading() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(table.select().order_by(*table.primary_key.columns)).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }


def files(home: Path) -> dict[str, bytes]:
    """Return what belongs to a home beside its database."""
    left = ("backups", "cache", "logs", "inbox", "programs", RESERVE)
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file()
        and path.relative_to(home).parts[0] not in left
        and not path.name.startswith(("vigie.sqlite", ".lock"))
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give a home with a file of every kind."""
    home = tmp_path / "home"
    for name, words in {
        "bars/bitget-perp/btc-usdt-perp/1h/2025.parquet": "bars",
        "runs/r1/report.html": "<p>",
        "logs/serve.log": "noise",
        "cache/kernel.nbi": "machine code",
        RESERVE: "room for when there is none",
        "secrets/web.key": "ab" * 32,
        ".env": "VIGIE_BITGET_SECRET=s3cret",
        "vigie.toml": "port = 8080\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(words)
    for name in ("secrets/web.key", ".env"):
        (home / name).chmod(0o600)
    ParquetFacts(home / "facts").append([Observation("market/bitcoin/cap_usd", 5, 6, 7.5)])
    with closing(sqlite3.connect(home / "trials.sqlite")) as trials:
        trials.execute("CREATE TABLE t (n)")
        trials.execute("INSERT INTO t VALUES (42)")
        trials.commit()
    return home


@pytest.fixture(params=["sqlite", "postgresql"])
def source(request: Any) -> Database:
    """Give a filled database, once of each kind."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    fill(database)
    return database


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: Any, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored' / 'vigie.sqlite'}"
        return
    server = request.getfixturevalue("pg_server")
    if server is None:
        pytest.skip("no PostgreSQL")
    yield server.make()


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def made(home: Path, database: Database, to: Path, **more: Any) -> backup.Backup:
    with open_backup_context(home, database=url_of(database)) as depot:
        return backup.create(depot, to, **more)


def test_backup_of_either_database_restores_into_either_row_by_row_and_file_by_file(
    home, source, target, tmp_path
):
    before = content(source)
    made(home, source, tmp_path / "one.backup")
    with open_backup_context(tmp_path / "restored", database=target) as depot:
        restore(depot, tmp_path / "one.backup")
    with closing(open_database(target)) as restored:
        assert content(restored) == before
        assert all(before.values())
        assert SqlAuditLog(restored, None).verify() == ROWS  # type: ignore[arg-type]
        with restored.writing() as connection:
            # Numbers that the database counts go on after the restored ones.
            connection.execute(text("INSERT INTO sign_in_failures (key, ts) VALUES ('k', 1)"))
    wanted, found = files(home), files(tmp_path / "restored")
    # Copied by SQLite itself: the same rows, not the same bytes.
    assert wanted.pop("trials.sqlite")
    assert found.pop("trials.sqlite")
    assert found == wanted
    with closing(sqlite3.connect(tmp_path / "restored" / "trials.sqlite")) as trials:
        assert trials.execute("SELECT n FROM t").fetchall() == [(42,)]


def test_secrets_lie_apart_in_a_file_for_the_owner_only(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    done = made(home, sqlite_database, tmp_path / "one.backup")
    assert done.secrets == tmp_path / "one.backup.secrets"
    assert {path.stat().st_mode & 0o777 for path in (done.path, done.secrets)} == {0o600}
    with zipfile.ZipFile(done.path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (PASSWORD, "s3cret", "ab" * 32, "totp_secret 1"):
        assert secret.encode() not in everything
    assert "database/sessions.jsonl" not in archive.namelist()


def test_settings_with_a_password_in_them_are_secrets(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    (home / "vigie.toml").write_text('[keys.bitget]\nkey = "of-somebody"\n')
    (home / "vigie.toml").chmod(0o600)
    done = made(home, sqlite_database, tmp_path / "one.backup")
    assert "vigie.toml" not in done.manifest.files()


def test_addresses_that_may_let_one_in_are_secrets(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    (home / "feeds").mkdir()
    (home / "feeds" / "office.toml").write_text(
        'title = "x"\nurl = "https://office.example/rss?key=of-somebody"\n'
    )
    (home / "feeds" / "plain.toml").write_text('title = "x"\nurl = "https://plain.example/rss"\n')
    (home / "vigie.toml").write_text('[urls]\nbitget = "https://me:' + "of-somebody" + '@inner.example"\n')
    (home / "vigie.toml").chmod(0o600)
    done = made(home, sqlite_database, tmp_path / "one.backup")
    apart = {"feeds/office.toml", "vigie.toml"}
    assert not apart & set(done.manifest.files())
    assert "feeds/plain.toml" in done.manifest.files()
    with zipfile.ZipFile(done.path) as archive:
        assert not [name for name in archive.namelist() if b"of-somebody" in archive.read(name)]
    with open_backup_context(
        tmp_path / "restored", database=f"sqlite:///{tmp_path / 'restored' / 'vigie.sqlite'}"
    ) as depot:
        restore(depot, tmp_path / "one.backup")
    for name in apart:
        assert (tmp_path / "restored" / name).stat().st_mode & 0o077 == 0
    assert (tmp_path / "restored" / "feeds" / "office.toml").read_text().endswith('key=of-somebody"\n')


def test_without_secrets_users_come_back_but_nobody_gets_in(home, sqlite_database, target, tmp_path):
    fill(sqlite_database)
    made(home, sqlite_database, tmp_path / "one.backup", with_secrets=False)
    with open_backup_context(tmp_path / "restored", database=target) as depot:
        restored = restore(depot, tmp_path / "one.backup").backup
    assert restored.secrets is None
    with closing(open_database(target)) as database:
        found = content(database)
    assert [row["name"] for row in found["users"]] == [f'name {n} \u00e9\U0001f4c8\n"' for n in range(ROWS)]
    assert {(row["password_hash"], row["totp_secret"]) for row in found["users"]} == {("!", "")}
    assert found["sessions"] == found["tokens"] == []
    assert not (tmp_path / "restored" / "secrets").exists()


def test_backup_while_others_write_is_one_state(home, source, tmp_path):
    wipe(source)
    stop = threading.Event()
    pair = text("INSERT INTO counters (name, value) VALUES (:n, 1)")

    def write() -> None:
        number = 0
        while not stop.is_set():
            with source.writing() as connection:
                connection.execute(pair, {"n": f"a{number:06}"})
                connection.execute(
                    text("INSERT INTO bookmarks (source, bookmark, ts) VALUES (:n, '', 1)"),
                    {"n": f"a{number:06}"},
                )
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for attempt in range(3):
            done = made(home, source, tmp_path / f"{attempt}.backup")
            counts = done.to_dict()["tables"]
            assert counts["counters"] == counts["bookmarks"]
    finally:
        stop.set()
        writer.join()


def test_a_backup_while_bars_are_appended_holds_each_bar_once(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    series, frame = SeriesId("bitget-perp", "eth-usdt-perp", "1h"), make_frame(3_000)
    live, stored = ParquetBars(home / "bars"), threading.Event()
    is_over = threading.Event()

    def append() -> None:
        for at in range(len(frame)):
            live.upsert(series, frame[at : at + 1])
            if at == 99:
                stored.set()
            if is_over.is_set():
                return

    writer = threading.Thread(target=append)
    writer.start()
    assert stored.wait(60)
    made(home, sqlite_database, tmp_path / "one.backup")
    is_over.set()
    writer.join()
    with open_backup_context(tmp_path / "restored") as depot:
        restore(depot, tmp_path / "one.backup")
    found = ParquetBars(tmp_path / "restored" / "bars")
    count = len(found.read(series))
    assert count >= 100
    assert found.read(series).equals(frame[:count])
    found.upsert(series, frame[count : count + 1])
    assert found.read(series).equals(frame[: count + 1])


def test_a_changed_byte_is_found(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    path = made(home, sqlite_database, tmp_path / "one.backup").path
    content_before = path.read_bytes()
    at = content_before.index(b"bars", content_before.index(b"2025.parquet"))
    path.write_bytes(content_before[:at] + b"rabs" + content_before[at + 4 :])
    with pytest.raises(DataError, match=r"2025\.parquet"):
        backup.verify(path)
    path.write_bytes(content_before[: len(content_before) // 2])
    with pytest.raises(DataError, match="is not a complete Vigie backup \\("):
        backup.verify(path)


def test_a_piece_put_in_or_taken_out_is_found(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    path = made(home, sqlite_database, tmp_path / "one.backup").path
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/../../evil", "x")
    with pytest.raises(DataError, match="more than its manifest"):
        backup.verify(path)


def test_a_manifest_that_names_a_place_outside_is_refused(tmp_path):
    path = tmp_path / "evil.backup"
    told = {
        "id": "1", "kind": "backup", "program": "1", "schema": schema.NEWEST, "ts": 1, "is_simulated": False,
        "secrets": "left out", "format": 1, "pieces": {"files/../evil": {"size": 0, "sha256": "", "rows": 0}},
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", json.dumps(told))
    with pytest.raises(DataError, match="outside the home"):
        backup.verify(path)


def test_secrets_of_another_backup_are_refused(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    made(home, sqlite_database, tmp_path / "one.backup")
    made(home, sqlite_database, tmp_path / "two.backup")
    with pytest.raises(DataError, match="does not belong"):
        backup.verify(tmp_path / "one.backup", tmp_path / "two.backup.secrets")


def test_restore_into_what_is_used_is_refused_and_changes_nothing(home, source, tmp_path):
    made(home, source, tmp_path / "one.backup")
    before, there = content(source), files(home)
    with (
        open_backup_context(home, database=url_of(source)) as depot,
        pytest.raises(UsageError, match="--replace"),
    ):
        restore(depot, tmp_path / "one.backup")
    assert (content(source), files(home)) == (before, there)


@pytest.mark.skipif(os.name != "posix", reason="not on Windows: there nobody is found")
def test_restore_and_upgrade_wait_until_nobody_runs(home, older, tmp_path, sqlite_database):
    made(home, sqlite_database, tmp_path / "one.backup")
    there = files(home)
    with use_home(home), use_home(home), open_backup_context(home, database=older) as depot:
        with pytest.raises(UsageError, match=r"Vigie runs in .*; stop it first"):
            restore(depot, tmp_path / "one.backup", replaces=True)
        with pytest.raises(UsageError, match=r"Vigie runs in .*; stop it first"):
            upgrade(depot)
        assert depot.database.state()[1] == "older"
    assert files(home) == there
    with open_backup_context(home, database=older) as depot:
        upgrade(depot)
        restore(depot, tmp_path / "one.backup", replaces=True)


@pytest.mark.skipif(os.name != "posix", reason="not on Windows: there nobody is found")
def test_nobody_starts_in_a_home_that_is_being_restored(home):
    with use_home(home):
        pass
    with use_home_alone(home), pytest.raises(UsageError, match="start again"), use_home(home):
        pytest.fail("was let in")
    with use_home(home):
        pass


def test_a_part_that_is_connected_from_elsewhere_is_found_by_its_name(home, postgresql_database, tmp_path):
    fill(postgresql_database)
    made(home, postgresql_database, tmp_path / "one.backup")
    with use_home(tmp_path / "of another machine", "work"):
        elsewhere = open_database(url_of(postgresql_database))
        with elsewhere.reading():
            pass  # the connection stays open, as that of every part does
    with (
        closing(elsewhere),
        open_backup_context(home, database=url_of(postgresql_database)) as depot,
        pytest.raises(UsageError, match="vigie-work use the database"),
    ):
        restore(depot, tmp_path / "one.backup", replaces=True)


def test_a_simulated_market_does_not_go_into_a_database_of_its_own(
    home, sqlite_database, pg_server, tmp_path
):
    if pg_server is None:
        pytest.skip("no PostgreSQL")
    fill(sqlite_database)
    (home / SIMULATED_FILE).write_text("{}", "utf-8")
    made(home, sqlite_database, tmp_path / "one.backup")
    with open_backup_context(tmp_path / "other", database=pg_server.make()) as depot:
        with pytest.raises(UsageError, match="unset DATABASE_URL"):
            restore(depot, tmp_path / "one.backup")
        assert depot.database.state()[1] == "empty"


@pytest.mark.skipif(os.name != "posix", reason="not on Windows: there nobody is found")
def test_a_running_part_is_there(home):
    environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    part = subprocess.Popen(
        [sys.executable, "-m", "vigie", "work"],
        env={**environ, "VIGIE_HOME": str(home)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert part.stdout is not None
    assert part.stdout.readline() == "ready\n"
    with pytest.raises(UsageError, match="Vigie runs"), use_home_alone(home):
        pytest.fail("had it for itself")
    part.terminate()
    part.wait(120)
    with use_home_alone(home):
        pass


def test_restore_over_a_database_without_anything_else_is_refused(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    made(home, sqlite_database, tmp_path / "one.backup")
    with closing(open_database(f"sqlite:///{tmp_path / 'other' / 'vigie.sqlite'}")) as database:
        schema.ensure_schema(database)
    url = f"sqlite:///{tmp_path / 'other' / 'vigie.sqlite'}"
    with (
        open_backup_context(tmp_path / "other", database=url) as depot,
        pytest.raises(UsageError, match="--replace"),
    ):
        restore(depot, tmp_path / "one.backup")


def test_restore_that_replaces_keeps_what_was_there_aside(home, source, tmp_path):
    made(home, source, tmp_path / "one.backup")
    before = content(source)
    wipe(source)
    (home / "runs/r1/report.html").write_text("changed")
    with open_backup_context(home, database=url_of(source)) as depot:
        aside = restore(depot, tmp_path / "one.backup", replaces=True).before
    assert content(source) == before
    assert (home / "runs/r1/report.html").read_text() == "<p>"
    assert (aside / "runs/r1/report.html").read_text() == "changed"


def test_restore_that_fails_in_the_middle_of_the_database_changes_nothing(home, source, tmp_path):
    path = made(home, source, tmp_path / "one.backup").path
    broken = tmp_path / "broken.backup"
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(broken, "w") as out:
        manifest = json.loads(whole.read("manifest.json"))
        for name in manifest["pieces"]:
            out.writestr(name, whole.read(name))
        manifest["schema"] = "0002"  # has fewer tables than the backup
        out.writestr("manifest.json", json.dumps(manifest))
    before, there = content(source), files(home)
    with (
        open_backup_context(home, database=url_of(source)) as depot,
        pytest.raises(DataError, match="has no table"),
    ):
        restore(depot, broken, replaces=True)
    assert (content(source), files(home)) == (before, there)


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_killed_in_the_middle_leaves_no_backup_and_the_next_one_works(home, sqlite_database, tmp_path):
    fill(sqlite_database)
    # A file that never ends to be read: the backup is killed while it reads it.
    os.mkfifo(home / "runs" / "endless")
    environ = {**os.environ, "DATABASE_URL": url_of(sqlite_database)}
    words = ["backup", "create", str(tmp_path / "one.backup"), "--home", str(home)]
    child = subprocess.Popen([sys.executable, "-m", "vigie", *words], env=environ)
    part = tmp_path / "one.backup.part"
    for _ in range(600):
        if part.exists():
            break
        try:
            child.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    assert part.exists()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (tmp_path / "one.backup").exists()
    (home / "runs" / "endless").unlink()
    (tmp_path / "one.backup.secrets").unlink(missing_ok=True)
    made(home, sqlite_database, tmp_path / "one.backup")
    assert not part.exists()


def test_a_full_disk_leaves_no_backup_behind(home, sqlite_database, tmp_path, monkeypatch):
    fill(sqlite_database)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigie.services.backups.backup_archive.os.fsync", full)
    with pytest.raises(StorageError, match="no backup was made"):
        made(home, sqlite_database, tmp_path / "one.backup")
    assert list(tmp_path.glob("one*")) == []


@pytest.fixture
def older(empty_url: str) -> str:
    """Give a database one schema step behind, with a row in it."""
    with closing(open_database(empty_url)) as database:
        schema.move(database, schema.STEPS[-2])
        with database.writing() as connection:
            connection.execute(text("INSERT INTO counters (name, value) VALUES ('quotes', 7)"))
    return empty_url


def test_upgrade_backs_up_moves_and_keeps_every_row(home, older):
    with open_backup_context(home, database=older) as depot:
        done = upgrade(depot)
        assert (done.before, done.after) == (schema.STEPS[-2], schema.NEWEST)
        assert done.backup is not None
        assert backup.verify(done.backup).manifest.schema == schema.STEPS[-2]
        assert upgrade(depot).backup is None
    with closing(open_database(older)) as database:
        assert content(database)["counters"] == [{"name": "quotes", "value": 7}]


def test_upgrade_whose_check_fails_is_taken_back(home, older, monkeypatch):
    def lossy(database: Database, to: str = schema.NEWEST) -> None:
        with database.writing() as connection:
            schema.move_in(connection, to)
            connection.execute(text("DELETE FROM counters"))

    monkeypatch.setattr(schema, "move", lossy)
    with open_backup_context(home, database=older) as depot, pytest.raises(StorageError, match="taken back"):
        upgrade(depot)
    with closing(open_database(older)) as database:
        assert schema.read_step(database) == schema.STEPS[-2]
        with database.reading() as connection:
            assert connection.execute(text("SELECT value FROM counters")).scalar() == 7


def test_backup_of_an_older_schema_restores_and_moves_on(home, older, tmp_path, target):
    with open_backup_context(home, database=older) as depot:
        backup.create(depot, tmp_path / "old.backup")
    with open_backup_context(tmp_path / "restored", database=target) as depot:
        restore(depot, tmp_path / "old.backup")
        assert depot.database.state() == (schema.NEWEST, "current")


def test_backup_of_a_newer_schema_is_refused(home, sqlite_database, tmp_path, target):
    fill(sqlite_database)
    with sqlite_database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        made(home, sqlite_database, tmp_path / "new.backup")
    finally:
        with sqlite_database.writing() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.NEWEST}'"))
    with (
        open_backup_context(tmp_path / "restored", database=target) as depot,
        pytest.raises(ConfigError, match="newer Vigie"),
    ):
        restore(depot, tmp_path / "new.backup")
    assert not (tmp_path / "restored" / "bars").exists()


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["work"], ["collect"], ["upgrade"], ["link"]])
def test_an_older_program_refuses_a_newer_home_and_says_what_to_do(
    tmp_path, empty_url, words, monkeypatch, capsys
):
    with closing(open_database(empty_url)) as database:
        schema.ensure_schema(database)
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    monkeypatch.setenv("DATABASE_URL", empty_url)
    monkeypatch.setenv("VIGIE_HOME", str(tmp_path / "home"))
    told = command_line(monkeypatch, capsys)(*words)
    assert told.code == 2
    assert "made by a newer Vigie" in told.err
    assert "Traceback" not in told.err


def test_an_older_program_that_starts_all_parts_shows_why_they_refuse(tmp_path, empty_url):
    with closing(open_database(empty_url)) as database:
        schema.ensure_schema(database)
        with database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    environ = {**os.environ, "DATABASE_URL": empty_url, "VIGIE_HOME": str(tmp_path / "home")}
    told = subprocess.run(
        [sys.executable, "-m", "vigie", "up", "--port", "0"],
        env=environ, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.returncode == 2
    assert "made by a newer Vigie" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_command_line_makes_verifies_and_restores(home, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    vigie = command_line(monkeypatch, capsys)
    with closing(open_database(f"sqlite:///{home / 'vigie.sqlite'}")) as database:
        schema.ensure_schema(database)

    def call(*words: str) -> dict[str, Any]:
        told = vigie(*words, "--json")
        assert told.code == 0, told.err
        found: dict[str, Any] = json.loads(told.out)
        return found

    path = call("backup", "create", "--home", str(home))["file"]
    assert Path(path).parent == home / "backups"
    assert call("backup", "verify", path)["files"] > 3
    restored = call("backup", "restore", path, "--home", str(tmp_path / "other"))
    assert restored["before"] is None
    assert files(tmp_path / "other").keys() == files(home).keys()
    assert call("upgrade", "--home", str(tmp_path / "other"))["backup"] is None
