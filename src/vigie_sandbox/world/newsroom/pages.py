"""The pages of the newsroom's hosts: articles, front pages, and the list of the office that has no feed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from vigie_sandbox.world.newsroom.articles import Article
from vigie_sandbox.world.newsroom.feeds import SIMULATED_MARK, format_iso, simulation_notice
from vigie_sandbox.world.newsroom.outlets import Outlet

ROBOTS: Final = "User-agent: *\nAllow: /\n"
_PAGE: Final = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>{head}</head>\n'
    '<body><header><p><a href="{site}">{name}</a></p></header>\n<main>\n{main}\n</main>\n'
    '<footer><p class="simulated">{about}</p></footer></body></html>\n'
)


def article_page(article: Article) -> str:
    """Return an article's page, with its time where readers of pages look for it."""
    outlet = article.piece.outlet
    head = (
        f'<meta property="article:published_time" content="{format_iso(article.ts)}">'
        f'<meta property="article:modified_time" content="{format_iso(article.changed_ms)}">'
        f'<meta name="description" content="{escape(article.teaser)}">'
        f'<link rel="canonical" href="{escape(article.url)}">'
    )
    text = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)
    shown_ms = article.ts // 1_000 * 1_000
    main = (
        f"<article><h1>{escape(article.title)}</h1>\n"
        f'<p><time datetime="{format_iso(shown_ms)}">{format_iso(shown_ms)[:10]} {format_iso(shown_ms)[11:16]} '
        f"UTC</time></p>\n{text}\n</article>"
    )
    return _format_page(outlet, article.title, head, main)


def front_page(outlet: Outlet, articles: Sequence[Article]) -> str:
    """Return a front page: the newest pieces, and where the feed is."""
    head = "" if outlet.form == "page" else f'<link rel="alternate" href="{outlet.address}">'
    return _format_page(
        outlet, outlet.title, head, f"<h1>{escape(outlet.title)}</h1>\n{_format_list(articles)}"
    )


def releases_page(outlet: Outlet, articles: Sequence[Article]) -> str:
    """Return the list of who has no feed."""
    return _format_page(outlet, "Communiqués", "", f"<h1>Communiqués</h1>\n{_format_list(articles)}")


def _format_list(articles: Sequence[Article]) -> str:
    rows = "\n".join(
        f'<li><time datetime="{format_iso(article.ts)[:10]}">{format_iso(article.ts)[:10]}</time> '
        f'<a href="{escape(article.url)}">{escape(article.title)}</a></li>'
        for article in articles
    )
    return f'<ul class="releases">\n{rows}\n</ul>'


def _format_page(outlet: Outlet, title: str, head: str, main: str) -> str:
    return _PAGE.format(
        language=outlet.language, title=escape(f"{title} ({SIMULATED_MARK[outlet.language]})"), head=head,
        site=outlet.site,
        name=escape(outlet.title), main=main, about=escape(simulation_notice(outlet)),
    )  # fmt: skip
