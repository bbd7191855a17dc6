"""What of a letter is asked for: its number, size, date, head, text, all or a piece of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from vigie_sandbox.world.imap.folders import FolderMessage
from vigie_sandbox.world.imap.tokens import BadCommandError, Token

_BODY: Final = re.compile(
    r"BODY(?:\.PEEK)?\[(?P<what>HEADER|TEXT|)\](?:<(?P<at>\d+)\.(?P<size>\d+)>)?", re.IGNORECASE
)
_RFC822_SECTIONS: Final = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}
_RANGE: Final = re.compile(r"(\d{1,10}|\*)(?::(\d{1,10}|\*))?")


def format_fetch(message: FolderMessage, items: Sequence[Token]) -> bytes:
    """Return what is answered for a letter: names and values, as they stand between the brackets of FETCH.

    Raises
    ------
    BadCommandError
        If something is asked for that is not told here.
    """
    return b" ".join(_format_item(message, str(item).upper()) for item in items)


def select_numbers(ranges: str, numbers: Sequence[int]) -> set[int]:
    """Return the numbers that a set of IMAP names, ``1:3,7,9:*``; the star is the last one there is.

    Raises
    ------
    BadCommandError
        If it is no set.
    """
    last = max(numbers, default=0)
    selected: set[int] = set()
    for part in ranges.split(","):
        span = _RANGE.fullmatch(part)
        if span is None:
            raise BadCommandError("a set of numbers looks like 1:3,7,9:*")
        ends = [last if end == "*" else int(end) for end in span.groups() if end is not None]
        selected |= {number for number in numbers if min(ends) <= number <= max(ends)}
    return selected


def _format_item(message: FolderMessage, name: str) -> bytes:
    if name == "UID":
        return b"UID %d" % message.uid
    if name == "FLAGS":
        return b"FLAGS ()"
    if name == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(message.raw())
    if name == "INTERNALDATE":
        received = datetime.fromtimestamp(message.ts / 1_000, UTC)
        return f'INTERNALDATE "{received:%d-%b-%Y %H:%M:%S +0000}"'.encode()
    if name in _RFC822_SECTIONS:
        return _format_literal(name, _message_section(message.raw(), _RFC822_SECTIONS[name]))
    match = _BODY.fullmatch(name)
    if match is None:
        raise BadCommandError(f"{name} is not told here")
    body = _message_section(message.raw(), match["what"])
    if match["at"] is None:
        return _format_literal(f"BODY[{match['what']}]", body)
    start = int(match["at"])
    return _format_literal(f"BODY[{match['what']}]<{start}>", body[start : start + int(match["size"])])


def _message_section(raw: bytes, section: str) -> bytes:
    head, separator, text = raw.partition(b"\r\n\r\n")
    return {"": raw, "HEADER": head + separator, "TEXT": text}[section]


def _format_literal(name: str, body: bytes) -> bytes:
    return b"%s {%d}\r\n%s" % (name.encode(), len(body), body)
