"""Following entities: watchlists hold them beside assets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.items import ItemStore
from vigie.ports.names import NameStore
from vigie.ports.watchlists import Watchlist
from vigie.services.news.entities.naming import entity_name, entries_of
from vigie.services.operation import OperationInput, OperationResult, Table, operation
from vigie.services.operations.entities import EntityId, LanguageInput, require_entity
from vigie.services.people.ownership import START, owner_of
from vigie.services.rows import Row, shown, table_of

MOST: Final = 200
DEFAULT_LIST_NAME: Final = "Watchlist"


class FollowedEntityRow(Row):
    """One entity that a watchlist follows."""

    list: str = shown("List", definition="Name of the watchlist.")
    watchlist: str = shown("Id")
    entity: str = shown("Entity")
    name: str = shown("Name")


class FollowEntityInput(OperationInput):
    """Which entity, and in which list."""

    entity: str = EntityId
    watchlist: str = Field(
        "",
        pattern=r"^(w[0-9a-f]{1,32})?$",
        description="Id; empty means the first, which is made where there is none.",
    )


class FollowedEntities(OperationResult):
    """A list with what it holds."""

    watchlist: str
    name: str
    entities: list[str]


@operation("entities.followed")
def list_followed(
    caller: Caller, params: LanguageInput, catalog: BarCatalog, accounts: UserStore, names: NameStore
) -> Table[FollowedEntityRow]:
    """List the entities that the caller follows, list by list."""
    entries = entries_of(catalog, names)
    rows = [
        FollowedEntityRow(
            list=watchlist.name,
            watchlist=watchlist.id,
            entity=entity,
            name=entity_name(entries, entity, params.language),
        )
        for watchlist in accounts.watchlists(owner_of(accounts, caller))
        for entity in watchlist.entities
    ]
    return table_of(FollowedEntityRow, rows, total=len(rows))


@operation("entities.follow", scope="write", example={"entity": "org:sec", "watchlist": ""})
def follow_entity(
    caller: Caller,
    params: FollowEntityInput,
    catalog: BarCatalog,
    accounts: UserStore,
    items: ItemStore,
    names: NameStore,
) -> FollowedEntities:
    """Follow an entity in a watchlist; one that is followed there already stays."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    entity = require_entity(items, params.entity, entries_of(catalog, names))
    if entity in watchlist.entities and watchlist.id:
        return _followed_entities(watchlist)
    if len(watchlist.entities) >= MOST:
        raise UsageError(
            "watchlist_holds_most_entities", "a watchlist holds at most {most} entities", most=MOST
        )
    return _save_watchlist(accounts, replace(watchlist, entities=(*watchlist.entities, entity)))


@operation("entities.unfollow", scope="write", example={"entity": "org:sec", "watchlist": ""})
def unfollow_entity(caller: Caller, params: FollowEntityInput, accounts: UserStore) -> FollowedEntities:
    """Follow an entity no more in a watchlist, or, where none is named, in any."""
    lists = (
        [_find_watchlist(accounts, caller, params.watchlist)]
        if params.watchlist
        else accounts.watchlists(caller.user)
    )
    holding = [watchlist for watchlist in lists if params.entity in watchlist.entities]
    if not holding:
        return _followed_entities(lists[0]) if lists else FollowedEntities(watchlist="", name="", entities=[])
    changed = [
        _save_watchlist(
            accounts,
            replace(watchlist, entities=tuple(name for name in watchlist.entities if name != params.entity)),
        )
        for watchlist in holding
    ]
    return changed[0]


def _find_watchlist(accounts: UserStore, caller: Caller, watchlist_id: str) -> Watchlist:
    if watchlist_id:
        stored = accounts.watchlist(caller.user, watchlist_id)
        if stored is None:
            raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=watchlist_id)
        return stored
    lists = accounts.watchlists(caller.user)
    return lists[0] if lists else Watchlist("", caller.user, DEFAULT_LIST_NAME, START, 0, 0)


def _save_watchlist(accounts: UserStore, changed: Watchlist) -> FollowedEntities:
    return _followed_entities(
        accounts.put_watchlist(changed, revision=changed.revision if changed.id else None)
    )


def _followed_entities(watchlist: Watchlist) -> FollowedEntities:
    return FollowedEntities(watchlist=watchlist.id, name=watchlist.name, entities=list(watchlist.entities))
