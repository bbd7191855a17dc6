"""A process that copies itself whenever it is asked to, for one that could not be copied any more.

It is a copy of who asks, from before threads ran and files were open there: what had been loaded by then is shared by
all. It ends when who asks is gone; its copies do not. Linux only, as `vigie.adapters.forks` is.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Final

from vigie.adapters import forks
from vigie.adapters.forks import ForkedProcess, fork

# A line that asks is far below; the variables of a process may have a hundred thousand bytes.
_MAX_MESSAGE_BYTES: Final = 1 << 22
_STDERR: Final = 2


def is_possible() -> bool:
    """Tell whether this process may have a stem: it may be copied, and copies of a copy can be watched from here."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):  # another system, or a kernel before 5.3
        return False
    return forks.is_possible()


class Child:
    """A copy of a stem, as far as who asked for it needs to know; its faces are those of `subprocess.Popen`.

    Parameters
    ----------
    pid : int
        Its number, which stays its own until the stem is asked how it ended.
    stdin, stdout : text file
        What it reads, and what it writes.
    ask_exit_code : callable
        Asks the stem how the process of a number ended; None where there is no stem any more.
    """

    def __init__(
        self, pid: int, stdin: IO[str], stdout: IO[str], ask_exit_code: Callable[[int], int | None]
    ) -> None:
        self.pid = pid
        self.stdin: IO[str] | None = stdin
        self.stdout: IO[str] | None = stdout
        self.returncode: int | None = None
        self._ask_exit_code = ask_exit_code
        self._handle = os.pidfd_open(pid)
        # Not at its end: another thread may be about to look at it, and its number would be another file's by then.
        weakref.finalize(self, os.close, self._handle)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Return its code once it has ended, minus the signal's number where one ended it; None before."""
        return self._wait_exit(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its code.

        Raises
        ------
        subprocess.TimeoutExpired
            If it has not ended in that many seconds.
        """
        code = self._wait_exit(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return code

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            if self.returncode is None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _wait_exit(self, timeout: float | None) -> int | None:
        if self.returncode is None and not forks.wait_readable(self._handle, timeout):
            return None
        with self._lock:
            if self.returncode is None:
                code = self._ask_exit_code(self.pid)
                # Nobody is left to say how it ended: as if it had been taken away.
                self.returncode = -signal.SIGKILL if code is None else code
        return self.returncode


class ForkServer:
    """The end of who asks.

    Parameters
    ----------
    connection : socket
        To the process that copies itself.
    pid : int
        The number of that process: the parent of its copies.
    """

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self._connection = connection
        self._lock = threading.Lock()

    def start_child(self, environ: Mapping[str, str], args: Sequence[str] | None = None) -> Child | None:
        """Begin a copy with these variables, all of them; None where the stem is gone.

        Parameters
        ----------
        environ : mapping
            Its variables.
        args : sequence of str, optional
            Its command, without the program; else the one that the stem was started with.
        """
        child_stdin, parent_stdin = os.pipe()
        parent_stdout, child_stdout = os.pipe()
        try:
            pid = self._request(
                {"begin": dict(environ), "args": None if args is None else list(args)},
                (child_stdin, child_stdout),
            )
        finally:
            os.close(child_stdin)
            os.close(child_stdout)
        if pid is None:
            os.close(parent_stdin)
            os.close(parent_stdout)
            return None
        stdin, stdout = (
            os.fdopen(parent_stdin, "w", encoding="utf-8"),
            os.fdopen(parent_stdout, encoding="utf-8"),
        )
        return Child(pid, stdin, stdout, lambda ended_pid: self._request({"ended": ended_pid}))

    def _request(self, message: Mapping[str, object], files: Sequence[int] = ()) -> int | None:
        with self._lock:
            try:
                socket.send_fds(self._connection, [json.dumps(message).encode()], files)
                reply = self._connection.recv(_MAX_MESSAGE_BYTES)
            except OSError:
                return None
        return int(reply) if reply else None


@contextmanager
def start_fork_server(
    run: Callable[[], object], args: Sequence[str], *, server_args: Sequence[str], idle_s: float | None = None
) -> Iterator[ForkServer]:
    """Copy this process now, so that copies can be had later; only where `vigie.adapters.forks.is_possible`.

    Parameters
    ----------
    run : callable
        What a copy does; it reads the words from `sys.argv`.
    args : sequence of str
        The command of a copy, without the program.
    server_args : sequence of str
        What the stem itself is called.
    idle_s : float, optional
        The stem ends after so long without a copy, for less memory: from then on none can be had.
    """
    parent_socket, child_socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (parent_socket, child_socket):
        # What is asked holds all variables.
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MAX_MESSAGE_BYTES)
    server = fork(
        lambda: _serve(child_socket, run, args, idle_s), server_args,
        environ=dict(os.environ), log=_STDERR, keep=(child_socket.fileno(),),
    )  # fmt: skip
    child_socket.close()
    try:
        yield ForkServer(parent_socket, server.pid)
    finally:
        parent_socket.close()
        server.wait()


def _serve(
    connection: socket.socket, run: Callable[[], object], args: Sequence[str], idle_s: float | None
) -> None:
    """Copy this process whenever that is asked, until who asks is gone or has had no copy for long."""
    children: dict[int, ForkedProcess] = {}
    while children or forks.wait_readable(connection.fileno(), idle_s):
        message, files, _, _ = socket.recv_fds(connection, _MAX_MESSAGE_BYTES, 2)
        if not message:
            return
        request = json.loads(message)
        if "begin" in request:
            words = args if request["args"] is None else request["args"]
            child = fork(run, words, environ=request["begin"], log=_STDERR, stdin=files[0], stdout=files[1])
            children[child.pid] = child
            reply = child.pid
        else:
            reply = children.pop(request["ended"]).wait()
        connection.send(str(reply).encode())
