"""Sources of news of one's own: one form adds or changes, others pause, remove, and exchange lists with readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vigie.domain.errors import NotFound, UsageError
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.forms import REFUSED
from vigie.views.web.page import Page
from vigie.views.web.pages.news.words import tiers
from vigie.views.web.pages.own_feeds.words import all_kinds, kinds, paces
from vigie.views.web.request_context import RequestContext

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


def show(context: RequestContext) -> dict[str, Any]:
    """Ask for what lies in the folder; the address may name one to change."""
    own_feeds = context.call("own_feeds.list")
    done = context.query.get("done", "")
    chosen = next(
        (own_feed for own_feed in own_feeds.feeds if own_feed.id == context.query.get("feed")), None
    )
    is_box = chosen is not None and chosen.kind == "mailbox"
    return {
        "own": own_feeds, "is_asked": lambda feed: _is_asked(context, feed), "kinds": kinds(context),
        "named": all_kinds(context),
        "publishers": tiers(context), "paces": paces(context),
        "may_change": context.caller.may("admin"), "done": done if done in DONE else "",
        "given": _feed_values(None if is_box else chosen), "is_change": chosen is not None and not is_box,
        "box": _mailbox_values(chosen if is_box else None), "is_box": is_box, "taken": None, "errors": [],
        "links": [], "silent": "", "removed": context.query.get("feed", "") if done == "removed" else "",
    }  # fmt: skip


def _feed_values(chosen: Any) -> dict[str, str]:
    values = {**dict.fromkeys(_GIVEN, ""), **_STANDARD}
    if chosen is not None:
        other_rules = {name: text for name, text in chosen.reads.items() if name not in ("rows", "date")}
        values |= {
            "url": chosen.url, "title": chosen.title, "kind": chosen.kind, "publisher": chosen.publisher,
            "language": chosen.language, "every_s": f"{chosen.every_s:g}", "feed": chosen.id,
            "revision": chosen.revision, "rows": chosen.reads.get("rows", ""), "date": chosen.reads.get("date", ""),
            "reads": "\n".join(f"{name} = {text}" for name, text in other_rules.items()),
        }  # fmt: skip
    return values


def _mailbox_values(chosen: Any) -> dict[str, str]:
    values = {**dict.fromkeys(_BOX, ""), **_USUAL_BOX}
    if chosen is not None:
        values |= {name: chosen.reads[name] for name in _BOX if name in chosen.reads}
        values |= {
            "title": chosen.title, "publisher": chosen.publisher, "language": chosen.language,
            "every_s": f"{chosen.every_s:g}", "feed": chosen.id, "revision": chosen.revision,
        }  # fmt: skip
    return values


def save_mailbox(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a mailbox of newsletters, or change the one that the form names."""

    def values(context: RequestContext) -> dict[str, Any]:
        mailbox = {**_mailbox_values(None), **{name: form[name] for name in _BOX if name in form}}
        # Somebody may take the variable's field for the password's: what is none of its names is not shown again.
        mailbox["secret"] = mailbox["secret"] if mailbox["secret"].startswith("VIGIE_MAIL_") else ""
        mailbox["revision"] = _current_revision(context, form)
        return {**show(context), "box": mailbox, "is_box": bool(form.get("feed"))}

    def work() -> Response:
        secret = form.get("secret", "").strip()
        if secret and not NAMED.fullmatch(secret):
            raise UsageError(
                "give_name_variable_such_vigie",
                "give the name of a variable such as VIGIE_MAIL_NAME_KEY, never the password itself",
            )
        inputs = {name: form.get(name, _USUAL_BOX.get(name, "")).strip() for name in _BOX}
        context.call("own_feeds.put_mailbox", **{**inputs, "secret": secret})
        return redirect("/sources/feeds", done="changed" if form.get("feed") else "boxed")

    return handle_form(context, ALL, work, values, "host")


def save_feed(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a source, or change the one that the form names; an address that is new is asked once before.

    A page for readers is not taken, with the feeds that it names; what did not answer is, and told.
    """
    links: list[Any] = []

    def values(context: RequestContext) -> dict[str, Any]:
        feed_values = {**_feed_values(None), **{name: form[name] for name in _GIVEN if name in form}}
        feed_values["revision"] = _current_revision(context, form)
        return {**show(context), "given": feed_values, "is_change": bool(form.get("feed")), "links": links}

    def work() -> Response:
        trial = _try_address(context, form)
        if trial is not None and trial.state == "page":
            links.extend(trial.links)
            raise UsageError("address_web_page", "this address is a web page, not a feed")
        reads = _parse_rules(form.get("reads", ""))
        reads |= {name: form[name].strip() for name in ("rows", "date") if form.get(name, "").strip()}
        saved = context.call(
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
        added = "added" if _is_asked(context, saved.feed) else "kept"
        if trial is not None and trial.state == "silent":
            done = "changed" if form.get("feed") else added
            return render_uncached(context, ALL, {**show(context), "done": done, "silent": trial.said})
        return redirect("/sources/feeds", done="changed" if form.get("feed") else added)

    return handle_form(context, ALL, work, values, "url")


def _current_revision(context: RequestContext, form: Mapping[str, str]) -> str:
    """Return what a form is about as it is now: who was told of another tab's change and keeps again, means it."""
    feeds = context.call("own_feeds.list").feeds
    return next((feed.revision for feed in feeds if feed.id == form.get("feed")), "")


def _try_address(context: RequestContext, form: Mapping[str, str]) -> Any:
    """Return what an address answers that is not kept yet; None where it is, or nobody would ask it."""
    url, kind = form.get("url", "").strip(), form.get("kind", "feed")
    if not _is_reached(context, url):
        return None
    stored = next(
        (feed for feed in context.call("own_feeds.list").feeds if feed.id == form.get("feed")), None
    )
    if stored is not None and (stored.url, stored.kind) == (url, kind):
        return None
    return context.call("own_feeds.try", url=url, kind=kind)


def _is_asked(context: RequestContext, feed: Any) -> bool:
    """Tell whether the collector of this home will ask a source: a simulated one asks its own world alone."""
    return feed.is_on and (not feed.url or _is_reached(context, feed.url))


def _is_reached(context: RequestContext, url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        # What is no address is refused by who keeps it.
        return False
    return not context.app_context.is_simulated or host.endswith(INVENTED)


def _parse_rules(text: str) -> dict[str, str]:
    rules = {}
    for line in filter(str.strip, text.splitlines()):
        name, sign, value = line.partition("=")
        if not sign or not value.strip():
            raise UsageError(
                "each_line_must_say_where",
                "each line must say where a field is, such as `items = data.list`, was {line!r}",
                line=line[:80],
            )
        rules[name.strip()] = value.strip()
    return rules


def change_feed(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Pause a source of one's own, go on with it, remove it and take that back, or try it now."""
    feed, to = form.get("feed", ""), form.get("to", "")

    def work() -> Response:
        if to == "remove":
            context.call("own_feeds.remove", feed=feed)
            return redirect("/sources/feeds", done="removed", feed=feed)
        if to == "restore":
            context.call("own_feeds.restore", feed=feed)
            return redirect("/sources/feeds", done="restored")
        if to == "test":
            is_asked = context.call("sources.test", source=feed).wanted == "now"
            return redirect(f"/sources/{feed}", done="tested" if is_asked else "still_paused", source=feed)
        context.call("own_feeds.switch", feed=feed, is_on=to == "on")
        return redirect("/sources/feeds", done="changed")

    return handle_form(context, ALL, work, show)


def set_owners(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Say whether two sources with the same items have two owners, and go back."""
    to = form.get("to", "") == "two"
    context.call("own_feeds.tell_apart", feed=form.get("feed", ""), other=form.get("other", ""), is_apart=to)
    return redirect("/sources#feeds")


def import_list(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add the feeds of a list; what was added and what was not is told once."""
    text = form.get("file", "") or form.get("text", "")

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        if not text.strip():
            raise UsageError("choose_file_paste_lines_first", "choose a file or paste its lines first")
        imported = context.call("own_feeds.take", text=text)
        return render_uncached(context, ALL, {**show(context), "taken": imported})

    return handle_form(context, ALL, work, show, "file")


def undo_import(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove what a list has just added, as far as it is still there."""

    def work() -> Response:
        present = {own_feed.id for own_feed in context.call("own_feeds.list").feeds}
        for feed in form.get("added", "").split(","):
            if feed in present:
                context.call("own_feeds.remove", feed=feed)
        return redirect("/sources/feeds", done="untaken")

    return handle_form(context, ALL, work, show)


def send_list(context: RequestContext) -> Response:
    """Give the list as other readers take it."""
    if context.params["name"] != LIST:
        raise NotFound(
            "no_file",
            "there is no file {name!r}; /sources/feeds/{list} is the list",
            name=context.params["name"],
            list=LIST,
        )
    headers = {"Content-Disposition": 'attachment; filename="vigie-feeds.opml"'}
    return Response(
        context.call("own_feeds.opml").text, media_type="text/x-opml; charset=utf-8", headers=headers
    )


ALL = Page(
    name="own_feeds",
    path="/sources/feeds",
    title="Your news sources",
    description="Add a feed, page, register or mailbox, pause or remove it, and exchange lists with other news "
    "readers.",
    show=show,
    actions={
        "/sources/feeds": save_feed,
        "/sources/feeds/mailbox": save_mailbox,
        "/sources/feeds/switch": change_feed,
        "/sources/feeds/take": import_list,
        "/sources/feeds/take/undo": undo_import,
        "/sources/feeds/owners": set_owners,
    },
    files={"/sources/feeds/take": "file"},
    folder="own_feeds",
)
GROUP: Final = "system"
PAGES = (
    ALL,
    Page(
        name="own_feeds_file",
        path="/sources/feeds/{name}",
        title="Your feeds (OPML)",
        description="Your feeds as an OPML list for other news readers.",
        show=send_list,
    ),
)
