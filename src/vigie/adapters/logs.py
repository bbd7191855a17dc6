"""The log of a process: JSON, one line an event, in files of a bounded size, with secrets masked.

What Vigie says, what its libraries complain about, and what ended the process go the same way. A log that cannot be
written stops nothing.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
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
MAX_FILE_BYTES: Final = 10 * 1024 * 1024
MAX_FILES: Final = 5
MASK: Final = "********"
# Links that somebody shared: whoever has one needs no more to read.
_SHARED: Final = re.compile(r"(/shared/|/shared\?word=)[^\s/?&#\"']+")
_DISK_FULL_ERRNOS: Final = (errno.ENOSPC, errno.EDQUOT)
WriteLog = Callable[[str], None]


@contextmanager
def open_log(
    folder: Path, part: str, clock: Clock, secrets: Sequence[str] = (), *, size: int = MAX_FILE_BYTES
) -> Iterator[WriteLog]:
    """Keep the log ``PART.jsonl`` in a folder until the block ends, and give what writes into it.

    Parameters
    ----------
    secrets : sequence of str
        Secrets, longest first: written as stars.
    size : int
        Bytes of one file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = _PrivateLogFile(folder / f"{part}.jsonl", size)
    file.setFormatter(_make_formatter(part, clock, secrets))
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    # What Vigie itself says is on the screen already.
    console.addFilter(lambda record: record.name != __name__)
    for handler in (file, console):
        handler.addFilter(_names_no_address)
        handler.addFilter(_shorten_shared)
    root, own_logger = logging.getLogger(), logging.getLogger(__name__)
    own_logger.setLevel(logging.INFO)
    root.addHandler(file)
    root.addHandler(console)
    try:
        yield own_logger.info
    except VigieError as fault:
        own_logger.error(operator_text(fault))
        raise
    except Exception:  # the edge of the process: written down, and raised again
        own_logger.critical("a fault of the program ended it", exc_info=True)
        raise
    finally:
        root.removeHandler(console)
        root.removeHandler(file)
        file.close()


def _names_no_address(record: logging.LogRecord) -> bool:
    """Tell whether a record may be kept: httpx logs whole paths, and some hosts want addresses there."""
    return not (record.name.startswith("httpx") and "/address/" in record.getMessage())


def _shorten_shared(record: logging.LogRecord) -> bool:
    """Leave the word out of addresses of what is shared, whoever logs them; keeps every record."""
    message = record.getMessage()
    if "/shared/" in message or "/shared?" in message:
        record.msg, record.args = _SHARED.sub(r"\1...", message), None
    return True


def _make_formatter(part: str, clock: Clock, secrets: Sequence[str]) -> logging.Formatter:
    def add_metadata(_logger: Any, _name: str, event: Any) -> Any:
        record: logging.LogRecord = event["_record"]
        source = {} if record.name == __name__ else {"source": record.name}
        level = record.levelname.lower()
        return {"ts": iso(clock.wall_now()), "level": level, "part": part, **source, **event}

    def serialize_masked(event: Any, **options: Any) -> str:
        text = json.dumps(event, ensure_ascii=False, **options)
        for secret in secrets:
            text = text.replace(json.dumps(secret, ensure_ascii=False)[1:-1], MASK)
        return text

    return structlog.stdlib.ProcessorFormatter(
        processors=[
            add_metadata,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=serialize_masked),
        ]
    )


@contextmanager
def tolerate_full_disk() -> Iterator[None]:
    """Let what is printed until the block ends be lost on a full disk, rather than end who prints it."""
    originals = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _TolerantStream(stream)) for stream in originals)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = (_flush_or_discard(stream) for stream in originals)


def _flush_or_discard(stream: TextIO) -> TextIO:
    """Return a stream, or none where it has no room: what is still in it must not be tried again at the end."""
    try:
        stream.flush()
    except OSError as fault:
        if fault.errno not in _DISK_FULL_ERRNOS:
            raise
        return open(os.devnull, "w", encoding="utf-8")
    return stream


class _TolerantStream:
    """A stream that a full disk does not stop; everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text, or lose it where there is no room."""
        with _ignore_full_disk():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is left, or lose it where there is no room."""
        with _ignore_full_disk():
            self._stream.flush()


@contextmanager
def _ignore_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        if fault.errno not in _DISK_FULL_ERRNOS:
            raise


class _PrivateLogFile(RotatingFileHandler):
    """A file that only its owner reads, and that takes the place of the oldest when it is full."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__(path, maxBytes=size, backupCount=MAX_FILES - 1, encoding="utf-8", errors="replace")

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
