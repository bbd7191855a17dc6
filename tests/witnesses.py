"""Witnesses of strategies that are forked from a process which has loaded the engine, and no strategy, once.

A process of its own takes half a second to load what it needs and as long again until the first compiled function
answers, and hundreds are asked. What a fork has in memory is what one that is started has: nothing of the process that
asks. That one is started all the same is proven where `Witness` itself is (`tests/unit/engine/test_judgement.py`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import pytest

# Answers a path and two pipes with the number of a fork, and a number with how that one ended.
STEM: Final = """
import json, os, signal, socket, sys, traceback
sys.path[:] = json.loads(sys.argv[1])
import numpy
from vigie.engine.judgement import serve_strategy
from vigie.quant.indicators.sma import sma

sma(numpy.ones(5), 2)

def go_on(path, pipes):
    sys.path[:] = path
    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    code = 0
    try:
        serve_strategy()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    os._exit(code)

with socket.socket(fileno=int(sys.argv[2])) as asked:
    while True:
        told, pipes, *_ = socket.recv_fds(asked, 65_536, 2)
        if not told:
            break
        told = json.loads(told)
        if isinstance(told, int):
            code = os.waitstatus_to_exitcode(os.waitpid(told, 0)[1])
            asked.send(str(code).encode())
            continue
        child = os.fork()
        if child == 0:
            asked.close()
            go_on(told, pipes)
        for pipe in pipes:
            os.close(pipe)
        asked.send(str(child).encode())
"""


class Stem:
    """The process that is forked, begun when the first witness is asked for."""

    def __init__(self) -> None:
        self._asked: socket.socket | None = None

    def say(self, what: Any, pipes: tuple[int, ...] = ()) -> int:
        """Say something and return the number that is answered."""
        if self._asked is None:
            self._asked, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            words = [sys.executable, "-P", "-c", STEM, json.dumps(sys.path), str(other.fileno())]
            nothing = subprocess.DEVNULL
            self._process = subprocess.Popen(
                words, stdin=nothing, stdout=nothing, stderr=nothing, pass_fds=[other.fileno()]
            )
            other.close()
        socket.send_fds(self._asked, [json.dumps(what).encode()], pipes)
        return int(self._asked.recv(64))

    def end(self) -> None:
        """End it with the session."""
        if self._asked is not None:
            self._asked.close()
            self._process.wait()


class Fork:
    """A witness's process, with those faces of `subprocess.Popen` that are looked at."""

    def __init__(self, stem: Stem, *_: Any, **__: Any) -> None:
        heard, asks = os.pipe()
        answers, said = os.pipe()
        self._stem, self._code = stem, None
        try:
            self.pid = stem.say(sys.path, (heard, said))
        finally:
            os.close(heard)
            os.close(said)
        self.stdin, self.stdout = os.fdopen(asks, "wb"), os.fdopen(answers, "rb")

    def kill(self) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self._code is None:
            self._code = self._stem.say(self.pid)
        return self._code

    def communicate(self) -> None:
        for pipe in (self.stdin, self.stdout):
            try:
                pipe.close()
            except BrokenPipeError:  # what was left to say is for nobody
                continue
        self.wait()


@pytest.fixture(scope="session")
def stem() -> Iterator[Stem]:
    """Give what witnesses are forked from."""
    found = Stem()
    yield found
    found.end()


@pytest.fixture
def forked_witnesses(stem: Stem, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let witnesses be forked where a system can."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return
    start: Callable[..., Fork] = partial(Fork, stem)
    faces = SimpleNamespace(Popen=start, PIPE=subprocess.PIPE, DEVNULL=subprocess.DEVNULL)
    monkeypatch.setattr("vigie.engine.strategy_process.subprocess", faces)
