"""The log of a process: JSON, one line an event, in files of a bounded size, with secrets masked.

What Vigie says, what its libraries complain about, and what ended the process go the same way. A log that cannot be
written stops nothing.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final, TextIO, cast

import structlog

from vigie.domain.errors import VigieError, operator_text
from vigie.domain.time import iso
from vigie.ports.clock import Clock

# Of each part: this many files of this size, the oldest is let go.
SIZE: Final = 10 * 1024 * 1024
FILES: Final = 5
MASK: Final = "********"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
Say = Callable[[str], None]


@contextmanager
def logged(
    folder: Path, part: str, clock: Clock, hidden: Sequence[str] = (), *, size: int = SIZE
) -> Iterator[Say]:
    """Keep the log ``PART.jsonl`` in a folder until the block ends, and give what writes into it.

    Parameters
    ----------
    hidden : sequence of str
        Secrets, longest first: written as stars.
    size : int
        Bytes of one file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = _File(folder / f"{part}.jsonl", size)
    file.setFormatter(_formatter(part, clock, hidden))
    told = logging.StreamHandler(sys.stderr)
    told.setLevel(logging.WARNING)
    # What Vigie itself says is on the screen already.
    told.addFilter(lambda record: record.name != __name__)
    root, own = logging.getLogger(), logging.getLogger(__name__)
    own.setLevel(logging.INFO)
    root.addHandler(file)
    root.addHandler(told)
    try:
        yield own.info
    except VigieError as fault:
        own.error(operator_text(fault))
        raise
    except Exception:  # the edge of the process: written down, and raised again
        own.critical("a fault of the program ended it", exc_info=True)
        raise
    finally:
        root.removeHandler(told)
        root.removeHandler(file)
        file.close()


def _formatter(part: str, clock: Clock, hidden: Sequence[str]) -> logging.Formatter:
    def stamp(_logger: Any, _name: str, event: Any) -> Any:
        record: logging.LogRecord = event["_record"]
        source = {} if record.name == __name__ else {"source": record.name}
        level = record.levelname.lower()
        return {"ts": iso(clock.wall_now()), "level": level, "part": part, **source, **event}

    def masked(event: Any, **options: Any) -> str:
        text = json.dumps(event, ensure_ascii=False, **options)
        for secret in hidden:
            text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], MASK)
        return text

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            stamp,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=masked),
        ]
    )


@contextmanager
def unhindered_output() -> Iterator[None]:
    """Let what is printed until the block ends be lost on a full disk, rather than end who prints it."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _Unhindered(one)) for one in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = (_flushed(one) for one in before)


def _flushed(stream: TextIO) -> TextIO:
    """Return a stream, or none where it has no room: what is still in it must not be tried again at the end."""
    try:
        stream.flush()
    except OSError as fault:
        if fault.errno not in _FULL:
            raise
        return open(os.devnull, "w", encoding="utf-8")
    return stream


class _Unhindered:
    """A stream that a full disk does not stop; everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or lose it where there is no room."""
        with _unless_full():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is left, or lose it where there is no room."""
        with _unless_full():
            self._stream.flush()


@contextmanager
def _unless_full() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno not in _FULL:
            raise


class _File(RotatingFileHandler):
    """A file that only its owner reads, and that takes the place of the oldest when it is full."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(path, maxBytes=size, backupCount=FILES - 1, encoding="utf-8", errors="replace")

    def _open(self) -> Any:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        return open(self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private)

    def close(self) -> None:
        """Close it; what a full disk had no room for is lost, the process is not."""
        with suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the library's
        """Let a line go that cannot be written: there is nobody left to tell."""
