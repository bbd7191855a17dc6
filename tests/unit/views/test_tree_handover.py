"""A fresh program goes on with the parts of a tree: it has their processes, the locks and the signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests.clocks import StandingClock
from tests.houses import until
from vigie.adapters.forks import ForkedProcess
from vigie.domain.errors import ConfigError
from vigie.services.running.process_tree import ProcessPart, ProcessTree
from vigie.version import __version__
from vigie.views.cli.tree import lock_home
from vigie.views.cli.tree_handover import RENEWAL_MS, SETTLED_MS, hand_over, is_settled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")

# Copies itself for a part, has loaded more than a program that watches needs, and is that program then.
COPYING = """
import os, pathlib, signal, sys
import sqlite3
from types import SimpleNamespace
from vigie.adapters import forks
from vigie.services.running.process_tree import ProcessPart
from vigie.views.cli import tree, tree_handover

with tree.lock_home(pathlib.Path(os.environ["VIGIE_HOME"])) as lock:
    copy = forks.fork(signal.pause, ("--version",), environ=dict(os.environ), log=2)
    print(copy.pid, flush=True)
    pages = ProcessPart("pages", ("--version",), copy, ts_started=1, starts=1)
    tree_handover.hand_over(SimpleNamespace(parts=[pages], is_stopping=False), [lock], os.environ)
"""


def test_fresh_program_watches_the_parts_restarts_them_and_ends_them_with_itself(tmp_path):
    tree = subprocess.Popen(
        [sys.executable, "-c", COPYING], env={**os.environ, "VIGIE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert tree.stdout is not None
        part = psutil.Process(int(tree.stdout.readline()))
        until(lambda: psutil.Process(tree.pid).cmdline()[-2:] == ["demo", "watch"])
        assert part.ppid() == tree.pid
        # Neither what it had loaded nor what reads options and addresses.
        maps = Path(f"/proc/{tree.pid}/maps").read_text("utf-8")
        assert not [library for library in ("_sqlite3", "_ssl", "_uuid") if library in maps]
        with pytest.raises(ConfigError, match=f"process {tree.pid}"), lock_home(tmp_path):
            pytest.fail("two trees in one home")
        part.kill()
        log = tmp_path / "logs" / "pages.log"
        until(lambda: log.exists() and __version__ in log.read_text("utf-8"))
        tree.send_signal(signal.SIGINT)
        said = tree.communicate(timeout=60)[1]
    finally:
        tree.kill()
        tree.communicate()
    assert tree.returncode == 0
    assert said.startswith(f"vigie: pages ended with code -9; restarting in 1 s (see {log})\n")
    assert said.endswith("vigie: stopped\n")
    with lock_home(tmp_path):
        pass


class Running(ForkedProcess):
    """A copy that runs until it is said to have ended."""

    def poll(self) -> int | None:
        return self.returncode


def test_tree_is_handed_over_only_once_every_part_has_run_for_a_while(tmp_path):
    process = Running(1)
    serve = ProcessPart("serve", ("serve",), ts_started=1_000, starts=1)
    tree = ProcessTree([serve], logs=tmp_path, clock=StandingClock(0), say=print, environ={})

    def is_settled_after(span_ms: int) -> bool:
        tree._clock = StandingClock(1_000 + span_ms)
        return is_settled(tree)

    assert not is_settled_after(SETTLED_MS + 1)
    serve.process = process
    assert not is_settled_after(SETTLED_MS)
    assert is_settled_after(SETTLED_MS + 1)
    serve.is_over = True
    assert not is_settled_after(SETTLED_MS + 1)
    serve.is_over = False
    process.returncode = 1
    assert not is_settled_after(SETTLED_MS + 1)
    # A program shares nothing: whoever started it gains nothing by being another one.
    serve.process = SimpleNamespace(poll=lambda: None)
    assert not is_settled_after(SETTLED_MS + 1)


def test_tree_is_not_handed_over_while_a_part_may_want_one_more_copy(tmp_path):
    collect = ProcessPart("collect", (), Running(1), ts_started=1_000, starts=1, renewals=1)
    clock = StandingClock(1_000 + RENEWAL_MS)
    tree = ProcessTree([collect], logs=tmp_path, clock=clock, say=print, environ={})
    assert not is_settled(tree)
    collect.starts = 2
    assert is_settled(tree)
    collect.starts, collect.ts_started = 1, 0
    assert is_settled(tree)


def test_a_tree_that_was_asked_to_end_a_moment_before_ends(tmp_path, monkeypatch):
    tree = ProcessTree([], logs=tmp_path, clock=StandingClock(0), say=print, environ={})
    tree.stop()
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("went on as another program"))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    hand_over(tree, (), {})
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
