"""Lists of feeds as readers exchange them: OPML 2.0, read without trusting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from vigie.domain.errors import UsageError
from vigie.ports.own_feeds import OwnFeed

LONGEST: Final = 1_000_000
MOST: Final = 300


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed of a list: title, address, and the language where one is stated."""

    title: str
    url: str
    language: str = ""


def render_opml(feeds: Sequence[OwnFeed], title: str) -> str:
    """Return feeds as a list; those that are no feed are left out, since no reader could read them."""
    lines = [
        f'    <outline type="rss" text={quoteattr(feed.title)} title={quoteattr(feed.title)} '
        f"xmlUrl={quoteattr(feed.url)}"
        + (f" language={quoteattr(feed.language)}" if feed.language else "")
        + "/>"
        for feed in feeds
        if feed.kind in ("feed", "youtube", "reddit", "mastodon", "bluesky") and feed.url
    ]
    head = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        f"  <head><title>{escape(title)}</title></head>",
    ]
    return "\n".join([*head, "  <body>", *lines, "  </body>", "</opml>", ""])


def parse_opml(text: str) -> list[ListedFeed]:
    """Return the feeds of a list, in its order, each address once.

    Raises
    ------
    UsageError
        If it is no OPML, is too long, or declares entities of its own.
    """
    if len(text) > LONGEST:
        raise UsageError(
            "feed_list_must_most_characters",
            "a feed list must have at most {longest} characters, had {text_count}",
            longest=LONGEST,
            text_count=len(text),
        )
    feeds: dict[str, ListedFeed] = {}
    roots: list[str] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if not roots:
            roots.append(name.lower())
        values = {key.lower(): value.strip() for key, value in attributes.items()}
        url = values.get("xmlurl", "")
        if name.lower() == "outline" and url:
            title = values.get("title") or values.get("text") or ""
            feeds.setdefault(url, ListedFeed(title, url, values.get("language", "")[:2].lower()))

    def refuse(*_declared: object) -> None:
        raise UsageError("feed_list_must_not_declare", "a feed list must not declare its own XML entities")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(text.lstrip("\ufeff \r\n\t"), True)
    except expat.ExpatError as fault:
        raise UsageError(
            "feed_list_cannot_read", "the feed list cannot be read: {fault}", fault=fault
        ) from fault
    if roots != ["opml"]:
        raise UsageError(
            "feed_list_must_start_opml",
            "a feed list must start with <opml>, started with <{roots}>",
            roots="".join(roots),
        )
    if len(feeds) > MOST:
        raise UsageError(
            "feed_list_must_most_feeds",
            "a feed list must have at most {most} feeds, had {feeds_count}",
            most=MOST,
            feeds_count=len(feeds),
        )
    return list(feeds.values())
