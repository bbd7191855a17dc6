"""Processes that begin as copies of this one: what it has loaded they share, until one of them writes to it.

A copy has one thread, the one that copied. So nothing is copied while others run here, but for those that only wait:
what is left of them is nothing that the copy needs. Linux only; elsewhere processes are started.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple, NoReturn

from vigie.adapters.title import may_be_named, name_process

_TASKS: Final = Path("/proc/self/task")
# Polars starts them when it is loaded: one waits for files of tables that had no room, which there are none of here,
# the others belong to its allocator, which starts its own again in a copy.
WAITING: Final = frozenset({"polars-ooc-clea", "jemalloc_bg_thd"})
CRASHED: Final = 1


def is_possible() -> bool:
    """Tell whether this process may be copied now, at no risk, and the copy be found by what it does."""
    return sys.platform == "linux" and may_be_named() and _busy() == 1


def _busy() -> int:
    """Return how many threads run here, without those that only wait."""
    found = 0
    for one in _TASKS.iterdir():
        try:
            found += (one / "comm").read_text("utf-8", "replace").strip() not in WAITING
        except OSError:  # ended meanwhile
            continue
    return found


class Forked:
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
        return self._look(os.WNOHANG)

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
                if not select.select([handle], [], [], timeout)[0]:
                    raise TimeoutError(f"process {self.pid} runs after {timeout:g} s")
            finally:
                os.close(handle)
        code = self._look(0)
        assert code is not None
        return code

    def _look(self, options: int) -> int | None:
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


class _Files(NamedTuple):
    """The open files that a copy has."""

    stdin: int
    stdout: int
    stderr: int
    keep: frozenset[int]


def fork(
    run: Callable[[], object],
    words: Sequence[str],
    *,
    environ: Mapping[str, str],
    log: int,
    is_held: bool = False,
    stdin: int | None = None,
    stdout: int | None = None,
    keep: Sequence[int] = (),
) -> Forked:
    """Copy this process and let the copy run as a command of its own.

    Parameters
    ----------
    run : callable
        What it does; it reads the words from `sys.argv`.
    words : sequence of str
        The command, without the program.
    environ : mapping
        Its variables, all of them.
    log : int
        The open file that takes what it says.
    is_held : bool
        Whether its standard input stays open.
    stdin, stdout : int, optional
        Open files that it reads and writes instead; here they are closed.
    keep : sequence of int
        Open files that it has, too.
    """
    if stdin is not None:
        theirs, ours = stdin, None
    else:
        theirs, ours = os.pipe() if is_held else (os.open(os.devnull, os.O_RDONLY), None)
    files = _Files(theirs, log if stdout is None else stdout, log, frozenset(keep))
    sys.stdout.flush()
    sys.stderr.flush()
    # Who looks for garbage writes to everything that is looked at, and has it copied.
    gc.freeze()
    every = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    pid = os.fork()
    if pid == 0:
        _go(run, words, environ, files, every)
    signal.pthread_sigmask(signal.SIG_SETMASK, every)
    os.close(theirs)
    if stdout is not None:
        os.close(stdout)
    return Forked(pid, None if ours is None else os.fdopen(ours, "wb", 0))


def _go(
    run: Callable[[], object],
    words: Sequence[str],
    environ: Mapping[str, str],
    files: _Files,
    mask: Iterable[int],
) -> NoReturn:
    """Be the copy until the end; what the first process opened, locked or had to end is none of its business."""
    code = CRASHED
    try:
        os.setsid()
        _take(files)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = [sys.argv[0], *words]
        name_process(sys.executable, ("-m", "vigie", *words))
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
        code = _code(end)
    except BaseException:  # noqa: BLE001 - the outermost edge of a process, as the interpreter's own is
        traceback.print_exc()
    finally:
        try:
            for one in (sys.stdout, sys.stderr):
                one.flush()
        finally:  # also where there is no room for its words: a copy never goes on as who began it
            os._exit(code)


def _code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return CRASHED


def _take(files: _Files) -> None:
    """Read and write where a started process would; let go of every other open file, but keep its number taken."""
    # Beside their places first: one may lie where another has to go.
    for place, source in enumerate([os.dup(one) for one in (files.stdin, files.stdout, files.stderr)]):
        os.dup2(source, place)
    nothing = os.open(os.devnull, os.O_RDWR)
    for name in os.listdir("/proc/self/fd"):
        # Objects of the first process live on here and would close the number, whoever had it by then.
        if int(name) > 2 and int(name) != nothing and int(name) not in files.keep:
            try:
                os.fstat(int(name))
            except OSError:  # the listing's own
                continue
            os.dup2(nothing, int(name), inheritable=False)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout, sys.stderr = (
        os.fdopen(place, "w", encoding="utf-8", buffering=1, errors="backslashreplace", closefd=False)
        for place in (1, 2)
    )
