"""Who holds the right to trade an account, told so that the next process on this machine can prove that one dead.

The holder keeps a file of the home locked and names itself in it: the lease, this boot of the machine, its process
namespace, its number there and when it started. It is dead where all of that fits, nobody has its number any more or
somebody who started later, and its lock is free. Anything else is doubt: another machine, another container, another
boot, a system without `/proc`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from vigie.adapters.stores.files import own_folder
from vigie.domain.order import Lease
from vigie.locks import take

PROC: Final = Path("/proc")
_BOOT: Final = Path("sys") / "kernel" / "random" / "boot_id"
# In `/proc/PID/stat`, counted from what follows the name: state first, the start of the process 20th.
_STARTED: Final = 19
_DEAD: Final = "ZX"


@dataclass(frozen=True, slots=True)
class _Identity:
    """What no other process of this machine has together.

    Attributes
    ----------
    namespace : str
        Of process numbers: another container counts its own.
    started : int
        When it started, in ticks since the boot.
    """

    boot: str
    namespace: str
    pid: int
    started: int


@dataclass(frozen=True, slots=True)
class LeaseMark:
    """The mark of one account's holder in a home.

    Attributes
    ----------
    part : str
        Name of the part that trades the account.
    proc : Path
        Where the system tells of its processes.
    """

    home: Path
    part: str
    proc: Path = PROC

    @property
    def path(self) -> Path:
        """Where it is: below the home, where backups do not look."""
        return self.home / "logs" / f"{self.part}.lease"

    @contextmanager
    def held(self, lease: Lease) -> Iterator[None]:
        """Be the holder until the block ends; where that cannot be told, the next process waits."""
        try:
            own_folder(self.path.parent)
            file = self.path.open("a+b")
        except OSError:
            yield
            return
        with file:
            me = _own(self.proc)
            if me is not None and take(file):
                told = {"holder": lease.holder, "token": lease.token, **asdict(me)}
                with suppress(OSError):  # a full disk
                    file.truncate(0)
                    file.write(json.dumps(told).encode())
                    file.flush()
                    os.fsync(file.fileno())
            yield

    def is_dead(self, lease: Lease) -> bool:
        """Tell whether the holder of a lease is proven dead."""
        try:
            file = self.path.open("rb")
        except OSError:
            return False
        with file:
            try:
                told = json.loads(file.read())
                known = _Identity(told["boot"], told["namespace"], int(told["pid"]), int(told["started"]))
                is_of_lease = (told["holder"], told["token"]) == (lease.holder, lease.token)
            except (OSError, ValueError, KeyError, TypeError):
                return False
            return is_of_lease and _is_gone(known, self.proc) and take(file)


def _own(proc: Path) -> _Identity | None:
    """Return what this process is known by; None where the system does not tell."""
    try:
        boot, namespace = _place(proc)
        state = _stat(proc, os.getpid())
    except (OSError, ValueError, IndexError):
        return None
    return _Identity(boot, namespace, os.getpid(), int(state[_STARTED]))


def _is_gone(known: _Identity, proc: Path) -> bool:
    try:
        here = _place(proc)
    except (OSError, ValueError):
        return False
    if here != (known.boot, known.namespace):
        return False
    try:
        state = _stat(proc, known.pid)
    except (FileNotFoundError, ProcessLookupError):
        # Only a listing that shows this very process tells that another one is not there.
        return (proc / str(os.getpid())).exists()
    except (OSError, IndexError):
        return False
    return state[0] in _DEAD or int(state[_STARTED]) > known.started


def _place(proc: Path) -> tuple[str, str]:
    return (proc / _BOOT).read_text(encoding="ascii").strip(), os.readlink(proc / "self" / "ns" / "pid")


def _stat(proc: Path, pid: int) -> list[Any]:
    # The name in the middle may hold anything, also brackets.
    return (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
