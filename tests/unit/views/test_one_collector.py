"""One collector a home, and one a database, on both kinds; a dead one's place is free."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import ClassVar

import pytest

from vigie.adapters.stores.sql.database import Database
from vigie.domain.errors import StorageError
from vigie.views.cli import collect
from vigie.wiring.collector_lock import hold_collector_lock


class Idle:
    """A collector that has nothing to do until it is stopped."""

    connectors = ()
    has_stored_histories = True

    async def run(self, stop) -> None:
        await asyncio.wait_for(stop.wait(), 20)


class Life:
    """What a part of a tree says, and no beat."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.say = self.said.append
        self.heartbeat = self

    @staticmethod
    def keep_beating():
        return nullcontext()


HOLDER = """
import os, sys
from vigie.wiring.collector_lock import hold_collector_lock

with hold_collector_lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def vigie(*words: str) -> subprocess.CompletedProcess[str]:
    called = [sys.executable, "-m", "vigie", *words]
    return subprocess.run(called, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", [("collect", "--only", "feargreed"), ("up", "--port", "0")])
def test_second_collector_of_a_home_is_told_who_is_there_and_ends(home: Path, words: tuple[str, ...]):
    with hold_collector_lock(home):
        ended = vigie(*words)
    assert ended.returncode == 1, ended.stderr
    assert f"another collector asks the sources for {home} already (process {os.getpid()})" in ended.stderr
    assert "vigie up --no-collect" in ended.stderr
    assert "/link/" not in ended.stdout


def test_second_home_on_one_database_is_refused_until_the_first_ends_however_it_does(
    homes, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", database_url)
    other, third = next(homes), next(homes)
    code = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(code, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with (
            pytest.raises(StorageError, match="another collector asks the sources for"),
            hold_collector_lock(other),
        ):
            pytest.fail("two collectors on one database")
        holder.send_signal(signal.SIGTERM)
    for home in (other, third):
        with hold_collector_lock(home) as lost:
            assert lost() == ""


def test_one_whose_connection_was_cut_takes_its_place_again_or_ends_where_another_has_it(
    homes, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
):
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)

    def cut() -> None:
        with postgresql_database.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND datname = current_database()"
            )

    with hold_collector_lock(next(homes)) as lost:
        cut()
        assert lost() == ""
        with pytest.raises(StorageError, match="this database"), hold_collector_lock(next(homes)):
            pytest.fail("a place that was taken again was given away")
        cut()
        with hold_collector_lock(next(homes)):
            assert "another collector asks the sources for this database" in lost()


@pytest.mark.parametrize(
    ("last", "fault"),
    [("another one has it", StorageError), (ValueError("nobody thought of this"), ValueError)],
)
def test_collector_that_lost_its_place_or_its_sight_stops_and_says_why(
    home: Path, monkeypatch: pytest.MonkeyPatch, last: str | Exception, fault: type[Exception]
):
    monkeypatch.setattr(collect, "ALONE_S", 0.0)
    life = Life()
    answers = iter([StorageError("away"), "", last])

    def lost() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(fault, match=str(last)):
        collect._run_collector(Idle(), life, lost, None, renews=False)  # type: ignore[arg-type]
    assert life.said[-1] == "stopped"


class Busy:
    """A worker that has a job in hand when it is first looked at, and later once more."""

    def __init__(self, *answers: bool, has_first_rested: bool = False) -> None:
        self.answers = iter(answers or [False, True, True, False, True, True, True])
        self.has_first_rested = lambda: has_first_rested

    @property
    def is_idle(self) -> bool:
        return next(self.answers)

    def start(self, on_end) -> None:
        pass

    def finish(self) -> None:
        pass


def test_collector_asks_for_a_fresh_process_once_histories_are_stored_and_no_job_is_in_hand(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(collect, "QUIET_S", 0.0)
    life, worker = Life(), Busy()
    is_renewed = collect._run_collector(Idle(), life, lambda: "", worker, renews=True)  # type: ignore[arg-type]
    assert is_renewed
    assert next(worker.answers, None) is None, "three quiet looks in a row"
    assert life.said[1:] == ["a fresh process goes on, which takes less memory", "stopped"]


def test_collector_asks_for_a_fresh_process_after_the_first_jobs_once_it_is_old_enough(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(collect, "QUIET_S", 0.0)
    life = Life()
    # Old enough with a job in hand, and idle one look later.
    worker = Busy(*[False] * collect.OLD_ENOUGH_LOOKS, True, has_first_rested=True)
    assert collect._run_collector(Idle(), life, lambda: "", worker, renews=True)  # type: ignore[arg-type]
    assert next(worker.answers, None) is None
    assert life.said[1:] == ["a fresh process goes on, which takes less memory", "stopped"]


def test_what_goes_wrong_while_a_collector_waits_to_be_renewed_is_said(monkeypatch: pytest.MonkeyPatch):
    class Broken(Idle):
        asked: ClassVar[list[str]] = []

        @property
        def has_stored_histories(self) -> bool:
            self.asked.append("histories")
            raise ValueError("nobody thought of this")

        async def run(self, stop) -> None:
            while not self.asked:
                await asyncio.sleep(0)

    monkeypatch.setattr(collect, "QUIET_S", 0.0)
    with pytest.raises(ValueError, match="nobody thought of this"):
        collect._run_collector(Broken(), Life(), lambda: "", None, renews=True)  # type: ignore[arg-type]
