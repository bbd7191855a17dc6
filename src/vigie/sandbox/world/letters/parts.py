"""What of a letter is asked for: its number, size, date, head, text, all or a piece of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from vigie.sandbox.world.letters.folders import Held
from vigie.sandbox.world.letters.tokens import NotSpokenError, Word

_BODY: Final = re.compile(
    r"BODY(?:\.PEEK)?\[(?P<what>HEADER|TEXT|)\](?:<(?P<at>\d+)\.(?P<size>\d+)>)?", re.IGNORECASE
)
_OLD: Final = {"RFC822": "", "RFC822.HEADER": "HEADER", "RFC822.TEXT": "TEXT"}
_RANGE: Final = re.compile(r"(\d{1,10}|\*)(?::(\d{1,10}|\*))?")


def told(one: Held, wanted: Sequence[Word]) -> bytes:
    """Return what is answered for a letter: names and values, as they stand between the brackets of FETCH.

    Raises
    ------
    NotSpokenError
        If something is asked for that is not told here.
    """
    return b" ".join(_told(one, str(each).upper()) for each in wanted)


def chosen(ranges: str, among: Sequence[int]) -> set[int]:
    """Return the numbers that a set of IMAP names, ``1:3,7,9:*``; the star is the last one there is.

    Raises
    ------
    NotSpokenError
        If it is no set.
    """
    last = max(among, default=0)
    found: set[int] = set()
    for part in ranges.split(","):
        span = _RANGE.fullmatch(part)
        if span is None:
            raise NotSpokenError("a set of numbers looks like 1:3,7,9:*")
        ends = [last if end == "*" else int(end) for end in span.groups() if end is not None]
        found |= {number for number in among if min(ends) <= number <= max(ends)}
    return found


def _told(one: Held, name: str) -> bytes:
    if name == "UID":
        return b"UID %d" % one.uid
    if name == "FLAGS":
        return b"FLAGS ()"
    if name == "RFC822.SIZE":
        return b"RFC822.SIZE %d" % len(one.raw())
    if name == "INTERNALDATE":
        came = datetime.fromtimestamp(one.ts / 1_000, UTC)
        return f'INTERNALDATE "{came:%d-%b-%Y %H:%M:%S +0000}"'.encode()
    if name in _OLD:
        return _literal(name, _piece(one.raw(), _OLD[name]))
    found = _BODY.fullmatch(name)
    if found is None:
        raise NotSpokenError(f"{name} is not told here")
    body = _piece(one.raw(), found["what"])
    if found["at"] is None:
        return _literal(f"BODY[{found['what']}]", body)
    begin = int(found["at"])
    return _literal(f"BODY[{found['what']}]<{begin}>", body[begin : begin + int(found["size"])])


def _piece(raw: bytes, what: str) -> bytes:
    head, blank, text = raw.partition(b"\r\n\r\n")
    return {"": raw, "HEADER": head + blank, "TEXT": text}[what]


def _literal(name: str, body: bytes) -> bytes:
    return b"%s {%d}\r\n%s" % (name.encode(), len(body), body)
