"""What a library of others may reach while it works for a person: the public internet, and hosts that were named.

The check stands where the machine connects, so that neither a redirect nor a name that leads elsewhere the second
time gets past it. It holds for the thread that asked for it and for no other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from vigie.adapters.net.guard import refusal

_CONNECTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_STARTS: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"}
)
_WATCHED: Final = _CONNECTS | _STARTS


@dataclass(slots=True)
class Confinement:
    """What holds for a thread.

    Attributes
    ----------
    allowed : frozenset of str
        Addresses that may be reached although they are not public.
    refused : str
        Why something was refused; empty where nothing was.
    """

    allowed: frozenset[str] = frozenset()
    refused: str = ""


class _Holder(threading.local):
    now: Confinement | None = None


_HOLDER: Final = _Holder()


def confinement() -> Confinement | None:
    """Return what holds for this thread, None where nothing does."""
    return _HOLDER.now


@contextmanager
def confined(allowed: frozenset[str] = frozenset()) -> Iterator[Confinement]:
    """Let this thread reach public addresses and those allowed only, and start no program."""
    _watch()
    former, _HOLDER.now = _HOLDER.now, Confinement(allowed)
    try:
        yield _HOLDER.now
    finally:
        _HOLDER.now = former


@cache
def _watch() -> None:
    sys.addaudithook(_on_event)


def _on_event(event: str, args: tuple[Any, ...]) -> None:
    # Asked at every event of the interpreter: the short way out first.
    if event not in _WATCHED:
        return
    active = _HOLDER.now
    if active is None:
        return
    reason = "no program is started" if event in _STARTS else _unreachable(args[1], active.allowed)
    if reason:
        active.refused = reason
        raise PermissionError(reason)


def _unreachable(target: Any, allowed: frozenset[str]) -> str:
    """Say why a socket's target may not be reached; empty where it may."""
    if not isinstance(target, tuple) or not target:
        return "a socket of this machine is not reached"
    host = str(target[0])
    if host in allowed:
        return ""
    try:
        return refusal(host) or ""
    except ValueError:
        # It would be resolved after this look at it.
        return "a name that was not resolved is not reached"
