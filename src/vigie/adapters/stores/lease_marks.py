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

from vigie.adapters.stores.files import make_private_folder
from vigie.domain.order import Lease
from vigie.locks import try_acquire

PROC: Final = Path("/proc")
_BOOT: Final = Path("sys") / "kernel" / "random" / "boot_id"
# In `/proc/PID/stat`, counted from what follows the name: state first, the start of the process 20th.
_START_FIELD: Final = 19
_DEAD_STATES: Final = "ZX"


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
    def hold(self, lease: Lease) -> Iterator[None]:
        """Be the holder until the block ends; where that cannot be told, the next process waits."""
        try:
            make_private_folder(self.path.parent)
            file = self.path.open("a+b")
        except OSError:
            yield
            return
        with file:
            identity = _read_identity(self.proc)
            if identity is not None and try_acquire(file):
                content = {"holder": lease.holder, "token": lease.token, **asdict(identity)}
                with suppress(OSError):  # a full disk
                    file.truncate(0)
                    file.write(json.dumps(content).encode())
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
                content = json.loads(file.read())
                identity = _Identity(
                    content["boot"], content["namespace"], int(content["pid"]), int(content["started"])
                )
                is_of_lease = (content["holder"], content["token"]) == (lease.holder, lease.token)
            except (OSError, ValueError, KeyError, TypeError):
                return False
            return is_of_lease and _is_gone(identity, self.proc) and try_acquire(file)


def _read_identity(proc: Path) -> _Identity | None:
    """Return what this process is known by; None where the system does not tell."""
    try:
        boot, namespace = _read_machine(proc)
        stat = _read_stat(proc, os.getpid())
    except (OSError, ValueError, IndexError):
        return None
    return _Identity(boot, namespace, os.getpid(), int(stat[_START_FIELD]))


def _is_gone(identity: _Identity, proc: Path) -> bool:
    try:
        machine = _read_machine(proc)
    except (OSError, ValueError):
        return False
    if machine != (identity.boot, identity.namespace):
        return False
    try:
        stat = _read_stat(proc, identity.pid)
    except (FileNotFoundError, ProcessLookupError):
        # Only a listing that shows this very process tells that another one is not there.
        return (proc / str(os.getpid())).exists()
    except (OSError, IndexError):
        return False
    return stat[0] in _DEAD_STATES or int(stat[_START_FIELD]) > identity.started


def _read_machine(proc: Path) -> tuple[str, str]:
    return (proc / _BOOT).read_text(encoding="ascii").strip(), os.readlink(proc / "self" / "ns" / "pid")


def _read_stat(proc: Path, pid: int) -> list[Any]:
    # The name in the middle may hold anything, also brackets.
    return (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
