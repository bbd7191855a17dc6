"""Watchlists: named, ordered lists of assets, with entities beside them, shared by a link."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from vigie.data.catalog import BarCatalog
from vigie.domain.entity import ENTITY_PATTERN
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.person import VISITOR, Caller
from vigie.domain.refusal import Refusal
from vigie.ports.accounts import UserStore
from vigie.ports.watchlists import Watchlist
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operations.assets import MAX_SUGGESTIONS, similar_assets
from vigie.services.people.ownership import START, owner_of
from vigie.services.random_tokens import random_token
from vigie.services.rows import Row, shown, table_of
from vigie.services.written_text import TEXT

MAX_LISTS: Final = 50
MAX_ASSETS: Final = 200
SOURCE: Final = "vigie"


EntityId = Annotated[str, Field(pattern=ENTITY_PATTERN)]
ListId = Field(pattern=r"^w[0-9a-f]{1,32}$", description="Id of a watchlist.", examples=["w0123456789abcdef"])
ListName = Field(min_length=1, max_length=60, pattern=TEXT, description="Name of the list.")
Revision = Field(None, ge=0, description="The revision that you read; another one is refused as a conflict.")


class OwnWatchlistRow(Row):
    """One watchlist."""

    id: str = shown("Id")
    name: str = shown("Watchlist")
    assets: int = shown("Assets", unit="count", definition="How many assets it contains.", source=SOURCE)
    entities: int = shown(
        "Entities", unit="count", definition="Number of entities it follows.", source=SOURCE
    )
    is_shared: bool = shown("Shared", definition="Whether it is shared by link.")
    revision: int = shown("Revision", definition="Goes up with every change.")


class ReadWatchlistInput(OperationInput):
    """One list: by id, by the word of its link, or the first one."""

    watchlist: str = Field("", pattern=r"^(w[0-9a-f]{1,32})?$", description="Id; empty means the first.")
    share: str = Field("", max_length=64, description="Word of a link that somebody shared.")


class CreateWatchlistInput(OperationInput):
    """A new list."""

    name: str = ListName
    assets: list[str] = Field([], max_length=MAX_ASSETS, description="Catalogue ids or tickers, in order.")
    entities: list[EntityId] = Field([], max_length=MAX_ASSETS, description="Ids such as org:sec.")


class ChangeWatchlistInput(OperationInput):
    """What is to be different; the rest stays."""

    watchlist: str = ListId
    name: str | None = Field(None, min_length=1, max_length=60, pattern=TEXT)
    assets: list[str] | None = Field(None, max_length=MAX_ASSETS, description="The whole list, in order.")
    entities: list[EntityId] | None = Field(None, max_length=MAX_ASSETS, description="All that it follows.")
    revision: int | None = Revision


class WatchlistAssetInput(OperationInput):
    """One asset of a list."""

    watchlist: str = ListId
    asset: str = Field(min_length=1, max_length=80, description="Catalogue id or ticker.")
    revision: int | None = Revision


class MoveWatchlistInput(OperationInput):
    """A list, or one asset of it, one place up or down."""

    watchlist: str = ListId
    asset: str = Field("", max_length=80, description="Catalogue id; empty moves the list itself.")
    to: Literal["up", "down"]
    revision: int | None = Revision


class ShareWatchlistInput(OperationInput):
    """Whether a link shows the list to others."""

    watchlist: str = ListId
    is_shared: bool = True


class DeleteWatchlistInput(OperationInput):
    """One list."""

    watchlist: str = ListId


class RestoreWatchlistInput(OperationInput):
    """A list as `watchlists.delete` returned it."""

    watchlist: str = ListId
    name: str = ListName
    assets: list[str] = Field([], max_length=MAX_ASSETS)
    entities: list[EntityId] = Field([], max_length=MAX_ASSETS)
    position: int = Field(0, ge=0, le=10_000)


class WatchlistResult(OperationResult):
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
def list_watchlists(caller: Caller, params: NoInput, accounts: UserStore) -> Table[OwnWatchlistRow]:
    """List the caller's watchlists in their order."""
    lists = accounts.watchlists(owner_of(accounts, caller))
    rows = [
        OwnWatchlistRow(
            id=watchlist.id,
            name=watchlist.name,
            assets=len(watchlist.assets),
            entities=len(watchlist.entities),
            is_shared=bool(watchlist.share),
            revision=watchlist.revision,
        )
        for watchlist in lists
    ]
    return table_of(OwnWatchlistRow, rows, total=len(rows))


@operation("watchlists.read")
def read_watchlist(caller: Caller, params: ReadWatchlistInput, accounts: UserStore) -> WatchlistResult:
    """Read one watchlist: by its id, by the word of a shared link, or the first one."""
    if params.share:
        shared = accounts.shared_watchlist(params.share)
        if shared is None:
            raise NotFound(
                "link_shows_no_watchlist",
                "this link shows no watchlist; its owner may have stopped sharing it",
            )
        is_mine = shared.owner == caller.user
        shared_result = _watchlist_result(shared)
        # A reader learns what is in the list, not its id.
        return (
            shared_result if is_mine else shared_result.model_copy(update={"watchlist": "", "is_mine": False})
        )
    owner = owner_of(accounts, caller)
    if params.watchlist:
        watchlist = accounts.watchlist(owner, params.watchlist)
        if watchlist is None:
            raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=params.watchlist)
        return _watchlist_result(watchlist)
    lists = accounts.watchlists(owner)
    if lists:
        return _watchlist_result(lists[0])
    return WatchlistResult(
        watchlist="", name="Watchlist", assets=list(START), entities=[], position=0, revision=0
    )


@operation("watchlists.create", scope="write", example={"name": "Large ones", "assets": ["bitcoin"]})
def create_watchlist(
    caller: Caller, params: CreateWatchlistInput, catalog: BarCatalog, accounts: UserStore
) -> WatchlistResult:
    """Make a watchlist."""
    lists = accounts.watchlists(caller.user)
    if len(lists) >= MAX_LISTS:
        raise UsageError(
            "most_watchlists_delete",
            "you can have at most {max_lists} watchlists, had {lists_count}; delete one first",
            max_lists=MAX_LISTS,
            lists_count=len(lists),
        )
    position = max((existing.position for existing in lists), default=-1) + 1
    assets, entities = _parse_assets(catalog, params.assets), tuple(dict.fromkeys(params.entities))
    watchlist = Watchlist("", caller.user, params.name.strip(), assets, position, 0, "", entities)
    return _watchlist_result(accounts.put_watchlist(watchlist))


@operation("watchlists.change", scope="write", example={"watchlist": "w0", "name": "Old ones"})
def change_watchlist(
    caller: Caller, params: ChangeWatchlistInput, catalog: BarCatalog, accounts: UserStore
) -> WatchlistResult:
    """Rename a watchlist, or set its assets in their order, or what it follows."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    changed = replace(
        watchlist,
        name=watchlist.name if params.name is None else params.name.strip(),
        assets=watchlist.assets if params.assets is None else _parse_assets(catalog, params.assets),
        entities=watchlist.entities if params.entities is None else tuple(dict.fromkeys(params.entities)),
    )
    return _save_watchlist(accounts, watchlist, changed, params.revision)


@operation("watchlists.add", scope="write", example={"watchlist": "w0", "asset": "bitcoin"})
def add_asset(
    caller: Caller, params: WatchlistAssetInput, catalog: BarCatalog, accounts: UserStore
) -> WatchlistResult:
    """Add an asset to the end of a watchlist; one that is there already stays where it is."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    asset = catalog.find(params.asset).id
    if asset in watchlist.assets:
        return _watchlist_result(watchlist)
    return _save_watchlist(
        accounts,
        watchlist,
        replace(watchlist, assets=_check_size((*watchlist.assets, asset))),
        params.revision,
    )


@operation("watchlists.remove", scope="write", example={"watchlist": "w0", "asset": "bitcoin"})
def remove_asset(caller: Caller, params: WatchlistAssetInput, accounts: UserStore) -> WatchlistResult:
    """Remove an asset from a watchlist."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    remaining = tuple(asset for asset in watchlist.assets if asset != params.asset)
    return (
        _watchlist_result(watchlist)
        if remaining == watchlist.assets
        else _save_watchlist(accounts, watchlist, replace(watchlist, assets=remaining), params.revision)
    )


@operation("watchlists.move", scope="write", example={"watchlist": "w0", "to": "up"})
def move_watchlist(caller: Caller, params: MoveWatchlistInput, accounts: UserStore) -> WatchlistResult:
    """Move a watchlist among the others, or an asset inside its list, one place up or down."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    if params.asset:
        moved = _move_name(list(watchlist.assets), params.asset, params.to)
        return _save_watchlist(accounts, watchlist, replace(watchlist, assets=tuple(moved)), params.revision)
    lists = {entry.id: entry for entry in accounts.watchlists(caller.user)}
    # Positions are written anew: two lists may have had the same one.
    for position, name in enumerate(_move_name(list(lists), watchlist.id, params.to)):
        entry = lists[name]
        if entry.position != position:
            accounts.put_watchlist(replace(entry, position=position), revision=entry.revision)
    return _watchlist_result(_find_watchlist(accounts, caller, watchlist.id))


@operation("watchlists.share", scope="write", example={"watchlist": "w0"})
def share_watchlist(caller: Caller, params: ShareWatchlistInput, accounts: UserStore) -> WatchlistResult:
    """Make a link that shows a watchlist to others, who cannot change it; or end it."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    if bool(watchlist.share) == params.is_shared:
        return _watchlist_result(watchlist)
    return _save_watchlist(
        accounts, watchlist, replace(watchlist, share=random_token(18) if params.is_shared else ""), None
    )


@operation("watchlists.delete", scope="write", example={"watchlist": "w0"})
def delete_watchlist(caller: Caller, params: DeleteWatchlistInput, accounts: UserStore) -> WatchlistResult:
    """Delete a watchlist; the answer is what `watchlists.restore` takes to bring it back."""
    watchlist = _find_watchlist(accounts, caller, params.watchlist)
    accounts.delete_watchlist(caller.user, watchlist.id)
    return _watchlist_result(replace(watchlist, share=""))


@operation("watchlists.restore", scope="write", example={"watchlist": "w0", "name": "Large ones"})
def restore_watchlist(
    caller: Caller, params: RestoreWatchlistInput, catalog: BarCatalog, accounts: UserStore
) -> WatchlistResult:
    """Bring back a watchlist that was deleted; a link that showed it stays dead."""
    if accounts.watchlist(caller.user, params.watchlist) is not None:
        raise UsageError(
            "watchlist_already_exists",
            "the watchlist {watchlist!r} already exists",
            watchlist=params.watchlist,
        )
    if len(accounts.watchlists(caller.user)) >= MAX_LISTS:
        raise UsageError(
            "most_watchlists_delete_one",
            "you can have at most {max_lists} watchlists; delete one first",
            max_lists=MAX_LISTS,
        )
    assets, name = _parse_assets(catalog, params.assets), params.name.strip()
    restored = Watchlist(
        params.watchlist, caller.user, name, assets, params.position, 0, "", tuple(params.entities)
    )
    try:
        return _watchlist_result(accounts.put_watchlist(restored))
    except UsageError:
        # The id is somebody else's: say no more than for one that never was.
        raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=params.watchlist) from None


def _find_watchlist(accounts: UserStore, caller: Caller, watchlist_id: str) -> Watchlist:
    if caller.user == VISITOR.user:
        raise Forbidden("sign_keep_watchlists", "sign in to keep watchlists")
    stored = accounts.watchlist(caller.user, watchlist_id)
    if stored is None:
        raise NotFound("no_watchlist", "there is no watchlist {id!r}", id=watchlist_id)
    return stored


def _save_watchlist(
    accounts: UserStore, before: Watchlist, changed: Watchlist, revision: int | None
) -> WatchlistResult:
    saved = accounts.put_watchlist(changed, revision=before.revision if revision is None else revision)
    return _watchlist_result(saved)


def _move_name(names: list[str], name: str, to: str) -> list[str]:
    if name not in names:
        raise NotFound("not_in_list", "there is no {name!r} in this list", name=name)
    place = names.index(name)
    new_place = place - 1 if to == "up" else place + 1
    if 0 <= new_place < len(names):
        names[place], names[new_place] = names[new_place], names[place]
    return names


def _parse_assets(catalog: BarCatalog, words: list[str]) -> tuple[str, ...]:
    """Return the assets of ids and tickers, each once.

    Raises
    ------
    UsageError
        If some are not known: it names all of them, and what they may have meant.
    """
    asset_ids: dict[str, None] = {}
    unknown: list[str] = []
    for word in (word for word in words if word.strip()):
        try:
            asset_ids[catalog.find(word).id] = None
        except NotFound:
            unknown.append(word)
    if unknown:
        raise UsageError(_unknown_assets_text(catalog, unknown))
    return _check_size(tuple(asset_ids))


def _unknown_assets_text(catalog: BarCatalog, words: list[str]) -> str:
    unknown_text = ", ".join(repr(word[:80]) for word in words[:10])
    assets = catalog.assets()
    similar_by_id = {
        asset.id: asset for word in words[:10] for asset in similar_assets(assets, word.strip().lower())
    }
    if not similar_by_id:
        return Refusal(
            "no_asset_called",
            "no asset is called {unknown_text}; search finds the known ones, others need imported bars",
            unknown_text=unknown_text,
        )
    similar_text = ", ".join(
        f"{asset.symbol} ({asset.name})" for asset in list(similar_by_id.values())[:MAX_SUGGESTIONS]
    )
    return Refusal(
        "no_asset_called_similar",
        "no asset is called {unknown_text}; similar: {similar_text}",
        unknown_text=unknown_text,
        similar_text=similar_text,
    )


def _check_size(assets: tuple[str, ...]) -> tuple[str, ...]:
    if len(assets) > MAX_ASSETS:
        raise UsageError(
            "watchlist_holds_most_assets",
            "a watchlist holds at most {max_assets} assets, would hold {assets_count}",
            max_assets=MAX_ASSETS,
            assets_count=len(assets),
        )
    return assets


def _watchlist_result(watchlist: Watchlist) -> WatchlistResult:
    values: dict[str, Any] = {
        "name": watchlist.name,
        "position": watchlist.position,
        "revision": watchlist.revision,
    }
    values |= {"assets": list(watchlist.assets), "entities": list(watchlist.entities)}
    return WatchlistResult(watchlist=watchlist.id, share=watchlist.share, **values)
