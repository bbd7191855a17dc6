"""What a piece of work asks of the operating system: a child's system calls, in order, and its end at any of them.

Linux only, by ptrace(2); no tool has to be installed.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import signal
import sys
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest

_TRACE_ME, _SYSCALL, _SET_OPTIONS, _SYSCALL_INFO = 0, 24, 0x4200, 0x420E
# Stops for system calls are marked; whoever traces takes the child along when it ends.
_OPTIONS: Final = 0x1 | 0x100000
_ENTERS: Final = 1
_NAMES: Final = {
    "x86_64": {1: "write", 18: "pwrite64", 20: "writev", 44: "sendto", 46: "sendmsg", 74: "fsync",
               75: "fdatasync", 77: "ftruncate", 296: "pwritev"},
    "aarch64": {64: "write", 68: "pwrite64", 66: "writev", 206: "sendto", 211: "sendmsg", 82: "fsync",
                83: "fdatasync", 46: "ftruncate", 70: "pwritev"},
}  # fmt: skip
WRITES: Final = ("write", "pwrite64", "writev", "pwritev", "ftruncate")
SYNCS: Final = ("fsync", "fdatasync")


class Call(NamedTuple):
    """One system call and the file it was about."""

    name: str
    path: str


class _Info(ctypes.Structure):
    _fields_ = (
        ("op", ctypes.c_uint8),
        ("pad", ctypes.c_uint8 * 3),
        ("arch", ctypes.c_uint32),
        ("ip", ctypes.c_uint64),
        ("sp", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("args", ctypes.c_uint64 * 6),
    )


def traced(work: Callable[[], object], *, kill_at: int | Callable[[Call], bool] | None = None) -> list[Call]:
    """Do work in a forked child and return its calls that write, sync or send.

    Parameters
    ----------
    work : callable
        Must not use what the parent has open: a database is opened anew.
    kill_at : int or callable, optional
        The child is killed when it is about to make the call of this number, from 0, or the first call of which this
        is true.
    """
    names = _NAMES.get(platform.machine())
    if sys.platform != "linux" or names is None:
        pytest.skip("system calls are recorded on Linux on x86-64 and ARM64 only")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
    libc.ptrace.restype = ctypes.c_long
    pid = os.fork()
    if pid == 0:
        _be_traced(libc, work)
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status) or libc.ptrace(_SET_OPTIONS, pid, None, _OPTIONS):
        pytest.skip("this machine lets nobody trace a child of their own")
    return _follow(libc, pid, names, kill_at)


def _be_traced(libc: ctypes.CDLL, work: Callable[[], object]) -> None:
    if libc.ptrace(_TRACE_ME, 0, None, None):
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
    # What the parent has forgotten and nobody has collected yet, an open database, must not be closed by the child.
    gc.freeze()
    try:
        work()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _follow(
    libc: ctypes.CDLL, pid: int, names: dict[int, str], kill_at: int | Callable[[Call], bool] | None
) -> list[Call]:
    found: list[Call] = []
    deliver = 0
    while True:
        libc.ptrace(_SYSCALL, pid, None, deliver)
        _, status = os.waitpid(pid, 0)
        deliver = 0
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the child failed; see its words above"
            return found
        assert os.WIFSTOPPED(status), f"the child ended by itself: {status}"
        if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
            deliver = os.WSTOPSIG(status)
            continue
        info = _Info()
        libc.ptrace(_SYSCALL_INFO, pid, ctypes.sizeof(info), ctypes.addressof(info))
        if info.op != _ENTERS or info.number not in names:
            continue
        call = Call(names[info.number], _path(pid, info.args[0]))
        if kill_at(call) if callable(kill_at) else len(found) == kill_at:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return found
        found.append(call)


def _path(pid: int, fd: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/fd/{fd}")
    except OSError:
        return ""
