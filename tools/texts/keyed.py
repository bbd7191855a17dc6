"""Texts of TOML, CSV and TypeScript, by their key."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from dataclasses import dataclass
from typing import Final

_SECTION: Final = re.compile(r"^\[\[?([^\]]+)\]\]?\s*(?:#.*)?$")
_PAIR: Final = re.compile(r"^(\"(?:[^\"\\]|\\.)*\"|[\w.-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\")\s*(?:#.*)?$")
_TYPED: Final = re.compile(
    r"^\s*(\"[^\"]+\"|\w+):\s*\n?\s*(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'),?", re.MULTILINE
)
_LANGUAGE: Final = re.compile(r"^const (ENGLISH|FRENCH)\b.*?^\};?", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kept:
    """A key with its value, and where each is written.

    Parameters
    ----------
    key, value : str
        What they say.
    key_at, value_at : (int, int)
        Where they stand, in characters.
    """

    key: str
    value: str
    key_at: tuple[int, int]
    value_at: tuple[int, int]


def toml_texts(source: str) -> dict[tuple[str, str], Kept]:
    """Return the texts of a TOML file by section and key: what stands on one line of its own."""
    found, section, at = {}, "", 0
    for line in source.splitlines(keepends=True):
        named, pair = _SECTION.match(line.rstrip()), _PAIR.match(line.rstrip())
        if named:
            section = named[1].strip()
        elif pair:
            read = tomllib.loads(f"k = {pair[1]}") if pair[1].startswith('"') else {"k": pair[1]}
            value = tomllib.loads(f"v = {pair[2]}")["v"]
            spans = [(at + pair.start(place), at + pair.end(place)) for place in (1, 2)]
            found[section, read["k"]] = Kept(read["k"], value, spans[0], spans[1])
        at += len(line)
    return found


def toml_written(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def csv_replaced(source: str, column: str, old: str, new: str) -> str | None:
    """Return a CSV file with one cell changed, None where no cell of the column has the old text; comments stay."""
    lines = source.splitlines(keepends=True)
    head = next(line for line in lines if not line.startswith("#"))
    place = next(csv.reader([head])).index(column)
    found = False
    for number, line in enumerate(lines):
        if line.startswith("#") or line is head:
            continue
        cells = next(csv.reader([line]), [])
        if len(cells) > place and cells[place] == old:
            cells[place], found = new, True
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerow(cells)
            lines[number] = out.getvalue()
    return "".join(lines) if found else None


def csv_twin(source: str, column: str, old: str, other: str) -> str:
    """Return the cell of another column, of the row whose column has a text; empty where none has."""
    rows = csv.DictReader(line for line in source.splitlines() if not line.startswith("#"))
    return next((row[other] for row in rows if row[column] == old), "")


def typescript_texts(source: str) -> dict[tuple[str, str], Kept]:
    """Return the texts of a TypeScript file by language (ENGLISH, FRENCH) and key."""
    found = {}
    for block in _LANGUAGE.finditer(source):
        for pair in _TYPED.finditer(source, block.start(), block.end()):
            key = pair[1].strip('"')
            found[block[1], key] = Kept(key, _unquoted(pair[2]), pair.span(1), pair.span(2))
    return found


def typescript_written(text: str) -> str:
    """Return a text as TypeScript writes it."""
    return json.dumps(text, ensure_ascii=False)


def _unquoted(text: str) -> str:
    body = text[1:-1]
    if text[0] == "'":
        body = body.replace("\\'", "'").replace('"', '\\"')
    return str(json.loads(f'"{body}"'))
