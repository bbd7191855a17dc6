"""Following entities: watchlists hold them beside assets."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import Field

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import Caller
from vigie.ports.accounts import Watchlist
from vigie.services.desk.entities import EntityId, NamedAsk, known_entity
from vigie.services.house import House
from vigie.services.news.naming import called, entries_of
from vigie.services.operation import Answer, Ask, Column, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.people.watched import START

MOST: Final = 200
NAME: Final = "Watchlist"

COLUMNS: Final = [
    Column(name="list", title="List", definition="Name of the watchlist."),
    Column(name="watchlist", title="Id"),
    Column(name="entity", title="Entity"),
    Column(name="name", title="Name"),
]


class FollowAsk(Ask):
    """Which entity, and in which list."""

    entity: str = EntityId
    watchlist: str = Field(
        "",
        pattern=r"^(w[0-9a-f]{1,32})?$",
        description="Id; empty means the first, which is made where there is none.",
    )


class Followed(Answer):
    """A list with what it holds."""

    watchlist: str
    name: str
    entities: list[str]


@operation("entities.followed")
def list_followed(house: House, caller: Caller, ask: NamedAsk) -> Table:
    """List the entities that the caller follows, list by list."""
    known = entries_of(house)
    rows = [
        {"list": one.name, "watchlist": one.id, "entity": entity, "name": called(known, entity, ask.language)}
        for one in house.accounts.watchlists(owner_of(house, caller))
        for entity in one.entities
    ]
    return Table(columns=list(COLUMNS), rows=rows, total=len(rows))


@operation("entities.follow", scope="write", example={"entity": "org:sec", "watchlist": ""})
def follow(house: House, caller: Caller, ask: FollowAsk) -> Followed:
    """Follow an entity in a watchlist; one that is followed there already stays."""
    mine = _mine(house, caller, ask.watchlist)
    entity = known_entity(house, ask.entity, entries_of(house))
    if entity in mine.entities and mine.id:
        return _answer(mine)
    if len(mine.entities) >= MOST:
        raise UsageError(f"a watchlist holds at most {MOST} entities")
    return _put(house, replace(mine, entities=(*mine.entities, entity)))


@operation("entities.unfollow", scope="write", example={"entity": "org:sec", "watchlist": ""})
def unfollow(house: House, caller: Caller, ask: FollowAsk) -> Followed:
    """Follow an entity no more in a watchlist, or, where none is named, in any."""
    lists = [_mine(house, caller, ask.watchlist)] if ask.watchlist else house.accounts.watchlists(caller.user)
    holding = [one for one in lists if ask.entity in one.entities]
    if not holding:
        return _answer(lists[0]) if lists else Followed(watchlist="", name="", entities=[])
    left = [
        _put(house, replace(one, entities=tuple(name for name in one.entities if name != ask.entity)))
        for one in holding
    ]
    return left[0]


def _mine(house: House, caller: Caller, watchlist: str) -> Watchlist:
    if watchlist:
        found = house.accounts.watchlist(caller.user, watchlist)
        if found is None:
            raise NotFound(f"there is no watchlist {watchlist!r}")
        return found
    lists = house.accounts.watchlists(caller.user)
    return lists[0] if lists else Watchlist("", caller.user, NAME, START, 0, 0)


def _put(house: House, changed: Watchlist) -> Followed:
    return _answer(house.accounts.put_watchlist(changed, revision=changed.revision if changed.id else None))


def _answer(one: Watchlist) -> Followed:
    return Followed(watchlist=one.id, name=one.name, entities=list(one.entities))
