"""How outlets list their newest pieces: RSS 2.0, Atom and JSON Feed 1.1, each with habits of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from vigie.sandbox.world.newsroom.grammar import words
from vigie.sandbox.world.newsroom.outlets import Outlet
from vigie.sandbox.world.newsroom.writing import Article

MARK: Final = {"en": "simulated", "fr": "simulé"}
MEDIA_TYPES: Final = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


def feed(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    """Return an outlet's feed in its own form.

    Parameters
    ----------
    articles : sequence of Article
        Newest first.
    changed_ms : int
        When the feed last changed.
    """
    return {"rss": _rss, "atom": _atom, "json": _json}[outlet.form](outlet, articles, changed_ms)


def about(outlet: Outlet) -> str:
    """Return the line that says that it is all invented."""
    line: str = words()["marks"]["simulated"][0 if outlet.language == "en" else 1]
    return line


def iso(ms: int) -> str:
    """Return a time as Atom and HTML write it."""
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _title(outlet: Outlet) -> str:
    return f"{outlet.title} ({MARK[outlet.language]})"


def _rss(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{escape(one.url)}</link>"
        f'<guid isPermaLink="false">{outlet.id}-{one.piece.id}</guid>'
        f"<pubDate>{_mail_date(one.ts)}</pubDate><category>{MARK[outlet.language]}</category>"
        f"<description>{escape(f'<p>{escape(one.teaser)}</p>')}</description></item>\n"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(_title(outlet))}</title><link>{outlet.site}</link>"
        f"<description>{escape(about(outlet))}</description><language>{outlet.language}</language>"
        f"<lastBuildDate>{_mail_date(changed_ms)}</lastBuildDate><ttl>5</ttl>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    entries = "".join(
        f"<entry><id>tag:{outlet.host},2026:{one.piece.id}</id><title>{escape(one.title)}</title>"
        f'<link rel="alternate" href={quoteattr(one.url)}/><published>{iso(one.ts)}</published>'
        f'<updated>{iso(one.changed_ms)}</updated><category term="{MARK[outlet.language]}"/>'
        f'<summary type="text">{escape(one.teaser)}</summary></entry>\n'
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<id>{outlet.address}</id><title>{escape(_title(outlet))}</title>"
        f"<subtitle>{escape(about(outlet))}</subtitle><author><name>{escape(outlet.title)}</name></author>"
        f'<link rel="self" href="{outlet.address}"/><link rel="alternate" href="{outlet.site}"/>'
        f"<updated>{iso(changed_ms)}</updated>\n{entries}</feed>\n"
    )


def _json(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    items: list[dict[str, Any]] = []
    for one in articles:
        item = {"id": one.piece.id, "url": one.url, "title": one.title, "content_text": one.teaser}
        if outlet.is_dated:
            item |= {"date_published": iso(one.ts), "date_modified": iso(one.changed_ms)}
        items.append({**item, "tags": [MARK[outlet.language]]})
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(outlet),
        "home_page_url": outlet.site,
        "feed_url": outlet.address,
        "description": about(outlet),
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _mail_date(ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(ms / 1_000, UTC), usegmt=True)
