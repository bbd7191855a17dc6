"""Draws heavy pages once when a server starts, so that the first visitor does not wait for what they load."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import product
from typing import Final

from starlette.requests import Request

from vigie.domain.errors import VigieError
from vigie.domain.person import OWNER
from vigie.services.running.compiling import compile_pages_apart, compile_rest_apart
from vigie.views.web.app import WebApp
from vigie.views.web.identity import Identity
from vigie.views.web.page import Page, pages
from vigie.views.web.rendering import render_page
from vigie.views.web.request_context import RequestContext

# Until there are bars a page shows that there is nothing yet, at once.
EVERY_S: Final = 1.0
# The pages that load the most, in the order of the menu; the others need little beyond that.
PAGES: Final = (
    "today", "asset", "markets", "correlation", "derivatives", "onchain", "news", "regulation", "news_brief", "mood",
    "backtests", "trading", "journal",
)  # fmt: skip
# What shows an account: drawn again where a demonstration's own one begins, which is after the server does.
OF_ACCOUNT: Final = ("trading", "journal", "signals", "today")
ACCOUNT_EVERY_S: Final = 5.0
# What a page is about where its address names something.
ABOUT: Final = {"asset": {"id": "bitcoin"}}
# Slow to load and not part of a first page: called together with a page.
CALLS: Final = {"news": ("news.topics",)}


class ReadAhead:
    """Draws the pages that load the most once, in a thread of its own.

    Parameters
    ----------
    web : WebApp
        Whose pages.
    languages : tuple of str
        In which the pages are drawn: each has templates of its own.
    say : callable
        Told which page failed for a reason that no visitor would be told.
    """

    def __init__(self, web: WebApp, languages: tuple[str, ...], say: Callable[[str], None]) -> None:
        self._web = web
        self._languages = languages
        self._say = say
        self._ended = threading.Event()
        self._has_compiled = threading.Event()

    def is_compiled(self) -> bool:
        """Tell whether what pages compute is compiled, or compiling it was tried."""
        return self._has_compiled.is_set()

    def start(self) -> None:
        """Begin, as soon as there are bars; before, compile what pages compute where that was not done yet."""
        threading.Thread(target=self._run, name="vigie-read-ahead", daemon=True).start()

    def end(self) -> None:
        """Stop after the page that is being drawn."""
        self._ended.set()

    def read(self) -> list[str]:
        """Draw the pages now; return the names of those that succeeded, language by language."""
        return list(self._steps())

    def _run(self) -> None:
        try:
            compile_pages_apart()
        finally:
            self._has_compiled.set()
        while not self._web.app_context.bar_reader.instruments():
            if self._ended.wait(EVERY_S):
                return
        clock = self._web.app_context.clock
        start = clock.wall_now()
        drawn = self.read()
        if not self._ended.is_set():
            self._say(f"{len(drawn)} pages read ahead in {(clock.wall_now() - start) / 1_000:.1f} s")
        if self._web.app_context.is_simulated:
            # Its own account and setups compile the rest, in turns: its memory has a bound.
            self._follow_account()
        elif not self._ended.is_set():
            compile_rest_apart()

    def _follow_account(self) -> None:
        """Draw what shows the demonstration's account once it is replayed, and once more when it is live."""
        begun: set[bool] = set()
        while False not in begun and not self._ended.wait(ACCOUNT_EVERY_S):
            with suppress(VigieError):
                rows = self._context("/trading").call("trading.accounts").rows
                phases = {row["is_replayed"] for row in rows}
                if phases - begun:
                    begun |= phases
                    list(self._steps(OF_ACCOUNT))

    def _steps(self, names: tuple[str, ...] | None = None) -> Iterator[str]:
        known = pages()
        # Every page in one language first: what it loads takes longer than the templates of another.
        for language, name in product(self._languages, PAGES if names is None else names):
            if self._ended.is_set():
                return
            try:
                self._draw(known[name], language)
            except VigieError:
                # What a visitor would be told in place of the page: it is drawn when somebody asks for it.
                continue
            except Exception as fault:  # noqa: BLE001 - the edge of a task: one page holds no other up
                self._say(f"page {name} could not be read ahead: {type(fault).__name__}: {fault}")
                continue
            yield name

    def _draw(self, page: Page, language: str) -> None:
        about = ABOUT.get(page.name, {})
        context = self._context(page.path.format(**about), language, about)
        values = page.show(context)
        if isinstance(values, dict):
            render_page(context, page, values)
        for name in CALLS.get(page.name, ()):
            # Some need an extra that is not installed: their place on the page says so.
            with suppress(VigieError):
                context.call(name)

    def _context(
        self, path: str, language: str = "en", about: Mapping[str, str] | None = None
    ) -> RequestContext:
        request = Request(
            {
                "type": "http",
                "method": "GET",
                "scheme": "http",
                "path": path,
                "query_string": f"lang={language}".encode(),
                "headers": [(b"host", b"127.0.0.1")],
                "client": ("127.0.0.1", 0),
                "server": ("127.0.0.1", 0),
                "path_params": about or {},
                "state": {"browser": "read-ahead"},
            }
        )
        return self._web.request_context(request, Identity(OWNER))
