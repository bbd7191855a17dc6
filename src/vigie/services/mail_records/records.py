"""What a check of DNS records found, and records as they are added to a zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

CheckStatus = Literal["ok", "warning", "fail"]
# DNS holds a text in strings of so many bytes.
_MAX_STRING_BYTES: Final = 255


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """One thing that was looked at; the cure is empty where it is well."""

    name: str
    status: CheckStatus
    detail: str
    cure: str = ""


def zone_line(name: str, text: str) -> str:
    """Return a TXT record as a zone file has it."""
    pieces = [text[start : start + _MAX_STRING_BYTES] for start in range(0, len(text), _MAX_STRING_BYTES)]
    strings = ['"{}"'.format(piece.replace("\\", "\\\\").replace('"', '\\"')) for piece in pieces]
    return f"{name}. IN TXT {' '.join(strings)}"


def parse_tags(text: str) -> dict[str, str]:
    """Return the tags of a record such as ``v=DMARC1; p=none``; the first of a name counts."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            tags.setdefault(name.strip().lower(), re.sub(r"\s+", "", value))
    return tags


def make_printable(text: str) -> str:
    """Return what a stranger wrote into DNS without signs that a terminal would act on."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def shorten_printable(text: str) -> str:
    """Return what a stranger wrote into DNS as one short printable line."""
    line = make_printable(text)
    return line if len(line) <= 160 else f"{line[:159]}…"
