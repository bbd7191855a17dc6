"""Watchlists as CSV: rows to write, and what a file would change. Takes lists and texts; stores nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.data.catalog import Catalog
from vigie.domain.asset import Asset
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import NotFound, UsageError
from vigie.ports.accounts import Watchlist

DEFAULT_NAME: Final = "Imported"
NAME_LENGTH: Final = 60
MAX_LINES: Final = 5_000
# What the export puts before cells that a spreadsheet would run; taken off again when they come back.
_ENTITY: Final = re.compile(ENTITY_PATTERN)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_GUARD: Final = "'"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@dataclass(frozen=True, slots=True)
class Change:
    """What one list becomes; `before` is None for a new one."""

    name: str
    before: Watchlist | None
    assets: tuple[str, ...]
    entities: tuple[str, ...] = ()


def rows_of(
    lists: Sequence[Watchlist], known: Mapping[str, Asset], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return one row an asset, then one an entity, which `names` calls; list by list."""
    return [row for one in lists for row in (*_assets(one, known), *_entities(one, names))]


def _entities(one: Watchlist, names: Mapping[str, str]) -> list[dict[str, Any]]:
    begin = len(one.assets) + 1
    return [
        {
            "list": one.name, "position": place, "asset": entity, "symbol": "",
            "name": names.get(entity, entity),
        }
        for place, entity in enumerate(one.entities, start=begin)
    ]  # fmt: skip


def _assets(one: Watchlist, known: Mapping[str, Asset]) -> list[dict[str, Any]]:
    return [
        {
            "list": one.name,
            "position": place,
            "asset": asset,
            "symbol": known[asset].symbol if asset in known else "",
            "name": known[asset].name if asset in known else "",
        }
        for place, asset in enumerate(one.assets, start=1)
    ]


def planned(
    text: str,
    lists: Mapping[str, Watchlist],
    catalog: Catalog,
    *,
    limit: int,
    is_entity: Callable[[str], bool],
) -> tuple[list[Change], list[str]]:
    """Return what a file changes, and its lines that could not be read.

    A list that the file names becomes exactly what the file says; lists that it does not name stay. What a list
    follows stays where the file names no entity in it, since files of assets alone know nothing of entities; so do
    its assets where the file names entities only.

    Parameters
    ----------
    is_entity : callable
        Tells of an id whether an entity has it.

    Raises
    ------
    UsageError
        If the file is too long, or names too many assets in one list.
    """
    wanted: dict[str, dict[str, None]] = {}
    followed: dict[str, dict[str, None]] = {}
    unread: list[str] = []
    for number, name, asset in _lines(text):
        if _ENTITY.fullmatch(asset):
            if is_entity(asset):
                wanted.setdefault(name, {})
                followed.setdefault(name, {})[asset] = None
            else:
                unread.append(f"line {number}: there is no entity {asset[:90]!r}")
            continue
        try:
            wanted.setdefault(name, {})[catalog.find(asset).id] = None
        except NotFound:
            unread.append(f"line {number}: there is no asset {asset[:80]!r}")
    changes = []
    for name, assets in wanted.items():
        if len(assets) > limit:
            raise UsageError(f"a watchlist holds at most {limit} assets, {name!r} would hold {len(assets)}")
        before = lists.get(name)
        held = tuple(followed[name]) if name in followed else before.entities if before else ()
        kept = tuple(assets) or (before.assets if before else ())
        if len(held) > limit:
            raise UsageError(f"a watchlist holds at most {limit} entities")
        if before is None or (before.assets, before.entities) != (kept, held):
            changes.append(Change(name, before, kept, held))
    return changes, unread[:100]


def _delimiter(text: str) -> str:
    """Return what stands between cells: spreadsheets write semicolons where the comma is the decimal mark."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return ";" if first.count(";") > first.count(",") else ","


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    head: dict[str, int] | None = None
    try:
        plain = text.lstrip("\ufeff")
        rows = list(csv.reader(io.StringIO(plain, newline=""), delimiter=_delimiter(plain)))
    except csv.Error as fault:
        raise UsageError(f"this is no CSV: {fault}") from None
    if len(rows) > MAX_LINES:
        raise UsageError(f"a file may have at most {MAX_LINES} lines, had {len(rows)}")
    for number, row in enumerate(rows, start=1):
        cells = [_bare(cell.strip()) for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        names = [cell.lower() for cell in cells]
        if head is None and "asset" in names:
            head = {name: place for place, name in enumerate(names)}
            continue
        name, asset = _picked(cells, head)
        if asset:
            yield number, (name or DEFAULT_NAME)[:NAME_LENGTH], asset


def _picked(cells: list[str], head: Mapping[str, int] | None) -> tuple[str, str]:
    if head is None:
        return ("", cells[0]) if len(cells) == 1 else (cells[0], cells[1])

    def cell(name: str) -> str:
        place = head.get(name, len(cells))
        return cells[place] if place < len(cells) else ""

    return cell("list"), cell("asset")


def _bare(cell: str) -> str:
    is_guarded = cell.startswith(_GUARD) and cell[1:].startswith(_DANGEROUS)
    return _CONTROL.sub("", cell[1:] if is_guarded else cell)
