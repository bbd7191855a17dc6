"""Sources of news of one's own: one form adds or changes, others pause, remove, and exchange lists with readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.answering import go, once, tried
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.pages.news.words import tiers
from vigie.views.web.pages.own_feeds.words import all_kinds, kinds, paces
from vigie.views.web.visit import Visit

LIST: Final = "list.opml"
# Names of the simulated world.
INVENTED: Final = ".example"
DONE: Final = ("added", "kept", "boxed", "changed", "removed", "restored", "untaken")
_GIVEN: Final = (
    "url",
    "title",
    "kind",
    "publisher",
    "language",
    "every_s",
    "feed",
    "revision",
    "rows",
    "date",
    "reads",
)
_STANDARD: Final = {"kind": "feed", "publisher": "media", "every_s": "300"}
NAMED: Final = re.compile(r"VIGIE_MAIL_[A-Z0-9_]{1,60}_KEY")
_BOX: Final = (
    "host",
    "port",
    "user",
    "folder",
    "secret",
    "title",
    "publisher",
    "language",
    "every_s",
    "feed",
    "revision",
)
_USUAL_BOX: Final = {"port": "993", "folder": "INBOX", "publisher": "media", "every_s": "300"}


def show(visit: Visit) -> dict[str, Any]:
    """Ask for what lies in the folder; the address may name one to change."""
    found = visit.ask("own_feeds.list")
    done = visit.query.get("done", "")
    chosen = next((one for one in found.feeds if one.id == visit.query.get("feed")), None)
    is_box = chosen is not None and chosen.kind == "mailbox"
    return {
        "own": found, "is_asked": lambda feed: _is_asked(visit, feed), "kinds": kinds(visit), "named": all_kinds(visit),
        "publishers": tiers(visit), "paces": paces(visit),
        "may_change": visit.caller.may("admin"), "done": done if done in DONE else "",
        "given": _given(None if is_box else chosen), "is_change": chosen is not None and not is_box,
        "box": _box(chosen if is_box else None), "is_box": is_box, "taken": None, "errors": [],
        "links": [], "silent": "", "removed": visit.query.get("feed", "") if done == "removed" else "",
    }  # fmt: skip


def _given(chosen: Any) -> dict[str, str]:
    given = {**dict.fromkeys(_GIVEN, ""), **_STANDARD}
    if chosen is not None:
        rest = {name: text for name, text in chosen.reads.items() if name not in ("rows", "date")}
        given |= {
            "url": chosen.url, "title": chosen.title, "kind": chosen.kind, "publisher": chosen.publisher,
            "language": chosen.language, "every_s": f"{chosen.every_s:g}", "feed": chosen.id,
            "revision": chosen.revision, "rows": chosen.reads.get("rows", ""), "date": chosen.reads.get("date", ""),
            "reads": "\n".join(f"{name} = {text}" for name, text in rest.items()),
        }  # fmt: skip
    return given


def _box(chosen: Any) -> dict[str, str]:
    given = {**dict.fromkeys(_BOX, ""), **_USUAL_BOX}
    if chosen is not None:
        given |= {name: chosen.reads[name] for name in _BOX if name in chosen.reads}
        given |= {
            "title": chosen.title, "publisher": chosen.publisher, "language": chosen.language,
            "every_s": f"{chosen.every_s:g}", "feed": chosen.id, "revision": chosen.revision,
        }  # fmt: skip
    return given


def put_mailbox(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add a mailbox of newsletters, or change the one that the form names."""

    def values(visit: Visit) -> dict[str, Any]:
        box = {**_box(None), **{name: form[name] for name in _BOX if name in form}}
        # Somebody may take the variable's field for the password's: what is none of its names is not shown again.
        box["secret"] = box["secret"] if box["secret"].startswith("VIGIE_MAIL_") else ""
        box["revision"] = _revision_now(visit, form)
        return {**show(visit), "box": box, "is_box": bool(form.get("feed"))}

    def work() -> Response:
        secret = form.get("secret", "").strip()
        if secret and not NAMED.fullmatch(secret):
            raise UsageError(
                "give the name of a variable such as VIGIE_MAIL_NAME_KEY, never the password itself"
            )
        given = {name: form.get(name, _USUAL_BOX.get(name, "")).strip() for name in _BOX}
        visit.ask("own_feeds.put_mailbox", **{**given, "secret": secret})
        return go("/sources/feeds", done="changed" if form.get("feed") else "boxed")

    return tried(visit, ALL, work, values, "host")


def put(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add a source, or change the one that the form names; an address that is new is asked once before.

    A page for readers is not taken, with the feeds that it names; what did not answer is, and told.
    """
    named: list[Any] = []

    def values(visit: Visit) -> dict[str, Any]:
        given = {**_given(None), **{name: form[name] for name in _GIVEN if name in form}}
        given["revision"] = _revision_now(visit, form)
        return {**show(visit), "given": given, "is_change": bool(form.get("feed")), "links": named}

    def work() -> Response:
        tried_once = _tried_once(visit, form)
        if tried_once is not None and tried_once.state == "page":
            named.extend(tried_once.links)
            raise UsageError("what stands at this address is a page for readers, no feed")
        reads = _rules(form.get("reads", ""))
        reads |= {name: form[name].strip() for name in ("rows", "date") if form.get(name, "").strip()}
        made = visit.ask(
            "own_feeds.put",
            url=form.get("url", "").strip(),
            title=form.get("title", "").strip(),
            kind=form.get("kind", "feed"),
            publisher=form.get("publisher", "media"),
            language=form.get("language", ""),
            every_s=form.get("every_s", "300"),
            feed=form.get("feed", ""),
            revision=form.get("revision", ""),
            reads=reads,
        )
        added = "added" if _is_asked(visit, made.feed) else "kept"
        if tried_once is not None and tried_once.state == "silent":
            done = "changed" if form.get("feed") else added
            return once(visit, ALL, {**show(visit), "done": done, "silent": tried_once.said})
        return go("/sources/feeds", done="changed" if form.get("feed") else added)

    return tried(visit, ALL, work, values, "url")


def _revision_now(visit: Visit, form: Mapping[str, str]) -> str:
    """Return what a form is about as it is now: who was told of another tab's change and keeps again, means it."""
    feeds = visit.ask("own_feeds.list").feeds
    return next((one.revision for one in feeds if one.id == form.get("feed")), "")


def _tried_once(visit: Visit, form: Mapping[str, str]) -> Any:
    """Return what an address answers that is not kept yet; None where it is, or nobody would ask it."""
    url, kind = form.get("url", "").strip(), form.get("kind", "feed")
    if not _is_reached(visit, url):
        return None
    held = next((one for one in visit.ask("own_feeds.list").feeds if one.id == form.get("feed")), None)
    if held is not None and (held.url, held.kind) == (url, kind):
        return None
    return visit.ask("own_feeds.try", url=url, kind=kind)


def _is_asked(visit: Visit, feed: Any) -> bool:
    """Tell whether the collector of this home will ask a source: a simulated one asks its own world alone."""
    return feed.is_on and (not feed.url or _is_reached(visit, feed.url))


def _is_reached(visit: Visit, url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        # What is no address is refused by who keeps it.
        return False
    return not visit.house.is_simulated or host.endswith(INVENTED)


def _rules(text: str) -> dict[str, str]:
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, sign, value = line.partition("=")
        if not sign or not value.strip():
            raise UsageError(
                f"each line must say where something stands, as `items = data.list`, was {line[:80]!r}"
            )
        found[name.strip()] = value.strip()
    return found


def switch(visit: Visit, form: Mapping[str, str]) -> Response:
    """Pause a source of one's own, go on with it, remove it and take that back, or try it now."""
    feed, to = form.get("feed", ""), form.get("to", "")

    def work() -> Response:
        if to == "remove":
            visit.ask("own_feeds.remove", feed=feed)
            return go("/sources/feeds", done="removed", feed=feed)
        if to == "restore":
            visit.ask("own_feeds.restore", feed=feed)
            return go("/sources/feeds", done="restored")
        if to == "test":
            is_asked = visit.ask("sources.test", source=feed).wanted == "now"
            return go(f"/sources/{feed}", done="tested" if is_asked else "still_paused", source=feed)
        visit.ask("own_feeds.switch", feed=feed, is_on=to == "on")
        return go("/sources/feeds", done="changed")

    return tried(visit, ALL, work, show)


def tell_apart(visit: Visit, form: Mapping[str, str]) -> Response:
    """Say whether two sources with the same items have two owners, and go back."""
    to = form.get("to", "") == "two"
    visit.ask("own_feeds.tell_apart", feed=form.get("feed", ""), other=form.get("other", ""), is_apart=to)
    return go("/sources#feeds")


def take(visit: Visit, form: Mapping[str, str]) -> Response:
    """Add the feeds of a list; what was added and what was not is told once."""
    text = form.get("file", "") or form.get("text", "")

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        if not text.strip():
            raise UsageError("choose a file or paste its lines first")
        found = visit.ask("own_feeds.take", text=text)
        return once(visit, ALL, {**show(visit), "taken": found})

    return tried(visit, ALL, work, show, "file")


def take_back(visit: Visit, form: Mapping[str, str]) -> Response:
    """Remove what a list has just added, as far as it is still there."""

    def work() -> Response:
        there = {one.id for one in visit.ask("own_feeds.list").feeds}
        for feed in form.get("added", "").split(","):
            if feed in there:
                visit.ask("own_feeds.remove", feed=feed)
        return go("/sources/feeds", done="untaken")

    return tried(visit, ALL, work, show)


def send(visit: Visit) -> Response:
    """Give the list as other readers take it."""
    if visit.params["name"] != LIST:
        raise NotFound(f"there is no file {visit.params['name']!r}; /sources/feeds/{LIST} is the list")
    headers = {"Content-Disposition": 'attachment; filename="vigie-feeds.opml"'}
    return Response(
        visit.ask("own_feeds.opml").text, media_type="text/x-opml; charset=utf-8", headers=headers
    )


ALL = Page(
    name="own_feeds",
    path="/sources/feeds",
    title="Sources of news of your own",
    description="Add a feed, a page, a register or a mailbox; pause and remove it; exchange lists with other readers.",
    show=show,
    acts={
        "/sources/feeds": put,
        "/sources/feeds/mailbox": put_mailbox,
        "/sources/feeds/switch": switch,
        "/sources/feeds/take": take,
        "/sources/feeds/take/undo": take_back,
        "/sources/feeds/owners": tell_apart,
    },
    files={"/sources/feeds/take": "file"},
    folder="own_feeds",
)
PAGES = (
    ALL,
    Page(
        name="own_feeds_file",
        path="/sources/feeds/{name}",
        title="List of your feeds",
        description="Your own feeds as a list that other readers take (OPML).",
        show=send,
    ),
)
