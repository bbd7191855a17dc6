"""Watchlists as CSV: written with their entities, read back, with what a file would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.catalog import Catalog
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.intelligence.news.gazetteer.entries import Entry
from vigie.ports.accounts import Watchlist
from vigie.services.desk.entities import NamedAsk, known_entity
from vigie.services.desk.watchlists import MAX_ASSETS, MAX_LISTS, SOURCE
from vigie.services.house import House
from vigie.services.news.naming import called, entries_of
from vigie.services.operation import Answer, Ask, Column, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.people.watchlist_files import Change, planned, rows_of

ROWS: Final = [
    Column(name="list", title="List", definition="Name of the watchlist."),
    Column(name="position", title="Position", unit="count", definition="From 1 on.", source=SOURCE),
    Column(
        name="asset", title="Asset", definition="Catalogue id; of an entity that is followed its id, org:sec."
    ),
    Column(name="symbol", title="Symbol"),
    Column(name="name", title="Name"),
]


class ExportAsk(NamedAsk):
    """Which list; all by default."""

    watchlist: str = Field("", pattern=r"^(w[0-9a-f]{1,32})?$", description="Id; empty means all.")


class ImportAsk(Ask):
    """Lists as CSV."""

    text: str = Field(max_length=200_000, description="Lines of list,asset; a header is skipped.")
    dry_run: bool = Field(True, description="Only say what would change.")


class ChangeLine(BaseModel):
    """What an import does to one list."""

    name: str
    watchlist: str = ""
    added: list[str] = []
    removed: list[str] = []
    is_new: bool = False
    is_reordered: bool = False


class ImportAnswer(Answer):
    """What an import changes, and lines that could not be read."""

    changes: list[ChangeLine]
    unread: list[str]
    is_done: bool


@operation("watchlists.export")
def export_watchlists(house: House, caller: Caller, ask: ExportAsk) -> Table:
    """Write one watchlist, or all, as rows of list, position and asset; entities come after the assets."""
    owner = owner_of(house, caller)
    lists = list(house.accounts.watchlists(owner))
    if ask.watchlist:
        lists = [one for one in lists if one.id == ask.watchlist]
        if not lists:
            raise NotFound(f"there is no watchlist {ask.watchlist!r}")
    known = {asset.id: asset for asset in Catalog(house.facts, house.shelf).assets()}
    entities = entries_of(house) if any(one.entities for one in lists) else {}
    names = {entity: called(entities, entity, ask.language) for one in lists for entity in one.entities}
    return Table(columns=ROWS, rows=rows_of(lists, known, names))


@operation("watchlists.import", scope="write", example={"text": "list,asset\nLarge ones,bitcoin\n"})
def import_watchlists(house: House, caller: Caller, ask: ImportAsk) -> ImportAnswer:
    """Read watchlists from CSV and say, or make, what changes; the same file twice changes nothing more."""
    lists = {one.name: one for one in reversed(house.accounts.watchlists(caller.user))}
    known = entries_of(house)
    changes, unread = planned(
        ask.text, lists, Catalog(house.facts, house.shelf), limit=MAX_ASSETS,
        is_entity=lambda entity: _is_known(house, entity, known, lists.values()),
    )  # fmt: skip
    new = sum(change.before is None for change in changes)
    if len(lists) + new > MAX_LISTS:
        raise UsageError(f"watchlists must be at most {MAX_LISTS}, would be {len(lists) + new}")
    if not ask.dry_run:
        position = max((one.position for one in lists.values()), default=-1) + 1
        for change in changes:
            before = change.before or Watchlist("", caller.user, change.name, (), position, 0)
            position += change.before is None
            house.accounts.put_watchlist(
                replace(before, assets=change.assets, entities=change.entities),
                revision=before.revision if before.id else None,
            )
    return ImportAnswer(changes=[_line(one) for one in changes], unread=unread, is_done=not ask.dry_run)


def _is_known(house: House, entity: str, known: Mapping[str, Entry], lists: Iterable[Watchlist]) -> bool:
    """Tell whether an entity is known, or was when it was followed."""
    if any(entity in one.entities for one in lists):
        return True
    try:
        known_entity(house, entity, known)
    except NotFound:
        return False
    return True


def _line(change: Change) -> ChangeLine:
    before = change.before.assets if change.before else ()
    followed = change.before.entities if change.before else ()
    kept = [one for one in change.assets if one in before]
    held, was = (*change.assets, *change.entities), (*before, *followed)
    return ChangeLine(
        name=change.name,
        watchlist=change.before.id if change.before else "",
        added=[one for one in held if one not in was],
        removed=[one for one in was if one not in held],
        is_new=change.before is None,
        is_reordered=kept != [one for one in before if one in change.assets],
    )
