"""What the hosts of the newsroom answer: feeds, pages and the register, to be asked again at no cost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate, parsedate_to_datetime
from typing import Final

from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import Article, write_article
from vigie_sandbox.world.newsroom.coverage import Piece
from vigie_sandbox.world.newsroom.feeds import MEDIA_TYPES, format_feed
from vigie_sandbox.world.newsroom.newsletters import find_issue, format_page
from vigie_sandbox.world.newsroom.other_sources import OTHER_SOURCES
from vigie_sandbox.world.newsroom.outlets import BY_HOST, LOOK_ALIKE, REGISTER_PATH, REGULATOR, Outlet
from vigie_sandbox.world.newsroom.pages import ROBOTS, article_page, front_page, releases_page
from vigie_sandbox.world.wire import Reply, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

_PAGE: Final = "text/html; charset=utf-8"
_NOT_FOUND: Final = "<html><body><h1>Not found</h1></body></html>"


class Newsroom:
    """Answers ``/<host>/<path>`` for every host of the newsroom.

    Parameters
    ----------
    world : World
        Whose clock and market.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.archive = Archive(world)

    def answer(self, request: ServiceRequest) -> Reply:
        """Return a feed, page or file; 304 for who has it already."""
        host, _, rest = request.path.lstrip("/").partition("/")
        path = "/" + rest
        outlet = BY_HOST.get(host)
        if path == "/robots.txt" and (outlet is not None or host == LOOK_ALIKE):
            return Reply(ROBOTS, media="text/plain; charset=utf-8")
        if host == REGULATOR.host and path == REGISTER_PATH:
            text, changed_ms = self.archive.register_at(request.now_ms)
            return _cacheable_reply(request, text, changed_ms, "text/csv; charset=utf-8")
        if (host, path) in OTHER_SOURCES:
            media, format_source = OTHER_SOURCES[host, path]
            return _cacheable_reply(request, format_source(self.archive, request), request.now_ms, media)
        if (
            outlet is not None
            and (issue := find_issue(self.archive, outlet, path, request.now_ms)) is not None
        ):
            return _cacheable_reply(request, format_page(issue), issue.ts, _PAGE)
        if outlet is None or path not in (outlet.path, "/"):
            return self._article(request, host, path)
        pieces = self.archive.newest(outlet, request.now_ms)
        articles = self._articles(pieces, request.now_ms)
        changed_ms = max(
            (piece.changed_ms(request.now_ms) for piece in pieces), default=self._world.opened_ms
        )
        if path == "/":
            return _cacheable_reply(request, front_page(outlet, articles), changed_ms, _PAGE)
        reply = _cacheable_reply(
            request, _format_listing(outlet, articles, changed_ms), changed_ms, _media(outlet)
        )
        if not _is_first_visit(request):
            return reply
        # With the mark of the newest entries alone: who asks again by it gets what is new since.
        older = self._articles(self.archive.older(outlet, request.now_ms), request.now_ms)
        return replace(reply, body=_format_listing(outlet, [*articles, *older], changed_ms))

    def _articles(self, pieces: Sequence[Piece], now_ms: int) -> list[Article]:
        published = [piece for piece in pieces if piece.withdrawn_ms is None or piece.withdrawn_ms > now_ms]
        return [write_article(self._world, piece, now_ms) for piece in published]

    def _article(self, request: ServiceRequest, host: str, path: str) -> Reply:
        piece = self.archive.find(path.rpartition("-")[2], request.now_ms)
        article = None if piece is None else write_article(self._world, piece, request.now_ms)
        if article is None or article.url != f"https://{host}{path}":
            raise ServiceRefusal(404, _NOT_FOUND)
        return _cacheable_reply(request, article_page(article), article.changed_ms, _PAGE)


def _format_listing(outlet: Outlet, articles: Sequence[Article], changed_ms: int) -> str:
    if outlet.form == "page":
        return releases_page(outlet, articles)
    return format_feed(outlet, articles, changed_ms)


def _media(outlet: Outlet) -> str:
    return _PAGE if outlet.form == "page" else MEDIA_TYPES[outlet.form]


def _is_first_visit(request: ServiceRequest) -> bool:
    """Tell whether somebody asks without having asked before."""
    return not {"if-none-match", "if-modified-since"} & set(request.headers)


def _cacheable_reply(request: ServiceRequest, text: str, changed_ms: int, media: str) -> Reply:
    """Return a document with what it can be asked for again by, or 304 where it has not changed."""
    tag = f'"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(changed_ms / 1_000, usegmt=True),
        "Cache-Control": "max-age=0",
    }
    client_tags = request.headers.get("if-none-match")
    if client_tags is not None:
        is_current = tag in (client_tag.strip().removeprefix("W/") for client_tag in client_tags.split(","))
    else:
        is_current = _is_unchanged_since(request.headers.get("if-modified-since", ""), changed_ms)
    return Reply("", 304, media, headers) if is_current else Reply(text, 200, media, headers)


def _is_unchanged_since(since: str, changed_ms: int) -> bool:
    try:
        return parsedate_to_datetime(since).timestamp() * 1_000 >= changed_ms // 1_000 * 1_000
    except ValueError:
        # No date, or none that can be read: the document is sent.
        return False
