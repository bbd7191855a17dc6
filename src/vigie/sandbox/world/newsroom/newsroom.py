"""What the hosts of the newsroom answer: feeds, pages and the register, to be asked again at no cost."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.utils import formatdate, parsedate_to_datetime
from typing import Final

from vigie.sandbox.world.newsroom.archive import Archive
from vigie.sandbox.world.newsroom.coverage import Piece
from vigie.sandbox.world.newsroom.feeds import MEDIA_TYPES, feed
from vigie.sandbox.world.newsroom.letters import letter_at, page_of
from vigie.sandbox.world.newsroom.outlets import BY_HOST, LOOK_ALIKE, REGISTER_PATH, REGULATOR, Outlet
from vigie.sandbox.world.newsroom.pages import ROBOTS, article_page, front_page, releases_page
from vigie.sandbox.world.newsroom.wires import WIRES
from vigie.sandbox.world.newsroom.writing import Article, written
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_PAGE: Final = "text/html; charset=utf-8"
_GONE: Final = "<html><body><h1>Not found</h1></body></html>"


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

    def answer(self, ask: Ask) -> Reply:
        """Return a feed, page or file; 304 for who has it already."""
        host, _, rest = ask.path.lstrip("/").partition("/")
        path = "/" + rest
        outlet = BY_HOST.get(host)
        if path == "/robots.txt" and (outlet is not None or host == LOOK_ALIKE):
            return Reply(ROBOTS, media="text/plain; charset=utf-8")
        if host == REGULATOR.host and path == REGISTER_PATH:
            text, changed = self.archive.register_at(ask.now_ms)
            return _fresh(ask, text, changed, "text/csv; charset=utf-8")
        if (host, path) in WIRES:
            media, write = WIRES[host, path]
            return _fresh(ask, write(self.archive, ask), ask.now_ms, media)
        if outlet is not None and (sent := letter_at(self.archive, outlet, path, ask.now_ms)) is not None:
            return _fresh(ask, page_of(sent), sent.ts, _PAGE)
        if outlet is None or path not in (outlet.path, "/"):
            return self._article(ask, host, path)
        pieces = self.archive.newest(outlet, ask.now_ms)
        articles = self._articles(pieces, ask.now_ms)
        changed = max((one.changed_ms(ask.now_ms) for one in pieces), default=self._world.opened_ms)
        if path == "/":
            return _fresh(ask, front_page(outlet, articles), changed, _PAGE)
        return self._listed(ask, outlet, articles, changed)

    def _listed(self, ask: Ask, outlet: Outlet, articles: Sequence[Article], changed: int) -> Reply:
        if outlet.form == "page":
            return _fresh(ask, releases_page(outlet, articles), changed, _PAGE)
        return _fresh(ask, feed(outlet, articles, changed), changed, MEDIA_TYPES[outlet.form])

    def _articles(self, pieces: Sequence[Piece], now_ms: int) -> list[Article]:
        shown = [one for one in pieces if one.withdrawn_ms is None or one.withdrawn_ms > now_ms]
        return [written(self._world, one, now_ms) for one in shown]

    def _article(self, ask: Ask, host: str, path: str) -> Reply:
        piece = self.archive.find(path.rpartition("-")[2], ask.now_ms)
        article = None if piece is None else written(self._world, piece, ask.now_ms)
        if article is None or article.url != f"https://{host}{path}":
            raise Refusal(404, _GONE)
        return _fresh(ask, article_page(article), article.changed_ms, _PAGE)


def _fresh(ask: Ask, text: str, changed_ms: int, media: str) -> Reply:
    """Return a document with what it can be asked for again by, or 304 where it has not changed."""
    tag = f'"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"'
    headers = {
        "ETag": tag,
        "Last-Modified": formatdate(changed_ms / 1_000, usegmt=True),
        "Cache-Control": "max-age=0",
    }
    known = ask.headers.get("if-none-match")
    if known is not None:
        is_known = tag in (one.strip().removeprefix("W/") for one in known.split(","))
    else:
        is_known = _is_since(ask.headers.get("if-modified-since", ""), changed_ms)
    return Reply("", 304, media, headers) if is_known else Reply(text, 200, media, headers)


def _is_since(since: str, changed_ms: int) -> bool:
    try:
        return parsedate_to_datetime(since).timestamp() * 1_000 >= changed_ms // 1_000 * 1_000
    except ValueError:
        # No date, or none that can be read: the document is sent.
        return False
