"""What a change of a trading account asks of the disk, and what is left when the process dies at any of it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.test_tradebook import RUN, WHOLE
from tests.databases import HandClock
from tests.system_calls import SYNCS, WRITES, Call, traced
from vigie.adapters.stores.disk_space import opening_file
from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.database import open_database
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Path:
    """Give a folder with a database in which an account is begun and held; nobody has it open."""
    shutil.copy(sqlite_template, tmp_path / "vigie.sqlite")
    with closing(open_database(f"sqlite:///{tmp_path / 'vigie.sqlite'}")) as database:
        book = SqlTradeBook(database, HandClock())
        book.begin(RUN)
        book.take("main", "p1", for_s=10)
    return tmp_path


def told_after(home: Path, change: Callable[[SqlTradeBook, Any], object]) -> Callable[[], None]:
    """Return work that says on the wire that it begins, changes something, and says that it did."""

    def work() -> None:
        wire = os.open(home / "wire", os.O_CREAT | os.O_WRONLY)
        database = open_database(f"sqlite:///{home / 'vigie.sqlite'}")
        book = SqlTradeBook(database, HandClock())
        lease = book.take("main", "p1", for_s=10)
        os.write(wire, b"begins")
        change(book, lease)
        os.write(wire, b"done")

    return work


def between(calls: list[Call]) -> list[Call]:
    """Return the calls of the change alone."""
    said = [n for n, call in enumerate(calls) if call.path.endswith("/wire")]
    assert len(said) == 2
    return calls[said[0] + 1 : said[1]]


def test_a_change_is_written_then_synced_and_only_then_told(home):
    calls = between(traced(told_after(home, lambda book, lease: book.commit(lease, WHOLE))))
    log = [call.name for call in calls if call.path.endswith("vigie.sqlite-wal")]
    written = [n for n, name in enumerate(log) if name in WRITES]
    synced = [n for n, name in enumerate(log) if name in SYNCS]
    assert written, calls
    assert synced, calls
    assert written[-1] < synced[-1], "nothing is told that could still be lost with the power"
    assert len(synced) == 1, "one group, one sync"
    assert not [call for call in calls if call.path.endswith("vigie.sqlite")], "it all lies in the log"


def test_the_record_sees_where_nothing_is_synced(home):
    calls = between(traced(told_after(home, lambda book, lease: book.keep(lease, for_s=20))))
    assert [call for call in calls if call.name in WRITES]
    assert not [call for call in calls if call.name in SYNCS]


def test_a_process_that_is_killed_at_any_write_leaves_all_of_a_change_or_nothing(home):
    def change(book: SqlTradeBook, lease: Any) -> None:
        book.commit(lease, WHOLE)

    kept = home / "vigie.sqlite"
    before = kept.read_bytes()
    calls = traced(told_after(home, change))
    said = [n for n, call in enumerate(calls) if call.path.endswith("/wire")]
    ends: list[bool] = []
    for number in range(said[0] + 1, said[1] + 1):
        # What is kept for an opening on a full disk was there at the first run as well.
        for path in set(home.iterdir()) - {opening_file(kept)}:
            path.unlink()
        kept.write_bytes(before)
        made = traced(told_after(home, change), kill_at=number)
        assert sum(call.path.endswith("/wire") for call in made) == 1, "it never told"
        with closing(open_database(f"sqlite:///{kept}")) as database:
            book = SqlTradeBook(database, HandClock())
            found = [
                len(list(book.steps("r1"))), len(book.intents("r1")), len(book.fills("r1")),
                len(book.fundings("r1")), int(book.state("main") == "reducing"),
                SqlAuditLog(database, HandClock()).newest() - 3,
            ]  # fmt: skip
            assert found in ([0, 0, 0, 0, 0, 0], [2, 2, 1, 1, 1, 2]), f"killed at {calls[number]}: {found}"
            ends.append(found[0] > 0)
            assert SqlAuditLog(database, HandClock()).verify() == 3 + found[-1]
    print(f"killed at {len(ends)} points, {sum(ends)} of them after the change was whole")
    assert ends == sorted(ends), "once it is there it stays there"
    assert not ends[0]
    assert ends[-1]


def test_a_child_that_fails_is_no_proof():
    def work() -> None:
        raise SystemExit(3)

    with pytest.raises(AssertionError, match="the child failed"):
        traced(work)


def test_a_child_that_is_ended_by_a_signal_is_no_proof():
    with pytest.raises(AssertionError, match="ended by itself"):
        traced(lambda: os.kill(os.getpid(), signal.SIGKILL))
