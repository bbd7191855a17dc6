"""Watchlists: all of them, one, and one that somebody shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.responses import Response

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.views.web.form_responses import handle_form, redirect, render_form_error, render_uncached
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.request_context import RequestContext


def show_all(context: RequestContext) -> dict[str, Any]:
    """Ask for all lists."""
    deleted, moved = None, None
    if context.query.get("moved") and context.query.get("back") in ("up", "down"):
        moved = {"watchlist": context.query["moved"], "to": context.query["back"]}
    if context.query.get("deleted"):
        names = ("deleted", "name", "assets", "entities", "position")
        deleted = {name: context.query.get(name, "") for name in names}
    return {
        "table": context.call("watchlists.list"),
        "deleted": deleted,
        "moved": moved,
        "imported": None,
        "done": context.query.get("done", ""),
        "text": "",
        "plan": None,
        "given": {},
        "errors": [],
    }


def show_one(context: RequestContext) -> dict[str, Any]:
    """Ask for one list and the prices of what it holds."""
    assets_before = context.query.get("was")
    return {
        **_watchlist_values(context, watchlist=context.params["id"]),
        "was": assets_before,
        "typed": "",
        "errors": [],
    }


def show_shared(context: RequestContext) -> dict[str, Any]:
    """Ask for a list by the word of its link."""
    return _watchlist_values(context, share=context.params["word"])


def _watchlist_values(context: RequestContext, **target: str) -> dict[str, Any]:
    item = context.call("watchlists.read", **target)
    rows: dict[str, Any] = {}
    prices = None
    if item.assets:
        prices = context.call("markets.list", assets=",".join(item.assets), limit=500)
        rows = {row["asset"]: row for row in prices.rows}
        # In the order of the list, whatever the table was sorted by.
        prices = prices.model_copy(update={"rows": [rows[item] for item in item.assets if item in rows]})
    names = words.entity_names(context, ",".join(item.entities))
    return {"one": item, "prices": prices, "names": names}


def create_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a list and open it; what was typed stays where an asset of it is not known."""

    def values(context: RequestContext) -> dict[str, Any]:
        return {**show_all(context), "given": {name: form.get(name, "") for name in ("name", "assets")}}

    def work() -> Response:
        asset_names = [word.strip() for word in form.get("assets", "").split(",") if word.strip()]
        created = context.call("watchlists.create", name=form.get("name", ""), assets=asset_names)
        return redirect(f"/watchlists/{created.watchlist}")

    return handle_form(context, ALL, work, values, "assets" if form.get("name", "").strip() else "name")


def follow_asset(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Put an asset on the first list or take it off; who has none gets one. The way leads back to its page."""
    asset, first = form.get("asset", ""), context.call("watchlists.read")
    if not first.watchlist:
        context.call("watchlists.create", name=context.text("Watchlist"), assets=[asset])
    elif form.get("to") == "off":
        context.call("watchlists.remove", watchlist=first.watchlist, asset=asset)
    else:
        context.call("watchlists.add", watchlist=first.watchlist, asset=asset)
    return redirect(f"/asset/{quote(asset, safe='')}")


def move_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Move a list one place."""
    watchlist, to = form.get("watchlist", ""), form.get("to", "")
    before = _watchlist_ids(context)
    context.call("watchlists.move", watchlist=watchlist, to=to)
    if _watchlist_ids(context) == before:
        return redirect("/watchlists")
    return redirect("/watchlists", moved=watchlist, back="down" if to == "up" else "up")


def _watchlist_ids(context: RequestContext) -> list[str]:
    return [row["id"] for row in context.call("watchlists.list").rows]


def delete_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Delete a list; the next page offers to bring it back."""
    deleted = context.call("watchlists.delete", watchlist=form.get("watchlist", ""))
    return redirect(
        "/watchlists",
        deleted=deleted.watchlist,
        name=deleted.name,
        assets=",".join(deleted.assets),
        entities=",".join(deleted.entities),
        position=deleted.position,
    )


def restore_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Bring a deleted list back."""

    def work() -> Response:
        context.call(
            "watchlists.restore",
            watchlist=form.get("deleted", ""),
            name=form.get("name", ""),
            assets=[word for word in form.get("assets", "").split(",") if word],
            entities=[word for word in form.get("entities", "").split(",") if word],
            position=form.get("position", "0"),
        )
        return redirect("/watchlists", done="restored")

    return handle_form(context, ALL, work, show_all)


def import_file(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Show what a file would change, and make it so once that was seen."""
    text, is_sure = form.get("file", "") or form.get("text", ""), "sure" in form

    def values(context: RequestContext) -> dict[str, Any]:
        return {**show_all(context), "text": text}

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        if not text.strip():
            raise UsageError("choose_file_paste_lines_first", "choose a file or paste its lines first")
        before = _all_watchlists(context)
        plan = context.call("watchlists.import", text=text, dry_run=not is_sure)
        if not is_sure:
            return render_uncached(context, ALL, {**values(context), "plan": plan})
        return render_uncached(
            context, ALL, {**show_all(context), "imported": _undo_text(before, _all_watchlists(context))}
        )

    return handle_form(context, ALL, work, values, "file" if form.get(REFUSED) else "text")


def undo_import(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Set the lists that a file changed as they were before it, and remove those it made."""

    def work() -> Response:
        current = _all_watchlists(context)
        befores = [
            _WatchlistBefore(*part.split("|"))
            for part in form.get("was", "").split(";")
            if part.count("|") == 4
        ]
        # Looked at before anything is changed: all of it goes back, or nothing does.
        if any(
            item.watchlist in current and str(current[item.watchlist].revision) != item.revision
            for item in befores
        ):
            raise Conflict("list_changed_since", "a list has changed since; reload, then change it by hand")
        for item in befores:
            if item.watchlist not in current:
                continue
            if item.made:
                context.call("watchlists.delete", watchlist=item.watchlist)
            else:
                assets = [asset for asset in item.assets.split(",") if asset]
                entities = [entity for entity in item.entities.split(",") if entity]
                context.call(
                    "watchlists.change", watchlist=item.watchlist, assets=assets, entities=entities,
                    revision=item.revision,
                )  # fmt: skip
        return redirect("/watchlists", done="restored")

    return handle_form(context, ALL, work, show_all)


class _WatchlistBefore(NamedTuple):
    """A list before a file was read in, and its revision after that."""

    watchlist: str
    revision: str
    made: str
    assets: str
    entities: str


def _all_watchlists(context: RequestContext) -> dict[str, Any]:
    return {id_: context.call("watchlists.read", watchlist=id_) for id_ in _watchlist_ids(context)}


def _undo_text(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Write what `undo_import` reads: each list that differs, as it was."""
    return ";".join(
        "|".join(
            _WatchlistBefore(
                key,
                str(watchlist.revision),
                *(("1", "", "") if key not in before else ("", *_joined_members(before[key]))),
            )
        )
        for key, watchlist in after.items()
        if key not in before or _joined_members(before[key]) != _joined_members(watchlist)
    )


def _joined_members(watchlist: Any) -> tuple[str, str]:
    return ",".join(watchlist.assets), ",".join(watchlist.entities)


def change_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Rename a list, add, remove or move an asset, or set all as it was before."""
    watchlist = form.get("watchlist", "")
    revision = form.get("revision") or None
    before = context.call("watchlists.read", watchlist=watchlist)

    def work() -> Response:
        target = {"watchlist": watchlist, "revision": revision}
        if "add" in form:
            words = [word.strip() for word in form["add"].split(",") if word.strip()]
            context.call("watchlists.change", **target, assets=[*before.assets, *words])
        elif "remove" in form:
            context.call("watchlists.remove", **target, asset=form["remove"])
        elif "up" in form or "down" in form:
            to = "up" if "up" in form else "down"
            context.call("watchlists.move", **target, asset=form[to], to=to)
        elif "assets" in form:
            context.call(
                "watchlists.change", **target, assets=[asset for asset in form["assets"].split(",") if asset]
            )
        else:
            context.call("watchlists.change", **target, name=form.get("name", ""))
        is_same = context.call("watchlists.read", watchlist=watchlist).assets == before.assets
        return redirect(f"/watchlists/{watchlist}", **({} if is_same else {"was": ",".join(before.assets)}))

    try:
        return work()
    except UsageError as fault:
        # An asset that is not known is a slip of the person, a list that is not there is not.
        if isinstance(fault, NotFound):
            raise
        values = {
            **_watchlist_values(context, watchlist=watchlist),
            "was": None,
            "typed": form.get("add", ""),
        }
        return render_form_error(context, ONE, values, fault, "add" if "add" in form else "name")


def share_watchlist(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a link, or end it."""
    watchlist = form.get("watchlist", "")
    context.call("watchlists.share", watchlist=watchlist, is_shared="stop" not in form)
    return redirect(f"/watchlists/{watchlist}")


def copy_shared(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Make a list of one's own out of one that somebody shared."""
    shared = context.call("watchlists.read", share=form.get("share", ""))
    created = context.call(
        "watchlists.create", name=shared.name, assets=shared.assets, entities=shared.entities
    )
    return redirect(f"/watchlists/{created.watchlist}")


ALL = Page(
    name="watchlists",
    path="/watchlists",
    title="Watchlists",
    description="Your watchlists: create, sort, share, import and export them.",
    show=show_all,
    actions={
        "/watchlists": create_watchlist,
        "/watchlists/follow": follow_asset,
        "/watchlists/move": move_watchlist,
        "/watchlists/delete": delete_watchlist,
        "/watchlists/restore": restore_watchlist,
        "/watchlists/import": import_file,
        "/watchlists/import/undo": undo_import,
        "/watchlists/change": change_watchlist,
        "/watchlists/share": share_watchlist,
        "/watchlists/copy": copy_shared,
    },
    files={"/watchlists/import": "file"},
    folder="watchlists",
)
ONE = Page(
    name="watchlist",
    path="/watchlists/{id}",
    title="Watchlist",
    description="The assets of a watchlist with their prices: add, remove and sort them.",
    show=show_one,
    template="one.html",
    folder="watchlists",
)
GROUP = "markets"
PAGES = (
    ALL,
    ONE,
    Page(
        name="shared",
        path="/shared/{word}",
        title="Shared watchlist",
        description="A list of assets with prices, shared by link, read-only.",
        show=show_shared,
        template="shared.html",
        is_public=True,
        folder="watchlists",
    ),
)
