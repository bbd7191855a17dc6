"""A part of a running Vigie whose output goes to a full disk goes on, and ends well."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vigie.adapters.logs import tolerate_full_disk

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="not here: a file that is always full is of Linux")


def emptied(file):
    """Let a file go whose last words have no place to go to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
    file.close()


def test_what_is_printed_to_a_full_disk_is_lost(monkeypatch):
    full = FULL.open("w")
    monkeypatch.setattr(sys, "stdout", full)
    with tolerate_full_disk():
        for _ in range(3):
            print("x" * 10_000, flush=True)
        print("still in the buffer at the end")
    assert sys.stdout is not full
    print("no trouble any more", flush=True)
    monkeypatch.undo()
    emptied(full)


def test_other_troubles_of_printing_are_not_hidden(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    gone = os.fdopen(writing, "w")
    monkeypatch.setattr(sys, "stdout", gone)
    with pytest.raises(BrokenPipeError), tolerate_full_disk():
        print("nobody reads this", flush=True)
    monkeypatch.undo()
    emptied(gone)


def test_the_worker_does_not_end_because_its_words_find_no_room(home, tmp_path):
    logs = home / "logs"
    logs.mkdir(parents=True)
    (logs / "work.jsonl").symlink_to(FULL)
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told, FULL.open("w") as full:
        told.bind(address)
        told.settimeout(60)
        work = subprocess.Popen(
            [sys.executable, "-m", "vigie", "work"],
            env={**os.environ, "VIGIE_HOME": str(home), "NOTIFY_SOCKET": address},
            stdout=full, stderr=full, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert told.recv(100) == b"READY=1"
            work.send_signal(signal.SIGTERM)
            assert told.recv(100) == b"STOPPING=1"
            assert work.wait(60) == 0
        finally:
            work.kill()
            work.wait()
