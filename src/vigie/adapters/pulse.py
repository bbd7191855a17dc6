"""Signs of life of a process that runs for weeks: told to systemd where it asks, and left as a file for others.

A part that works writes ``logs/beats/NAME`` every few seconds, with the few numbers that only it knows. One that is
stopped takes its file away; the file of one that hangs or was killed grows old, which its watchers see.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from vigie.ports.clock import PatientClock
from vigie.ports.health import LastHeartbeat

BEATS: Final = Path("logs") / "beats"
EVERY_MS: Final = 5_000
LOOK_S: Final = 1.0
# A home has a handful of parts; what others put there is not told on.
MOST: Final = 64
_TIMEOUT_S: Final = 1.0
_LONGEST: Final = 4_096


class Pulse:
    """The signs of life of one process; none of them ever fails, and none takes long.

    Parameters
    ----------
    home : Path
        Below which the file lies.
    part : str
        ``serve``, ``collect``, ``work``; see `vigie.ports.health.part_name` for accounts.
    environ : mapping, optional
        Where systemd says what it wants; the process's own by default.
    """

    def __init__(
        self, home: Path, part: str, clock: PatientClock, environ: Mapping[str, str] | None = None
    ) -> None:
        given = os.environ if environ is None else environ
        self._clock = clock
        self._path = home / BEATS / part
        self._address = given.get("NOTIFY_SOCKET", "")
        self._is_watched = "WATCHDOG_USEC" in given and given.get("WATCHDOG_PID") in (None, str(os.getpid()))
        # systemd wants to hear twice as often as it waits.
        longest = int(given.get("WATCHDOG_USEC", "0") or 0) // 3_000 if self._is_watched else EVERY_MS
        self._every_ms = min(EVERY_MS, max(longest, 1))
        self._last: int | None = None
        self._standing: Callable[[], Mapping[str, int]] = dict

    def show(self, standing: Callable[[], Mapping[str, int]]) -> None:
        """Write into each sign of life what this gives then."""
        self._standing = standing

    def report_ready(self) -> None:
        """Say that it works from now on."""
        self._tell("READY=1")
        self.beat()

    def beat(self) -> None:
        """Say that it lives; called as often as one likes, from the loop that does the work."""
        now = self._clock.wall_now()
        if self._last is not None and 0 <= now - self._last < self._every_ms:
            return
        self._last = now
        # Whole or not at all: others read it meanwhile.
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(dict(self._standing())), encoding="ascii")
            fresh.replace(self._path)
        except OSError:
            # On a full disk a file still takes a new time: the part lives.
            with suppress(OSError):
                self._path.touch()
            with suppress(OSError):
                fresh.unlink()
        if self._is_watched:
            self._tell("WATCHDOG=1")

    def report_stopping(self) -> None:
        """Say that it ends because it was told to."""
        self._tell("STOPPING=1")
        with suppress(OSError):
            self._path.unlink()

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Beat from the loop that runs this, for as long as the loop runs; ready now, stopping at a good end."""
        import asyncio

        async def forever() -> None:
            while True:
                self.beat()
                await self._clock.pause(LOOK_S)

        self.report_ready()
        task = asyncio.ensure_future(forever())
        try:
            yield
        finally:
            task.cancel()
        self.report_stopping()

    def _tell(self, words: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # An at sign stands for the zero byte of an address that is no file.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # A supervisor that is gone is no reason to stop working.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(_TIMEOUT_S)
            line.connect(address)
            line.sendall(words.encode())


def beats(home: Path, now: int) -> Iterator[LastHeartbeat]:
    """Yield the last sign of life of each part of a home, by name."""
    with suppress(OSError):
        paths = sorted(path for path in (home / BEATS).iterdir() if not path.name.startswith("."))
        for path in paths[:MOST]:
            # It may be gone by now, or another's file.
            with suppress(OSError, ValueError):
                age_ms = max(0, now - path.stat().st_mtime_ns // 1_000_000)
                with path.open(encoding="ascii") as file:
                    told = json.loads(file.read(_LONGEST) or "{}")
                pairs = told.items() if isinstance(told, dict) else ()
                standing = {str(name): int(value) for name, value in pairs}
                yield LastHeartbeat(path.name, age_ms / 1_000, standing)
