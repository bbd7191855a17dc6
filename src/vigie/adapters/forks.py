"""Processes that begin as copies of this one: what it has loaded they share, until one of them writes to it.

A copy has one thread, the one that copied. So nothing is copied while others run here, but for those that only wait:
what is left of them is nothing that the copy needs. Linux only; elsewhere processes are started.
"""

from __future__ import annotations

import gc
import math
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple, NoReturn

from vigie.adapters.process_title import may_set_process_title, set_process_title
from vigie.domain.time import SECOND_MS

_TASKS: Final = Path("/proc/self/task")
# Polars starts them when it is loaded: one waits for files of tables that had no room, which there are none of here,
# the others belong to its allocator, which starts its own again in a copy.
IDLE_THREADS: Final = frozenset({"polars-ooc-clea", "jemalloc_bg_thd"})
CRASH_CODE: Final = 1


def is_possible() -> bool:
    """Tell whether this process may be copied now, at no risk, and the copy be found by what it does."""
    return sys.platform == "linux" and may_set_process_title() and _count_busy_threads() == 1


def _count_busy_threads() -> int:
    """Return how many threads run here, without those that only wait."""
    count = 0
    for task in _TASKS.iterdir():
        try:
            count += (task / "comm").read_text("utf-8", "replace").strip() not in IDLE_THREADS
        except OSError:  # ended meanwhile
            continue
    return count


def wait_readable(handle: int, timeout: float | None) -> bool:
    """Wait until a file can be read, at most that many seconds; tell whether it can.

    Not with `select.select`, which takes no number above 1,023: a process with that many files open would fail.
    """
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(None if timeout is None else max(0, math.ceil(timeout * SECOND_MS))))


class ForkedProcess:
    """A copied process, as far as who started it needs to know; its faces are those of `subprocess.Popen`.

    Parameters
    ----------
    pid : int
        Its number.
    stdin : binary file, optional
        What it reads, where it waits for that.
    """

    def __init__(self, pid: int, stdin: IO[bytes] | None = None) -> None:
        self.pid = pid
        self.stdin = stdin
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its code once it has ended, minus the signal's number where one ended it; None before."""
        return self._reap(os.WNOHANG)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its code.

        Raises
        ------
        TimeoutError
            If it has not ended in that many seconds.
        """
        if self.poll() is None and timeout is not None:
            handle = os.pidfd_open(self.pid)
            try:
                if not wait_readable(handle, timeout):
                    raise TimeoutError(f"process {self.pid} runs after {timeout:g} s")
            finally:
                os.close(handle)
        code = self._reap(0)
        assert code is not None
        return code

    def _reap(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                if self.stdin is not None:
                    self.stdin.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, where it still runs: its number may be another's by then."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class _ChildFiles(NamedTuple):
    """The open files that a copy has."""

    stdin: int
    stdout: int
    stderr: int
    keep: frozenset[int]


def fork(
    run: Callable[[], object],
    args: Sequence[str],
    *,
    environ: Mapping[str, str],
    log: int,
    is_stdin_open: bool = False,
    stdin: int | None = None,
    stdout: int | None = None,
    keep: Sequence[int] = (),
) -> ForkedProcess:
    """Copy this process and let the copy run as a command of its own.

    Parameters
    ----------
    run : callable
        What it does; it reads the words from `sys.argv`.
    args : sequence of str
        The command, without the program.
    environ : mapping
        Its variables, all of them.
    log : int
        The open file that takes what it says.
    is_stdin_open : bool
        Whether its standard input stays open.
    stdin, stdout : int, optional
        Open files that it reads and writes instead; here they are closed.
    keep : sequence of int
        Open files that it has, too.
    """
    if stdin is not None:
        child_stdin, parent_stdin = stdin, None
    else:
        child_stdin, parent_stdin = os.pipe() if is_stdin_open else (os.open(os.devnull, os.O_RDONLY), None)
    files = _ChildFiles(child_stdin, log if stdout is None else stdout, log, frozenset(keep))
    sys.stdout.flush()
    sys.stderr.flush()
    # Who looks for garbage writes to everything that is looked at, and has it copied.
    gc.freeze()
    former_mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if pid == 0:
        _run_child(run, args, environ, files, former_mask)
    signal.pthread_sigmask(signal.SIG_SETMASK, former_mask)
    os.close(child_stdin)
    if stdout is not None:
        os.close(stdout)
    return ForkedProcess(pid, None if parent_stdin is None else os.fdopen(parent_stdin, "wb", 0))


def _run_child(
    run: Callable[[], object],
    args: Sequence[str],
    environ: Mapping[str, str],
    files: _ChildFiles,
    mask: Iterable[int],
) -> NoReturn:
    """Be the copy until the end; what the first process opened, locked or had to end is none of its business."""
    code = CRASH_CODE
    try:
        os.setsid()
        _redirect_files(files)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = [sys.argv[0], *args]
        set_process_title(sys.executable, ("-m", "vigie", *args))
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # Garbage is looked for everywhere once it may be a quarter of what was there the last time: here of all that
        # the first process had loaded, which is frozen and never looked through. Looking now begins the count anew.
        gc.collect()
        run()
        code = 0
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException:  # noqa: BLE001 - the outermost edge of a process, as the interpreter's own is
        traceback.print_exc()
    finally:
        try:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
        finally:  # also where there is no room for its words: a copy never goes on as who began it
            os._exit(code)


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return CRASH_CODE


def _redirect_files(files: _ChildFiles) -> None:
    """Read and write where a started process would; let go of every other open file, but keep its number taken."""
    # Beside their places first: one may lie where another has to go.
    for target, source in enumerate(
        [os.dup(descriptor) for descriptor in (files.stdin, files.stdout, files.stderr)]
    ):
        os.dup2(source, target)
    devnull = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        # Objects of the first process live on here and would close the number, whoever had it by then.
        if int(name) > 2 and int(name) != devnull and int(name) not in files.keep:
            try:
                os.fstat(int(name))
            except OSError:  # the listing's own
                continue
            os.dup2(devnull, int(name), inheritable=False)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(target, "w", encoding="utf-8", buffering=1, errors="backslashreplace", closefd=False)
        for target in (1, 2)
    )
