"""A process that copies itself whenever it is asked to, for one that could not be copied any more.

It is a copy of who asks, from before threads ran and files were open there: what had been loaded by then is shared by
all. It ends when who asks is gone; its copies do not. Linux only, as `vigie.adapters.forks` is.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Final

from vigie.adapters import forks
from vigie.adapters.forks import Forked, fork

# A line that asks is far below; the variables of a process may have a hundred thousand bytes.
_LONGEST: Final = 1 << 22
_STDERR: Final = 2


def is_possible() -> bool:
    """Tell whether this process may have a stem: it may be copied, and copies of a copy can be watched from here."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # another system, or a kernel before 5.3
        return False
    return forks.is_possible()


class Shoot:
    """A copy of a stem, as far as who asked for it needs to know; its faces are those of `subprocess.Popen`.

    Parameters
    ----------
    pid : int
        Its number, which stays its own until the stem is asked how it ended.
    stdin, stdout : text file
        What it reads, and what it writes.
    ask : callable
        Asks the stem how the process of a number ended; None where there is no stem any more.
    """

    def __init__(self, pid: int, stdin: IO[str], stdout: IO[str], ask: Callable[[int], int | None]) -> None:
        self.pid = pid
        self.stdin: IO[str] | None = stdin
        self.stdout: IO[str] | None = stdout
        self.returncode: int | None = None
        self._ask = ask
        self._handle = os.pidfd_open(pid)
        # Not at its end: another thread may be about to look at it, and its number would be another file's by then.
        weakref.finalize(self, os.close, self._handle)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return its code once it has ended, minus the signal's number where one ended it; None before."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its code.

        Raises
        ------
        subprocess.TimeoutExpired
            If it has not ended in that many seconds.
        """
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            if self.returncode is None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and not select.select([self._handle], [], [], timeout)[0]:
            return None
        with self._lock:
            if self.returncode is None:
                code = self._ask(self.pid)
                # Nobody is left to say how it ended: as if it had been taken away.
                self.returncode = -signal.SIGKILL if code is None else code
        return self.returncode


class Stem:
    """The end of who asks.

    Parameters
    ----------
    line : socket
        To the process that copies itself.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def begin(self, environ: Mapping[str, str]) -> Shoot | None:
        """Begin a copy with these variables, all of them; None where the stem is gone."""
        its_in, ours_in = os.pipe()
        ours_out, its_out = os.pipe()
        try:
            pid = self._asked({"begin": dict(environ)}, (its_in, its_out))
        finally:
            os.close(its_in)
            os.close(its_out)
        if pid is None:
            os.close(ours_in)
            os.close(ours_out)
            return None
        stdin, stdout = os.fdopen(ours_in, "w", encoding="utf-8"), os.fdopen(ours_out, encoding="utf-8")
        return Shoot(pid, stdin, stdout, lambda gone: self._asked({"ended": gone}))

    def _asked(self, words: Mapping[str, object], files: Sequence[int] = ()) -> int | None:
        with self._lock:
            try:
                socket.send_fds(self._line, [json.dumps(words).encode()], files)
                said = self._line.recv(_LONGEST)
            except OSError:
                return None
        return int(said) if said else None


@contextmanager
def stem(run: Callable[[], object], words: Sequence[str], *, called: Sequence[str]) -> Iterator[Stem]:
    """Copy this process now, so that copies can be had later; only where `vigie.adapters.forks.is_possible`.

    Parameters
    ----------
    run : callable
        What a copy does; it reads the words from `sys.argv`.
    words : sequence of str
        The command of a copy, without the program.
    called : sequence of str
        What the stem itself is called.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for one in (ours, theirs):
        # What is asked holds all variables.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    copied = fork(
        lambda: _serve(theirs, run, words), called,
        environ=dict(os.environ), log=_STDERR, keep=(theirs.fileno(),),
    )  # fmt: skip
    theirs.close()
    try:
        yield Stem(ours)
    finally:
        ours.close()
        copied.wait()


def _serve(line: socket.socket, run: Callable[[], object], words: Sequence[str]) -> None:
    """Copy this process whenever that is asked, until who asks is gone."""
    begun: dict[int, Forked] = {}
    while True:
        said, files, _, _ = socket.recv_fds(line, _LONGEST, 2)
        if not said:
            return
        asked = json.loads(said)
        if "begin" in asked:
            copied = fork(run, words, environ=asked["begin"], log=_STDERR, stdin=files[0], stdout=files[1])
            begun[copied.pid] = copied
            answer = copied.pid
        else:
            answer = begun.pop(asked["ended"]).wait()
        line.send(str(answer).encode())
