"""The parts of a running Vigie as processes of one tree: started, watched, started again, stopped together.

A part that crashes is started again after a pause that grows; the others go on. When the parent is gone, every
part ends by itself.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Protocol

from vigie.ports.clock import Clock

PARENT: Final = "VIGIE_PARENT"
PAUSES_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A part that has run this long is healthy again: its next crash begins with the shortest pause.
HEALTHY_MS: Final = 60_000
# A part that ends with this code asks for a fresh process at once: it is no crash.
RENEWED: Final = 77
RENEWED_MS: Final = 10_000
GRACE_S: Final = 8.0
LOOK_S: Final = 0.2
# While a tree comes up somebody waits for its link.
SOON_S: Final = 0.05
# What a part prints is kept in two files of this size.
LOG_BYTES: Final = 5 * 1024 * 1024
# Many threads of small work: without these, each keeps what it once used (glibc's arenas, polars' allocator), and room
# that arrays have left to grow into is taken beforehand (numpy's huge pages). One arena of each: with
# a second one of glibc's the process that serves pages had 10 MB more, with eight of polars' each process 7 to 9 MB.
MEMORY_ENVIRON: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:500,muzzy_decay_ms:0",
    "NUMPY_MADVISE_HUGEPAGE": "0",
}
# A first start fetches years in small objects. Python's own allocator keeps two thirds of their room for ever, since
# some that stay lie among them; the system's gives it back (`vigie.adapters.memory_trim`). A copy keeps what its first
# process began with.
MALLOC_ENVIRON: Final = {"PYTHONMALLOC": "malloc"}


class PartPopen(Protocol):
    """A part while it runs, as `subprocess.Popen` has it."""

    pid: int
    returncode: int | None
    stdin: IO[bytes] | None

    def poll(self) -> int | None:
        """Return the code it ended with, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; one that takes longer is a `TimeoutError` or a `subprocess.TimeoutExpired`."""

    def send_signal(self, number: int, /) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it at once."""


@dataclass(slots=True, eq=False)
class ProcessPart:
    """One process.

    Attributes
    ----------
    name : str
        ``serve``, ``collect``, ``work``, ``sandbox``.
    arguments : tuple of str
        The command, without the program.
    is_held : bool
        Whether it loads what it needs and then waits, its standard input open, until it is let go.
    is_over : bool
        Whether it is not wanted any more: told to end once, and then forgotten.
    renewals : int
        How often it is expected to ask for a fresh process.
    """

    name: str
    arguments: tuple[str, ...]
    process: PartPopen | None = None
    ts_started: int = 0
    ts_due: int = 0
    crashes: int = 0
    starts: int = 0
    environ: Mapping[str, str] = field(default_factory=dict)
    is_held: bool = False
    is_over: bool = False
    renewals: int = 0
    is_stopping: bool = False

    def release(self) -> None:
        """Let it go on, now and whenever it is started again."""
        self.is_held = False
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


# Begins the process of a part: with these variables, what it says going into this open file.
StartPart = Callable[[ProcessPart, Mapping[str, str], int], PartPopen]


def start_part_process(part: ProcessPart, environ: Mapping[str, str], log: int) -> PartPopen:
    """Begin the process of a part as any program's."""
    return subprocess.Popen(
        [sys.executable, "-m", "vigie", *part.arguments],
        env=dict(environ),
        stdin=subprocess.PIPE if part.is_held else subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        # Ctrl-C reaches the parent only, which stops the parts in order.
        start_new_session=os.name == "posix",
    )


class ProcessTree:
    """Keeps parts running until it is told to stop."""

    def __init__(
        self,
        parts: Sequence[ProcessPart],
        *,
        logs: Path,
        clock: Clock,
        say: Callable[[str], None],
        environ: Mapping[str, str],
        begin: StartPart = start_part_process,
    ) -> None:
        self.parts = list(parts)
        self._begin = begin
        self._logs = logs
        self._clock = clock
        self._say = say
        self._environ = dict(environ)
        self._stopping = threading.Event()
        # Looked at five times a second: made anew each time, a path fills the interpreter's table of words.
        self._paths: dict[str, Path] = {}

    def stop(self) -> None:
        """Ask the tree to end; `run` returns when all parts have."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stopping.is_set()

    def start(self, part: ProcessPart) -> None:
        """Start a part; what it says goes to its own log."""
        self._logs.mkdir(parents=True, exist_ok=True)
        environ = {**MEMORY_ENVIRON, **self._environ, **part.environ, PARENT: str(os.getpid())}
        with self._log(part).open("ab") as log:
            part.process = self._begin(part, environ, log.fileno())
        part.ts_started = self._clock.wall_now()
        part.starts += 1
        part.is_stopping = False

    def run(self, *, on_look: Callable[[], bool] | None = None) -> None:
        """Keep the parts running until `stop`.

        Parameters
        ----------
        on_look : callable, optional
            Called on every look, a few times a second; tells whether the next one should be soon.
        """
        try:
            while not self._stopping.is_set():
                self.check_parts()
                is_awaited = on_look is not None and on_look()
                self._stopping.wait(SOON_S if is_awaited else LOOK_S)
        finally:
            self.stop_all()

    def check_parts(self) -> None:
        """Start what is not running and due, and keep logs from growing for ever."""
        now = self._clock.wall_now()
        for part in [item for item in self.parts if item.is_over]:
            self._stop_part(part)
        for part in self.parts:
            _rotate_log(self._log(part))
            if part.is_over:
                continue
            if part.process is not None and part.process.poll() is not None:
                code, part.process = part.process.returncode, None
                if now - part.ts_started > HEALTHY_MS:
                    part.crashes = 0
                # One that asks again at once would go on like that for ever.
                is_renewed = code == RENEWED and now - part.ts_started > RENEWED_MS
                if not is_renewed:
                    pause = _delay_restart(part, now)
                    log = self._log(part)
                    self._say(f"{part.name} ended with code {code}; restarting in {pause:g} s (see {log})")
            # A pause longer than any was begun by a clock that ran ahead.
            if part.process is None and not 0 < part.ts_due - now <= PAUSES_S[-1] * 1_000:
                try:
                    self.start(part)
                except OSError as fault:  # no memory for one more process, a full disk: the others go on
                    self._say(
                        f"{part.name} could not be started: {fault}; retrying in {_delay_restart(part, now):g} s"
                    )

    def is_settled(self, for_ms: int) -> bool:
        """Tell whether all parts run, each for so long, and are to go on."""
        now = self._clock.wall_now()
        return all(
            part.process is not None
            and part.process.poll() is None
            and not part.is_over
            and now - part.ts_started > for_ms
            for part in self.parts
        )

    def sync_parts(self, wanted_parts: Sequence[ProcessPart], prefix: str) -> None:
        """Of the parts whose names begin so, begin those that are wanted and end the others."""
        names = {part.name for part in wanted_parts}
        existing = {part.name: part for part in self.parts if part.name.startswith(prefix)}
        for name, part in existing.items():
            part.is_over = name not in names
        self.parts += [part for part in wanted_parts if part.name not in existing]

    def _stop_part(self, part: ProcessPart) -> None:
        """Tell a part to end, or forget it once it has."""
        if part.process is None or part.process.poll() is not None:
            self.parts.remove(part)
        elif not part.is_stopping:
            part.process.send_signal(signal.SIGTERM)
            part.is_stopping = True

    def _log(self, part: ProcessPart) -> Path:
        """Return where a part's own words go."""
        if part.name not in self._paths:
            self._paths[part.name] = self._logs / f"{part.name}.log"
        return self._paths[part.name]

    def stop_all(self) -> None:
        """Stop every part: politely, then not."""
        running = [part for part in self.parts if part.process is not None]
        for part in running:
            assert part.process is not None
            part.process.send_signal(signal.SIGTERM)
        for part in running:
            assert part.process is not None
            try:
                part.process.wait(GRACE_S)
            except (subprocess.TimeoutExpired, TimeoutError):
                part.process.kill()
                part.process.wait()
            part.process = None


def _delay_restart(part: ProcessPart, now: int) -> float:
    """Let a part wait before it is started again, longer each time, and return how many seconds."""
    pause = PAUSES_S[min(part.crashes, len(PAUSES_S) - 1)]
    part.crashes += 1
    part.ts_due = now + int(pause * 1_000)
    return pause


def _rotate_log(path: Path) -> None:
    """Move what a log holds into the file beside it once it is long; the part that writes it goes on in it."""
    with suppress(OSError):
        if path.stat().st_size > LOG_BYTES:
            shutil.copyfile(path, path.with_name(f"{path.name}.1"))
            os.truncate(path, 0)


def is_part(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether this process is a part of a tree that is there."""
    parent = (os.environ if environ is None else environ).get(PARENT, "")
    return os.name == "posix" and parent.isdigit() and os.getppid() == int(parent)


def end_with_parent(
    end: Callable[[], None], environ: Mapping[str, str] | None = None
) -> threading.Thread | None:
    """Call `end` when the process that started this one is gone; nothing where nobody did.

    Returns
    -------
    Thread or None
        The one that watches.
    """
    parent = (os.environ if environ is None else environ).get(PARENT, "")
    if not parent.isdigit() or os.name != "posix":
        return None
    if os.getppid() != int(parent):
        end()
        return None

    def watch() -> None:
        while os.getppid() == int(parent):
            threading.Event().wait(1.0)
        end()

    thread = threading.Thread(target=watch, name="vigie-parent", daemon=True)
    thread.start()
    return thread
