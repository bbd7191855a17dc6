"""Watchlists as CSV: rows to write, and what a file would change. Takes lists and texts; stores nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.catalog import BarCatalog
from vigie.domain.asset import Asset
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import NotFound, UsageError
from vigie.ports.watchlists import Watchlist
from vigie.services.rows import Row, shown
from vigie.services.written_text import without_acting

DEFAULT_NAME: Final = "Imported"
NAME_LENGTH: Final = 60
MAX_LINES: Final = 5_000
# What the export puts before cells that a spreadsheet would run; taken off again when they come back.
_ENTITY: Final = re.compile(ENTITY_PATTERN)
_GUARD: Final = "'"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


@dataclass(frozen=True, slots=True)
class WatchlistChange:
    """What one list becomes; `before` is None for a new one."""

    name: str
    before: Watchlist | None
    assets: tuple[str, ...]
    entities: tuple[str, ...] = ()


class ExportedAssetRow(Row):
    """One asset or entity of a watchlist."""

    list: str = shown("List", definition="Name of the watchlist.")
    position: int = shown("Position", unit="count", definition="Starts at 1.", source="vigie")
    asset: str = shown("Asset", definition="Catalogue id; for a followed entity its id, such as org:sec.")
    symbol: str = shown("Symbol")
    name: str = shown("Name")


def rows_of(
    lists: Sequence[Watchlist], assets_by_id: Mapping[str, Asset], names: Mapping[str, str]
) -> list[ExportedAssetRow]:
    """Return one row an asset, then one an entity, which `names` calls; list by list."""
    return [
        row
        for watchlist in lists
        for row in (*_asset_rows(watchlist, assets_by_id), *_entity_rows(watchlist, names))
    ]


def _entity_rows(watchlist: Watchlist, names: Mapping[str, str]) -> list[ExportedAssetRow]:
    begin = len(watchlist.assets) + 1
    return [
        ExportedAssetRow(
            list=watchlist.name, position=place, asset=entity, symbol="", name=names.get(entity, entity)
        )
        for place, entity in enumerate(watchlist.entities, start=begin)
    ]


def _asset_rows(watchlist: Watchlist, assets_by_id: Mapping[str, Asset]) -> list[ExportedAssetRow]:
    return [
        ExportedAssetRow(
            list=watchlist.name,
            position=place,
            asset=asset,
            symbol=assets_by_id[asset].symbol if asset in assets_by_id else "",
            name=assets_by_id[asset].name if asset in assets_by_id else "",
        )
        for place, asset in enumerate(watchlist.assets, start=1)
    ]


def plan_import(
    text: str,
    lists: Mapping[str, Watchlist],
    catalog: BarCatalog,
    *,
    limit: int,
    is_entity: Callable[[str], bool],
) -> tuple[list[WatchlistChange], list[str]]:
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
    assets_by_list: dict[str, dict[str, None]] = {}
    entities_by_list: dict[str, dict[str, None]] = {}
    unread: list[str] = []
    for number, name, asset in _read_lines(text):
        if _ENTITY.fullmatch(asset):
            if is_entity(asset):
                assets_by_list.setdefault(name, {})
                entities_by_list.setdefault(name, {})[asset] = None
            else:
                unread.append(f"line {number}: there is no entity {asset[:90]!r}")
            continue
        try:
            assets_by_list.setdefault(name, {})[catalog.find(asset).id] = None
        except NotFound:
            unread.append(f"line {number}: there is no asset {asset[:80]!r}")
    changes = []
    for name, assets in assets_by_list.items():
        if len(assets) > limit:
            raise UsageError(
                "watchlist_holds_most_assets_would",
                "a watchlist holds at most {limit} assets, {name!r} would hold {assets_count}",
                limit=limit,
                name=name,
                assets_count=len(assets),
            )
        before = lists.get(name)
        new_entities = (
            tuple(entities_by_list[name]) if name in entities_by_list else before.entities if before else ()
        )
        new_assets = tuple(assets) or (before.assets if before else ())
        if len(new_entities) > limit:
            raise UsageError(
                "watchlist_holds_most_entities", "a watchlist holds at most {most} entities", most=limit
            )
        if before is None or (before.assets, before.entities) != (new_assets, new_entities):
            changes.append(WatchlistChange(name, before, new_assets, new_entities))
    return changes, unread[:100]


def _delimiter(text: str) -> str:
    """Return what stands between cells: spreadsheets write semicolons where the comma is the decimal mark."""
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    return ";" if first.count(";") > first.count(",") else ","


def _read_lines(text: str) -> Iterator[tuple[int, str, str]]:
    header: dict[str, int] | None = None
    try:
        content = text.lstrip("\ufeff")
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content)))
    except csv.Error as fault:
        raise UsageError("not_csv_file", "this is not a CSV file: {fault}", fault=fault) from None
    if len(rows) > MAX_LINES:
        raise UsageError(
            "file_most_lines",
            "a file may have at most {max_lines} lines, had {rows_count}",
            max_lines=MAX_LINES,
            rows_count=len(rows),
        )
    for number, row in enumerate(rows, start=1):
        cells = [_strip_guard(cell.strip()) for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        names = [cell.lower() for cell in cells]
        if header is None and "asset" in names:
            header = {name: place for place, name in enumerate(names)}
            continue
        name, asset = _pick_cells(cells, header)
        if asset:
            yield number, (name or DEFAULT_NAME)[:NAME_LENGTH], asset


def _pick_cells(cells: list[str], header: Mapping[str, int] | None) -> tuple[str, str]:
    if header is None:
        return ("", cells[0]) if len(cells) == 1 else (cells[0], cells[1])

    def cell(name: str) -> str:
        place = header.get(name, len(cells))
        return cells[place] if place < len(cells) else ""

    return cell("list"), cell("asset")


def _strip_guard(cell: str) -> str:
    is_guarded = cell.startswith(_GUARD) and cell[1:].startswith(_DANGEROUS)
    return without_acting(cell[1:] if is_guarded else cell)
