"""How outlets list their newest pieces: RSS 2.0, Atom and JSON Feed 1.1, each with habits of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from vigie_sandbox.world.newsroom.articles import Article
from vigie_sandbox.world.newsroom.grammar import load_words
from vigie_sandbox.world.newsroom.outlets import Outlet

SIMULATED_MARK: Final = {"en": "simulated", "fr": "simulé"}
MEDIA_TYPES: Final = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}


def format_feed(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    """Return an outlet's feed in its own form.

    Parameters
    ----------
    articles : sequence of Article
        Newest first.
    changed_ms : int
        When the feed last changed.
    """
    return {"rss": _rss, "atom": _atom, "json": _json}[outlet.form](outlet, articles, changed_ms)


def simulation_notice(outlet: Outlet) -> str:
    """Return the line that says that it is all invented."""
    line: str = load_words()["marks"]["simulated"][0 if outlet.language == "en" else 1]
    return line


def format_iso(ms: int) -> str:
    """Return a time as Atom and HTML write it."""
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _title(outlet: Outlet) -> str:
    return f"{outlet.title} ({SIMULATED_MARK[outlet.language]})"


def _rss(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    items = "".join(
        f"<item><title>{escape(article.title)}</title><link>{escape(article.url)}</link>"
        f'<guid isPermaLink="false">{outlet.id}-{article.piece.id}</guid>'
        f"<pubDate>{_format_mail_date(article.ts)}</pubDate><category>{SIMULATED_MARK[outlet.language]}</category>"
        f"<description>{escape(f'<p>{escape(article.teaser)}</p>')}</description></item>\n"
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(_title(outlet))}</title><link>{outlet.site}</link>"
        f"<description>{escape(simulation_notice(outlet))}</description><language>{outlet.language}</language>"
        f"<lastBuildDate>{_format_mail_date(changed_ms)}</lastBuildDate><ttl>5</ttl>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    entries = "".join(
        f"<entry><id>tag:{outlet.host},2026:{article.piece.id}</id><title>{escape(article.title)}</title>"
        f'<link rel="alternate" href={quoteattr(article.url)}/><published>{format_iso(article.ts)}</published>'
        f'<updated>{format_iso(article.changed_ms)}</updated><category term="{SIMULATED_MARK[outlet.language]}"/>'
        f'<summary type="text">{escape(article.teaser)}</summary></entry>\n'
        for article in articles
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<id>{outlet.address}</id><title>{escape(_title(outlet))}</title>"
        f"<subtitle>{escape(simulation_notice(outlet))}</subtitle><author><name>{escape(outlet.title)}</name></author>"
        f'<link rel="self" href="{outlet.address}"/><link rel="alternate" href="{outlet.site}"/>'
        f"<updated>{format_iso(changed_ms)}</updated>\n{entries}</feed>\n"
    )


def _json(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    items: list[dict[str, Any]] = []
    for article in articles:
        item = {
            "id": article.piece.id,
            "url": article.url,
            "title": article.title,
            "content_text": article.teaser,
        }
        if outlet.is_dated:
            item |= {
                "date_published": format_iso(article.ts),
                "date_modified": format_iso(article.changed_ms),
            }
        items.append({**item, "tags": [SIMULATED_MARK[outlet.language]]})
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _title(outlet),
        "home_page_url": outlet.site,
        "feed_url": outlet.address,
        "description": simulation_notice(outlet),
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _format_mail_date(ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(ms / 1_000, UTC), usegmt=True)
