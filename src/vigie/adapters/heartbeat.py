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

BEATS_FOLDER: Final = Path("logs") / "beats"
EVERY_MS: Final = 5_000
CHECK_EVERY_S: Final = 1.0
# A home has a handful of parts; what others put there is not told on.
MAX_PARTS: Final = 64
_TIMEOUT_S: Final = 1.0
_MAX_FILE_BYTES: Final = 4_096


class ProcessHeartbeat:
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
        variables = os.environ if environ is None else environ
        self._clock = clock
        self._path = home / BEATS_FOLDER / part
        self._address = variables.get("NOTIFY_SOCKET", "")
        self._is_watched = "WATCHDOG_USEC" in variables and variables.get("WATCHDOG_PID") in (
            None,
            str(os.getpid()),
        )
        # systemd wants to hear twice as often as it waits.
        max_interval_ms = (
            int(variables.get("WATCHDOG_USEC", "0") or 0) // 3_000 if self._is_watched else EVERY_MS
        )
        self._every_ms = min(EVERY_MS, max(max_interval_ms, 1))
        self._last_beat_ms: int | None = None
        self._read_status: Callable[[], Mapping[str, int]] = dict

    def attach_status(self, read_status: Callable[[], Mapping[str, int]]) -> None:
        """Write into each sign of life what this gives then."""
        self._read_status = read_status

    def report_ready(self) -> None:
        """Say that it works from now on."""
        self._notify_systemd("READY=1")
        self.beat()

    def beat(self) -> None:
        """Say that it lives; called as often as one likes, from the loop that does the work."""
        now = self._clock.wall_now()
        if self._last_beat_ms is not None and 0 <= now - self._last_beat_ms < self._every_ms:
            return
        self._last_beat_ms = now
        # Whole or not at all: others read it meanwhile.
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(dict(self._read_status())), encoding="ascii")
            temporary.replace(self._path)
        except OSError:
            # On a full disk a file still takes a new time: the part lives.
            with suppress(OSError):
                self._path.touch()
            with suppress(OSError):
                temporary.unlink()
        if self._is_watched:
            self._notify_systemd("WATCHDOG=1")

    def report_stopping(self) -> None:
        """Say that it ends because it was told to."""
        self._notify_systemd("STOPPING=1")
        with suppress(OSError):
            self._path.unlink()

    @asynccontextmanager
    async def keep_beating(self) -> AsyncIterator[None]:
        """Beat from the loop that runs this, for as long as the loop runs; ready now, stopping at a good end."""
        import asyncio

        async def forever() -> None:
            while True:
                self.beat()
                await self._clock.pause(CHECK_EVERY_S)

        self.report_ready()
        task = asyncio.ensure_future(forever())
        try:
            yield
        finally:
            task.cancel()
        self.report_stopping()

    def _notify_systemd(self, message: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # An at sign stands for the zero byte of an address that is no file.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # A supervisor that is gone is no reason to stop working.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.connect(address)
            connection.sendall(message.encode())


def read_beats(home: Path, now: int) -> Iterator[LastHeartbeat]:
    """Yield the last sign of life of each part of a home, by name."""
    with suppress(OSError):
        paths = sorted(path for path in (home / BEATS_FOLDER).iterdir() if not path.name.startswith("."))
        for path in paths[:MAX_PARTS]:
            # It may be gone by now, or another's file.
            with suppress(OSError, ValueError):
                age_ms = max(0, now - path.stat().st_mtime_ns // 1_000_000)
                with path.open(encoding="ascii") as file:
                    values = json.loads(file.read(_MAX_FILE_BYTES) or "{}")
                pairs = values.items() if isinstance(values, dict) else ()
                standing = {str(name): int(value) for name, value in pairs}
                yield LastHeartbeat(path.name, age_ms / 1_000, standing)
