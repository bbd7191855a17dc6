"""Watchlists as CSV: written with their entities, read back, with what a file would change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import BaseModel, Field

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.intelligence.news.gazetteer.entries import GazetteerEntry
from vigie.ports.accounts import UserStore
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.ports.watchlists import Watchlist
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.services.operation import OperationInput, OperationResult, Table, operation
from vigie.services.operations.entities import LanguageInput, require_entity
from vigie.services.operations.watchlists import MAX_ASSETS, MAX_LISTS
from vigie.services.people.ownership import owner_of
from vigie.services.people.watchlist_files import ExportedAssetRow, WatchlistChange, plan_import, rows_of
from vigie.services.rows import table_of


class ExportWatchlistsInput(LanguageInput):
    """Which list; all by default."""

    watchlist: str = Field("", pattern=r"^(w[0-9a-f]{1,32})?$", description="Id; empty means all.")


class ImportWatchlistsInput(OperationInput):
    """Lists as CSV."""

    text: str = Field(max_length=200_000, description="Lines of list,asset; a header is skipped.")
    dry_run: bool = Field(True, description="Only say what would change.")


class WatchlistChangeRow(BaseModel):
    """What an import does to one list."""

    name: str
    watchlist: str = ""
    added: list[str] = []
    removed: list[str] = []
    is_new: bool = False
    is_reordered: bool = False


class ImportWatchlistsResult(OperationResult):
    """What an import changes, and lines that could not be read."""

    changes: list[WatchlistChangeRow]
    unread: list[str]
    is_done: bool


@operation("watchlists.export")
def export_watchlists(
    caller: Caller,
    params: ExportWatchlistsInput,
    catalog: BarCatalog,
    accounts: UserStore,
    name_store: NameStore,
) -> Table[ExportedAssetRow]:
    """Write one watchlist, or all, as rows of list, position and asset; entities come after the assets."""
    owner = owner_of(accounts, caller)
    lists = list(accounts.watchlists(owner))
    if params.watchlist:
        lists = [watchlist for watchlist in lists if watchlist.id == params.watchlist]
        if not lists:
            raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=params.watchlist)
    assets_by_id = {asset.id: asset for asset in catalog.assets()}
    entities = entries_of(catalog, name_store) if any(watchlist.entities for watchlist in lists) else {}
    names = {
        entity: entity_name(entities, entity, params.language)
        for watchlist in lists
        for entity in watchlist.entities
    }
    return table_of(ExportedAssetRow, rows_of(lists, assets_by_id, names))


@operation("watchlists.import", scope="write", example={"text": "list,asset\nLarge ones,bitcoin\n"})
def import_watchlists(
    caller: Caller,
    params: ImportWatchlistsInput,
    catalog: BarCatalog,
    accounts: UserStore,
    items: ItemStore,
    names: NameStore,
) -> ImportWatchlistsResult:
    """Read watchlists from CSV and say, or make, what changes; the same file twice changes nothing more."""
    lists = {entry.name: entry for entry in reversed(accounts.watchlists(caller.user))}
    entries = entries_of(catalog, names)
    changes, unread = plan_import(
        params.text,
        lists,
        catalog,
        limit=MAX_ASSETS,
        is_entity=lambda entity: _is_known_entity(items, entity, entries, lists.values()),
    )
    new = sum(change.before is None for change in changes)
    if len(lists) + new > MAX_LISTS:
        raise UsageError(
            "most_watchlists",
            "you can have at most {max_lists} watchlists, would be {lists_count}",
            max_lists=MAX_LISTS,
            lists_count=len(lists) + new,
        )
    if not params.dry_run:
        position = max((entry.position for entry in lists.values()), default=-1) + 1
        for change in changes:
            before = change.before or Watchlist("", caller.user, change.name, (), position, 0)
            position += change.before is None
            accounts.put_watchlist(
                replace(before, assets=change.assets, entities=change.entities),
                revision=before.revision if before.id else None,
            )
    return ImportWatchlistsResult(
        changes=[_change_row(entry) for entry in changes], unread=unread, is_done=not params.dry_run
    )


def _is_known_entity(
    items: ItemStore, entity: str, entries: Mapping[str, GazetteerEntry], lists: Iterable[Watchlist]
) -> bool:
    """Tell whether an entity is known, or was when it was followed."""
    if any(entity in watchlist.entities for watchlist in lists):
        return True
    try:
        require_entity(items, entity, entries)
    except NotFound:
        return False
    return True


def _change_row(change: WatchlistChange) -> WatchlistChangeRow:
    before = change.before.assets if change.before else ()
    followed = change.before.entities if change.before else ()
    kept_assets = [name for name in change.assets if name in before]
    new_names, old_names = (*change.assets, *change.entities), (*before, *followed)
    return WatchlistChangeRow(
        name=change.name,
        watchlist=change.before.id if change.before else "",
        added=[name for name in new_names if name not in old_names],
        removed=[name for name in old_names if name not in new_names],
        is_new=change.before is None,
        is_reordered=kept_assets != [name for name in before if name in change.assets],
    )
