"""Watchlists: all of them, one, and one that somebody shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.responses import Response

from vigie.domain.errors import Conflict, NotFound, UsageError
from vigie.views.web.answering import again, go, once, tried
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.pages.news import words
from vigie.views.web.visit import Visit


def show_all(visit: Visit) -> dict[str, Any]:
    """Ask for all lists."""
    deleted, moved = None, None
    if visit.query.get("moved") and visit.query.get("back") in ("up", "down"):
        moved = {"watchlist": visit.query["moved"], "to": visit.query["back"]}
    if visit.query.get("deleted"):
        names = ("deleted", "name", "assets", "entities", "position")
        deleted = {name: visit.query.get(name, "") for name in names}
    return {
        "table": visit.ask("watchlists.list"),
        "deleted": deleted,
        "moved": moved,
        "imported": None,
        "done": visit.query.get("done", ""),
        "text": "",
        "plan": None,
        "given": {},
        "errors": [],
    }


def show_one(visit: Visit) -> dict[str, Any]:
    """Ask for one list and the prices of what it holds."""
    was = visit.query.get("was")
    return {**_list(visit, watchlist=visit.params["id"]), "was": was, "typed": "", "errors": []}


def show_shared(visit: Visit) -> dict[str, Any]:
    """Ask for a list by the word of its link."""
    return _list(visit, share=visit.params["word"])


def _list(visit: Visit, **which: str) -> dict[str, Any]:
    one = visit.ask("watchlists.read", **which)
    rows: dict[str, Any] = {}
    prices = None
    if one.assets:
        prices = visit.ask("markets.list", assets=",".join(one.assets), limit=500)
        rows = {row["asset"]: row for row in prices.rows}
        # In the order of the list, whatever the table was sorted by.
        prices = prices.model_copy(update={"rows": [rows[one] for one in one.assets if one in rows]})
    names = words.entities(visit, ",".join(one.entities))
    return {"one": one, "prices": prices, "names": names}


def create(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make a list and open it; what was typed stays where an asset of it is not known."""

    def values(visit: Visit) -> dict[str, Any]:
        return {**show_all(visit), "given": {name: form.get(name, "") for name in ("name", "assets")}}

    def work() -> Response:
        words = [word.strip() for word in form.get("assets", "").split(",") if word.strip()]
        made = visit.ask("watchlists.create", name=form.get("name", ""), assets=words)
        return go(f"/watchlists/{made.watchlist}")

    return tried(visit, ALL, work, values, "assets" if form.get("name", "").strip() else "name")


def move(visit: Visit, form: Mapping[str, str]) -> Response:
    """Move a list one place."""
    watchlist, to = form.get("watchlist", ""), form.get("to", "")
    before = _order(visit)
    visit.ask("watchlists.move", watchlist=watchlist, to=to)
    if _order(visit) == before:
        return go("/watchlists")
    return go("/watchlists", moved=watchlist, back="down" if to == "up" else "up")


def _order(visit: Visit) -> list[str]:
    return [row["id"] for row in visit.ask("watchlists.list").rows]


def delete(visit: Visit, form: Mapping[str, str]) -> Response:
    """Delete a list; the next page offers to bring it back."""
    gone = visit.ask("watchlists.delete", watchlist=form.get("watchlist", ""))
    return go(
        "/watchlists",
        deleted=gone.watchlist,
        name=gone.name,
        assets=",".join(gone.assets),
        entities=",".join(gone.entities),
        position=gone.position,
    )


def restore(visit: Visit, form: Mapping[str, str]) -> Response:
    """Bring a deleted list back."""

    def work() -> Response:
        visit.ask(
            "watchlists.restore",
            watchlist=form.get("deleted", ""),
            name=form.get("name", ""),
            assets=[word for word in form.get("assets", "").split(",") if word],
            entities=[word for word in form.get("entities", "").split(",") if word],
            position=form.get("position", "0"),
        )
        return go("/watchlists", done="restored")

    return tried(visit, ALL, work, show_all)


def read_file(visit: Visit, form: Mapping[str, str]) -> Response:
    """Show what a file would change, and make it so once that was seen."""
    text, is_sure = form.get("file", "") or form.get("text", ""), "sure" in form

    def values(visit: Visit) -> dict[str, Any]:
        return {**show_all(visit), "text": text}

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        if not text.strip():
            raise UsageError("choose a file or paste its lines first")
        before = _kept(visit)
        plan = visit.ask("watchlists.import", text=text, dry_run=not is_sure)
        if not is_sure:
            return once(visit, ALL, {**values(visit), "plan": plan})
        return once(visit, ALL, {**show_all(visit), "imported": _way_back(before, _kept(visit))})

    return tried(visit, ALL, work, values, "file" if form.get(REFUSED) else "text")


def take_back(visit: Visit, form: Mapping[str, str]) -> Response:
    """Set the lists that a file changed as they were before it, and remove those it made."""

    def work() -> Response:
        now = _kept(visit)
        was = [_Was(*part.split("|")) for part in form.get("was", "").split(";") if part.count("|") == 4]
        # Looked at before anything is changed: all of it goes back, or nothing does.
        if any(one.watchlist in now and str(now[one.watchlist].revision) != one.revision for one in was):
            raise Conflict("a list was changed meanwhile; load again, then change it by hand")
        for one in was:
            if one.watchlist not in now:
                continue
            if one.made:
                visit.ask("watchlists.delete", watchlist=one.watchlist)
            else:
                assets = [asset for asset in one.assets.split(",") if asset]
                entities = [entity for entity in one.entities.split(",") if entity]
                visit.ask(
                    "watchlists.change", watchlist=one.watchlist, assets=assets, entities=entities,
                    revision=one.revision,
                )  # fmt: skip
        return go("/watchlists", done="restored")

    return tried(visit, ALL, work, show_all)


class _Was(NamedTuple):
    """A list before a file was read in, and its revision after that."""

    watchlist: str
    revision: str
    made: str
    assets: str
    entities: str


def _kept(visit: Visit) -> dict[str, Any]:
    return {one: visit.ask("watchlists.read", watchlist=one) for one in _order(visit)}


def _way_back(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Write what `take_back` reads: each list that differs, as it was."""
    return ";".join(
        "|".join(
            _Was(
                key,
                str(one.revision),
                *(("1", "", "") if key not in before else ("", *_joined(before[key]))),
            )
        )
        for key, one in after.items()
        if key not in before or _joined(before[key]) != _joined(one)
    )


def _joined(one: Any) -> tuple[str, str]:
    return ",".join(one.assets), ",".join(one.entities)


def change(visit: Visit, form: Mapping[str, str]) -> Response:
    """Rename a list, add, remove or move an asset, or set all as it was before."""
    watchlist = form.get("watchlist", "")
    revision = form.get("revision") or None
    before = visit.ask("watchlists.read", watchlist=watchlist)

    def work() -> Response:
        which = {"watchlist": watchlist, "revision": revision}
        if "add" in form:
            words = [word.strip() for word in form["add"].split(",") if word.strip()]
            visit.ask("watchlists.change", **which, assets=[*before.assets, *words])
        elif "remove" in form:
            visit.ask("watchlists.remove", **which, asset=form["remove"])
        elif "up" in form or "down" in form:
            to = "up" if "up" in form else "down"
            visit.ask("watchlists.move", **which, asset=form[to], to=to)
        elif "assets" in form:
            visit.ask("watchlists.change", **which, assets=[one for one in form["assets"].split(",") if one])
        else:
            visit.ask("watchlists.change", **which, name=form.get("name", ""))
        is_same = visit.ask("watchlists.read", watchlist=watchlist).assets == before.assets
        return go(f"/watchlists/{watchlist}", **({} if is_same else {"was": ",".join(before.assets)}))

    try:
        return work()
    except UsageError as fault:
        # An asset that is not known is a slip of the person, a list that is not there is not.
        if isinstance(fault, NotFound):
            raise
        shown = {**_list(visit, watchlist=watchlist), "was": None, "typed": form.get("add", "")}
        return again(visit, ONE, shown, fault, "add" if "add" in form else "name")


def share(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make a link, or end it."""
    watchlist = form.get("watchlist", "")
    visit.ask("watchlists.share", watchlist=watchlist, is_shared="stop" not in form)
    return go(f"/watchlists/{watchlist}")


def copy(visit: Visit, form: Mapping[str, str]) -> Response:
    """Make a list of one's own out of one that somebody shared."""
    one = visit.ask("watchlists.read", share=form.get("share", ""))
    made = visit.ask("watchlists.create", name=one.name, assets=one.assets, entities=one.entities)
    return go(f"/watchlists/{made.watchlist}")


ALL = Page(
    name="watchlists",
    path="/watchlists",
    title="Watchlists",
    description="Your lists of assets: make, order, share, import and export them.",
    show=show_all,
    acts={
        "/watchlists": create,
        "/watchlists/move": move,
        "/watchlists/delete": delete,
        "/watchlists/restore": restore,
        "/watchlists/import": read_file,
        "/watchlists/import/undo": take_back,
        "/watchlists/change": change,
        "/watchlists/share": share,
        "/watchlists/copy": copy,
    },
    files={"/watchlists/import": "file"},
    folder="watchlists",
)
ONE = Page(
    name="watchlist",
    path="/watchlists/{id}",
    title="Watchlist",
    description="The assets of one list with their prices; add, remove and order them.",
    show=show_one,
    template="one.html",
    folder="watchlists",
)
PAGES = (
    ALL,
    ONE,
    Page(
        name="shared",
        path="/shared/{word}",
        title="Shared watchlist",
        description="A list of assets that somebody shared by a link, with prices; it cannot be changed here.",
        show=show_shared,
        template="shared.html",
        is_public=True,
        folder="watchlists",
    ),
)
