"""A process that held the right to trade is dead where everything says so, and nowhere else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import houses
from vigie.adapters.stores.lease_marks import PROC, LeaseMark
from vigie.domain.order import Lease

LEASE = Lease("main", "trade@here:7", 4, 1_000)
PART = "trade-main"
HOLD = """
import sys
from pathlib import Path
from vigie.adapters.stores.lease_marks import LeaseMark
from vigie.domain.order import Lease
with LeaseMark(Path(sys.argv[1]), "trade-main").hold(Lease("main", "trade@here:7", 4, 1_000)):
    print("held", flush=True)
    sys.stdin.read()
"""
pytestmark = pytest.mark.skipif(not PROC.is_dir(), reason="only Linux tells of processes so")


@contextmanager
def holder(home: Path, *before: str):
    """Have another process hold the right to trade."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert process.stdout.readline().strip() == "held"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def changed(home: Path, **values: object) -> None:
    path = LeaseMark(home, PART).path
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_holder_is_dead_once_it_was_killed_and_not_while_it_stands_still(tmp_path):
    mark = LeaseMark(tmp_path, PART)
    assert not mark.is_dead(LEASE), "nobody ever told"
    with holder(tmp_path) as process:
        assert not mark.is_dead(LEASE)
        process.send_signal(signal.SIGSTOP)
        assert not mark.is_dead(LEASE)
        process.kill()
        houses.until(lambda: mark.is_dead(LEASE))  # a child that nobody has waited for yet is dead, too
        process.wait()
        assert mark.is_dead(LEASE)
        assert not mark.is_dead(Lease("main", LEASE.holder, 5, 1_000)), "of another taking it says nothing"
        assert not mark.is_dead(Lease("main", "trade@there:7", 4, 1_000))


@pytest.mark.parametrize(
    ("value", "is_dead"),
    [
        ({"boot": "another"}, False),
        ({"namespace": "pid:[1]"}, False),
        ({"pid": os.getpid()}, False),
        ({"pid": os.getpid(), "started": 0}, True),
        ({"started": "x"}, False),
        ({"pid": None}, False),
    ],
    ids=["another boot", "another namespace", "it lives", "its number is another's", "broken", "broken too"],
)
def test_whatever_does_not_fit_is_doubt(tmp_path, value, is_dead):
    with holder(tmp_path):
        pass
    mark = LeaseMark(tmp_path, PART)
    assert mark.is_dead(LEASE)
    if value.get("pid") == os.getpid() and "started" not in value:
        state = (PROC / str(os.getpid()) / "stat").read_text().rpartition(")")[2].split()
        value = {**value, "started": int(state[19])}
    changed(tmp_path, **value)
    assert mark.is_dead(LEASE) is is_dead


def test_a_lock_that_somebody_still_holds_is_doubt(tmp_path):
    with holder(tmp_path):
        pass
    mark = LeaseMark(tmp_path, PART)
    with mark.path.open("rb") as file:
        from vigie.locks import try_acquire

        assert try_acquire(file)
        assert not mark.is_dead(LEASE)
    assert mark.is_dead(LEASE)


def test_a_torn_mark_and_a_system_that_tells_nothing_are_doubt(tmp_path):
    with holder(tmp_path):
        pass
    assert not LeaseMark(tmp_path, PART, tmp_path / "no-proc").is_dead(LEASE)
    with LeaseMark(tmp_path / "b", PART, tmp_path / "no-proc").hold(LEASE):
        assert not LeaseMark(tmp_path / "b", PART).is_dead(LEASE)
    LeaseMark(tmp_path, PART).path.write_text("{")
    assert not LeaseMark(tmp_path, PART).is_dead(LEASE)


@contextmanager
def container(home: Path, tmp_path: Path):
    """Have a process in another container of this machine hold the right to trade; give its kill.

    Where the system lets nobody make a namespace, the listing of another one stands for it.
    """
    enter = ["unshare", "-Urpf", "--mount-proc"]
    is_there = (
        shutil.which("unshare") and not subprocess.run([*enter, "true"], capture_output=True).returncode
    )
    if is_there:
        with holder(home, *enter, "--kill-child") as process:
            yield process.kill
        return
    proc = tmp_path / "proc"
    (proc / "sys/kernel/random").mkdir(parents=True)
    shutil.copy(PROC / "sys/kernel/random/boot_id", proc / "sys/kernel/random/boot_id")
    (proc / "self/ns").mkdir(parents=True)
    (proc / "self/ns/pid").symlink_to("pid:[1]")
    (proc / str(os.getpid())).mkdir()
    shutil.copy(PROC / "self/stat", proc / str(os.getpid()) / "stat")
    with LeaseMark(home, PART, proc).hold(LEASE):
        yield lambda: None


def test_of_two_containers_on_one_host_neither_calls_the_other_dead(tmp_path):
    home = tmp_path / "home"
    mark = LeaseMark(home, PART)
    with container(home, tmp_path) as kill:
        told = json.loads(mark.path.read_text())
        assert told["boot"] == (PROC / "sys/kernel/random/boot_id").read_text().strip(), "one machine"
        assert told["namespace"] != os.readlink("/proc/self/ns/pid"), "two containers"
        # Its number is nobody's here, or somebody else's: that proves nothing.
        assert not mark.is_dead(LEASE)
        kill()
    assert not mark.is_dead(LEASE), "also once it is gone: who cannot see it waits for the lease"
