"""Watchlists: named, ordered lists of assets, with entities beside them, shared by a link."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from vigie.data.catalog import Catalog
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import Watchlist
from vigie.services.desk.asset_search import MOST_NEAR, near_assets
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, Column, Nothing, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.people.secret_words import secret_word
from vigie.services.people.watched import START

MAX_LISTS: Final = 50
MAX_ASSETS: Final = 200
SOURCE: Final = "vigie"

# Something to read, no control characters.
TEXT: Final = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"

EntityId = Annotated[str, Field(pattern=ENTITY_PATTERN)]
ListId = Field(pattern=r"^w[0-9a-f]{1,32}$", description="Id of a watchlist.", examples=["w0123456789abcdef"])
ListName = Field(min_length=1, max_length=60, pattern=TEXT, description="Name of the list.")
Revision = Field(None, ge=0, description="The one that was read; another one is refused as a conflict.")

COLUMNS: Final = [
    Column(name="id", title="Id"),
    Column(name="name", title="Watchlist"),
    Column(name="assets", title="Assets", unit="count", definition="How many it holds.", source=SOURCE),
    Column(name="entities", title="Entities", unit="count", definition="How many it follows.", source=SOURCE),
    Column(name="is_shared", title="Shared", definition="Whether a link shows it to others."),
    Column(name="revision", title="Revision", definition="Grows with every change."),
]


class ReadAsk(Ask):
    """One list: by id, by the word of its link, or the first one."""

    watchlist: str = Field("", pattern=r"^(w[0-9a-f]{1,32})?$", description="Id; empty means the first.")
    share: str = Field("", max_length=64, description="Word of a link that somebody shared.")


class CreateAsk(Ask):
    """A new list."""

    name: str = ListName
    assets: list[str] = Field([], max_length=MAX_ASSETS, description="Catalogue ids or tickers, in order.")
    entities: list[EntityId] = Field([], max_length=MAX_ASSETS, description="Ids such as org:sec.")


class ChangeAsk(Ask):
    """What is to be different; the rest stays."""

    watchlist: str = ListId
    name: str | None = Field(None, min_length=1, max_length=60, pattern=TEXT)
    assets: list[str] | None = Field(None, max_length=MAX_ASSETS, description="The whole list, in order.")
    entities: list[EntityId] | None = Field(None, max_length=MAX_ASSETS, description="All that it follows.")
    revision: int | None = Revision


class AssetAsk(Ask):
    """One asset of a list."""

    watchlist: str = ListId
    asset: str = Field(min_length=1, max_length=80, description="Catalogue id or ticker.")
    revision: int | None = Revision


class MoveAsk(Ask):
    """A list, or one asset of it, one place up or down."""

    watchlist: str = ListId
    asset: str = Field("", max_length=80, description="Catalogue id; empty moves the list itself.")
    to: Literal["up", "down"]
    revision: int | None = Revision


class ShareAsk(Ask):
    """Whether a link shows the list to others."""

    watchlist: str = ListId
    is_shared: bool = True


class DeleteAsk(Ask):
    """One list."""

    watchlist: str = ListId


class RestoreAsk(Ask):
    """A list as `watchlists.delete` returned it."""

    watchlist: str = ListId
    name: str = ListName
    assets: list[str] = Field([], max_length=MAX_ASSETS)
    entities: list[EntityId] = Field([], max_length=MAX_ASSETS)
    position: int = Field(0, ge=0, le=10_000)


class ListAnswer(Answer):
    """One list; `watchlist` is empty for the list everybody begins with."""

    watchlist: str
    name: str
    assets: list[str]
    entities: list[str]
    position: int
    revision: int
    share: str = ""
    is_mine: bool = True


@operation("watchlists.list")
def list_watchlists(house: House, caller: Caller, ask: Nothing) -> Table:
    """List the caller's watchlists in their order."""
    lists = house.accounts.watchlists(owner_of(house, caller))
    rows = [
        {
            "id": one.id, "name": one.name, "assets": len(one.assets), "entities": len(one.entities),
            "is_shared": bool(one.share), "revision": one.revision,
        }
        for one in lists
    ]  # fmt: skip
    return Table(columns=COLUMNS, rows=rows, total=len(rows))


@operation("watchlists.read")
def read_watchlist(house: House, caller: Caller, ask: ReadAsk) -> ListAnswer:
    """Read one watchlist: by its id, by the word of a shared link, or the first one."""
    if ask.share:
        shared = house.accounts.shared_watchlist(ask.share)
        if shared is None:
            raise NotFound("this link shows no watchlist; its owner may have stopped sharing it")
        is_mine = shared.owner == caller.user
        found = _answer(shared)
        # A reader learns what is in the list, not its id.
        return found if is_mine else found.model_copy(update={"watchlist": "", "is_mine": False})
    owner = owner_of(house, caller)
    if ask.watchlist:
        found_list = house.accounts.watchlist(owner, ask.watchlist)
        if found_list is None:
            raise NotFound(f"there is no watchlist {ask.watchlist!r}")
        return _answer(found_list)
    lists = house.accounts.watchlists(owner)
    if lists:
        return _answer(lists[0])
    return ListAnswer(watchlist="", name="Watchlist", assets=list(START), entities=[], position=0, revision=0)


@operation("watchlists.create", scope="write", example={"name": "Large ones", "assets": ["bitcoin"]})
def create_watchlist(house: House, caller: Caller, ask: CreateAsk) -> ListAnswer:
    """Make a watchlist."""
    lists = house.accounts.watchlists(caller.user)
    if len(lists) >= MAX_LISTS:
        raise UsageError(f"watchlists must be at most {MAX_LISTS}, were {len(lists)}; delete one first")
    position = max((one.position for one in lists), default=-1) + 1
    assets, entities = _assets(house, ask.assets), tuple(dict.fromkeys(ask.entities))
    made = Watchlist("", caller.user, ask.name.strip(), assets, position, 0, "", entities)
    return _answer(house.accounts.put_watchlist(made))


@operation("watchlists.change", scope="write", example={"watchlist": "w0", "name": "Old ones"})
def change_watchlist(house: House, caller: Caller, ask: ChangeAsk) -> ListAnswer:
    """Rename a watchlist, or set its assets in their order, or what it follows."""
    mine = _mine(house, caller, ask.watchlist)
    changed = replace(
        mine,
        name=mine.name if ask.name is None else ask.name.strip(),
        assets=mine.assets if ask.assets is None else _assets(house, ask.assets),
        entities=mine.entities if ask.entities is None else tuple(dict.fromkeys(ask.entities)),
    )
    return _put(house, mine, changed, ask.revision)


@operation("watchlists.add", scope="write", example={"watchlist": "w0", "asset": "bitcoin"})
def add_asset(house: House, caller: Caller, ask: AssetAsk) -> ListAnswer:
    """Add an asset to the end of a watchlist; one that is there already stays where it is."""
    mine = _mine(house, caller, ask.watchlist)
    asset = Catalog(house.facts, house.shelf).find(ask.asset).id
    if asset in mine.assets:
        return _answer(mine)
    return _put(house, mine, replace(mine, assets=_bounded((*mine.assets, asset))), ask.revision)


@operation("watchlists.remove", scope="write", example={"watchlist": "w0", "asset": "bitcoin"})
def remove_asset(house: House, caller: Caller, ask: AssetAsk) -> ListAnswer:
    """Remove an asset from a watchlist."""
    mine = _mine(house, caller, ask.watchlist)
    left = tuple(one for one in mine.assets if one != ask.asset)
    return (
        _answer(mine) if left == mine.assets else _put(house, mine, replace(mine, assets=left), ask.revision)
    )


@operation("watchlists.move", scope="write", example={"watchlist": "w0", "to": "up"})
def move_watchlist(house: House, caller: Caller, ask: MoveAsk) -> ListAnswer:
    """Move a watchlist among the others, or an asset inside its list, one place up or down."""
    mine = _mine(house, caller, ask.watchlist)
    if ask.asset:
        moved = _moved(list(mine.assets), ask.asset, ask.to)
        return _put(house, mine, replace(mine, assets=tuple(moved)), ask.revision)
    lists = {one.id: one for one in house.accounts.watchlists(caller.user)}
    # Positions are written anew: two lists may have had the same one.
    for place, name in enumerate(_moved(list(lists), mine.id, ask.to)):
        one = lists[name]
        if one.position != place:
            house.accounts.put_watchlist(replace(one, position=place), revision=one.revision)
    return _answer(_mine(house, caller, mine.id))


@operation("watchlists.share", scope="write", example={"watchlist": "w0"})
def share_watchlist(house: House, caller: Caller, ask: ShareAsk) -> ListAnswer:
    """Make a link that shows a watchlist to others, who cannot change it; or end it."""
    mine = _mine(house, caller, ask.watchlist)
    if bool(mine.share) == ask.is_shared:
        return _answer(mine)
    return _put(house, mine, replace(mine, share=secret_word(18) if ask.is_shared else ""), None)


@operation("watchlists.delete", scope="write", example={"watchlist": "w0"})
def delete_watchlist(house: House, caller: Caller, ask: DeleteAsk) -> ListAnswer:
    """Delete a watchlist; the answer is what `watchlists.restore` takes to bring it back."""
    mine = _mine(house, caller, ask.watchlist)
    house.accounts.delete_watchlist(caller.user, mine.id)
    return _answer(replace(mine, share=""))


@operation("watchlists.restore", scope="write", example={"watchlist": "w0", "name": "Large ones"})
def restore_watchlist(house: House, caller: Caller, ask: RestoreAsk) -> ListAnswer:
    """Bring back a watchlist that was deleted; a link that showed it stays dead."""
    if house.accounts.watchlist(caller.user, ask.watchlist) is not None:
        raise UsageError(f"the watchlist {ask.watchlist!r} is there already")
    if len(house.accounts.watchlists(caller.user)) >= MAX_LISTS:
        raise UsageError(f"watchlists must be at most {MAX_LISTS}; delete one first")
    assets, name = _assets(house, ask.assets), ask.name.strip()
    back = Watchlist(ask.watchlist, caller.user, name, assets, ask.position, 0, "", tuple(ask.entities))
    try:
        return _answer(house.accounts.put_watchlist(back))
    except UsageError:
        # The id is somebody else's: say no more than for one that never was.
        raise NotFound(f"there is no watchlist {ask.watchlist!r}") from None


def _mine(house: House, caller: Caller, watchlist: str) -> Watchlist:
    if caller.user == VISITOR.user:
        raise Forbidden("sign in to keep watchlists")
    found = house.accounts.watchlist(caller.user, watchlist)
    if found is None:
        raise NotFound(f"there is no watchlist {watchlist!r}")
    return found


def _put(house: House, before: Watchlist, changed: Watchlist, revision: int | None) -> ListAnswer:
    kept = house.accounts.put_watchlist(changed, revision=before.revision if revision is None else revision)
    return _answer(kept)


def _moved(names: list[str], name: str, to: str) -> list[str]:
    if name not in names:
        raise NotFound(f"there is no {name!r} in this list")
    place = names.index(name)
    other = place - 1 if to == "up" else place + 1
    if 0 <= other < len(names):
        names[place], names[other] = names[other], names[place]
    return names


def _assets(house: House, words: list[str]) -> tuple[str, ...]:
    """Return the assets of ids and tickers, each once.

    Raises
    ------
    UsageError
        If some are not known: it names all of them, and what they may have meant.
    """
    catalog = Catalog(house.facts, house.shelf)
    found: dict[str, None] = {}
    unknown: list[str] = []
    for word in (word for word in words if word.strip()):
        try:
            found[catalog.find(word).id] = None
        except NotFound:
            unknown.append(word)
    if unknown:
        raise UsageError(_unknown(catalog, unknown))
    return _bounded(tuple(found))


def _unknown(catalog: Catalog, words: list[str]) -> str:
    told = ", ".join(repr(word[:80]) for word in words[:10])
    assets = catalog.assets()
    meant = {asset.id: asset for word in words[:10] for asset in near_assets(assets, word.strip().lower())}
    if not meant:
        return f"no asset is called {told}; the search finds those that are known, the others need their bars"
    near = ", ".join(f"{asset.symbol} ({asset.name})" for asset in list(meant.values())[:MOST_NEAR])
    return f"no asset is called {told}; near to it: {near}"


def _bounded(assets: tuple[str, ...]) -> tuple[str, ...]:
    if len(assets) > MAX_ASSETS:
        raise UsageError(f"a watchlist holds at most {MAX_ASSETS} assets, would hold {len(assets)}")
    return assets


def _answer(one: Watchlist) -> ListAnswer:
    values: dict[str, Any] = {"name": one.name, "position": one.position, "revision": one.revision}
    values |= {"assets": list(one.assets), "entities": list(one.entities)}
    return ListAnswer(watchlist=one.id, share=one.share, **values)
