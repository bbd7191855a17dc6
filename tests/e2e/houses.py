"""A real server over a house of simulated bars, and a real browser in front of it."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tests.houses import KEY, MANY, house, until
from vigie.services.app_context import AppContext
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.identity import SESSION
from vigie.views.web.server import bind, build_server

# The shell draws and scripts as Chromium does, without windows, profiles and services: a page takes a third of the
# processor.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for found in map(shutil.which, BROWSERS) if found), None)
AXE = Path(os.environ.get("VIGIE_AXE") or Path(__file__).parent / "node_modules/axe-core/axe.min.js")
# The last rule is off by default in axe: whoever speaks to a page says what is written on a button (WCAG 2.5.3).
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
AXE_RULES = {"label-content-name-mismatch": {"enabled": True}}
LINK = "let-me-in"
# Parts of Chromium that no page of ours asks for, but that take processor from whoever starts it.
THRIFTY = (
    "--disable-gpu",
    # What is drawn without a graphics card needs no process of its own, to which every frame is handed.
    "--in-process-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    # The page of a test is left before optimised scripts have saved what it takes to optimise them.
    "--js-flags=--no-opt --no-maglev",
)
# Two cores are shared with other tests: waiting ends on a condition, this only bounds it.
WAIT_MS = int(os.environ.get("BROWSER_WAIT_MS", "120000"))
# What a page may weigh: its document packed, in bytes, and its elements.
HTML, NODES = 30_000, 1_400


@dataclass(slots=True)
class Site:
    """A running server."""

    house: AppContext
    url: str
    app: Any

    @property
    def cookie(self) -> dict[str, str]:
        """The owner's cookie, as Playwright takes it."""
        return {"name": SESSION, "value": self.app.state.web.authenticator.owner_cookie(), "url": self.url}


@contextlib.contextmanager
def served(built: AppContext) -> Iterator[Site]:
    """Serve a house on a free port of loopback until the block ends."""
    app = create_app(built, AppOptions(KEY, lambda word: word == LINK, per_minute=MANY))
    listener = bind("127.0.0.1", 0)
    server = build_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield Site(built, f"http://127.0.0.1:{listener.getsockname()[1]}", app)
    finally:
        app.state.web.hub.end()
        server.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def site_of(folder: Path, *, with_bars: bool = True) -> Iterator[Site]:
    """Serve a fresh house below a folder."""
    with served(house(folder, with_bars=with_bars)) as site:
        yield site


@contextlib.contextmanager
def chromium(*more: str) -> Iterator[Any]:
    """Open Chromium, with more arguments where they are given; skip where it is missing (in CI that fails)."""
    if CHROMIUM is None:
        pytest.skip("Chromium is missing; install it, such as with apt-get install chromium")
    from playwright import sync_api

    # Playwright gives up after five seconds, for whoever asks in this process and until somebody says otherwise.
    sync_api.expect.set_options(timeout=WAIT_MS)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_api.sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, which containers run as.
        arguments = [*THRIFTY, *more, "--no-sandbox"] if is_root else [*THRIFTY, *more]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@dataclass(slots=True)
class Tab:
    """A page that notes what it says and asks for."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def quiet(found: Tab, site: Site) -> Iterator[Tab]:
    """Use a tab; in the end nothing may have been complained about, and nobody else asked for anything."""
    found.said.clear()
    found.asked.clear()
    yield found
    foreign = [url for url in found.asked if not url.startswith((site.url, "data:"))]
    assert foreign == []
    assert found.said == []


def room(browser: Any, **settings: Any) -> Any:
    """Return what pages of a test are opened in: whatever they wait for is bounded as all waiting here is.

    Left to itself Playwright gives up after thirty seconds, which a busy machine takes for one picture of a page.
    """
    context = browser.new_context(**settings)
    context.set_default_timeout(WAIT_MS)
    return context


@contextlib.contextmanager
def opened(browser: Any, site: Site, *, is_owner: bool = True, **settings: Any) -> Iterator[Tab]:
    """Open a tab that has nothing of any other."""
    context = room(browser, base_url=site.url, **settings)
    if is_owner:
        context.add_cookies([site.cookie])
    found = Tab(context.new_page())
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.on("pageerror", lambda fault: found.said.append(str(fault)))
    found.page.on(
        "console",
        lambda message: found.said.append(message.text) if message.type in ("error", "warning") else None,
    )
    try:
        yield found
    finally:
        context.close()


@contextlib.contextmanager
def tab(browser: Any, site: Site, *, is_owner: bool = True, **settings: Any) -> Iterator[Tab]:
    """Open a tab that has nothing of any other, and use it."""
    with opened(browser, site, is_owner=is_owner, **settings) as found, quiet(found, site):
        yield found


@contextlib.contextmanager
def tabs(browser: Any) -> Iterator[Callable[..., Any]]:
    """Give a site's tab with some settings, one for all its pages: to open a tab takes twice what a page takes."""
    found: dict[tuple[str, str], Tab] = {}

    def use(site: Site, **settings: Any) -> contextlib.AbstractContextManager[Tab]:
        key = (site.url, repr(settings))
        if key not in found:
            # Each use is judged by itself: the site may end before its tabs, and the last page says so.
            found[key] = stack.enter_context(opened(browser, site, **settings))
        return quiet(found[key], site)

    with contextlib.ExitStack() as stack:
        yield use


# Texts of neighbours, a term and its value or two cells of a row, that lie over one another.
OVER = """() => {
    const box = one => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getBoundingClientRect();
    };
    const terms = [...document.querySelectorAll(".facts dt")];
    const cells = [...document.querySelectorAll(".table tbody > tr > :not(:last-child)")];
    return [...terms, ...cells].filter(one => {
        const [left, right] = [box(one), box(one.nextElementSibling)];
        const isBeside = left.bottom > right.top && left.top < right.bottom;
        return left.width && right.width && isBeside && left.right > right.left + 1;
    }).map(one => one.textContent.trim().slice(0, 60));
}"""


# A page has a dozen colours, which axe reads from their texts anew for each element and everything behind it.
KNOWN_COLOURS = """;(() => {
    const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
    colour.parseString = function (text) {
        if (!known.has(text)) {
            parse.call(this, text);
            known.set(text, { r: this.r, g: this.g, b: this.b, alpha: this.alpha });
        }
        return Object.assign(this, known.get(text));
    };
})(); 0"""

# Of an editor on a desk: whether its result lies left of the settings, and stays in sight when these are scrolled.
IS_EDITOR = """([result, settings]) => {
    const [left, right] = [result, settings].map(one => document.querySelector(one).getBoundingClientRect());
    const sticky = document.querySelector(result).closest(".editor-result") ?? document.querySelector(result);
    return left.right <= right.left && left.top < right.bottom && getComputedStyle(sticky).position === "sticky";
}"""


@cache
def axe() -> str:
    """Return the rules of accessibility as a script that gives nothing back."""
    return AXE.read_text("utf-8") + KNOWN_COLOURS


def press(page: Any, wanted: Any) -> None:
    """Follow a link or use a button as somebody does who has no mouse."""
    from playwright.sync_api import expect

    wanted.focus()
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")


COLOURS: Final = ("color-contrast", "link-in-text-block")


def faults_of_colours(page: Any, scheme: str) -> list[str]:
    """Return what axe, which is there already, says of a page's colours in the other theme; then take that back."""
    page.emulate_media(color_scheme=scheme)
    try:
        found = page.evaluate(
            """rules => {
                document.getAnimations().filter(one => one instanceof CSSTransition).forEach(one => one.finish());
                const asked = { runOnly: { type: "rule", values: rules }, resultTypes: ["violations"] };
                return axe.run(document, asked).then(found => found.violations);
            }""",
            list(COLOURS),
        )
    finally:
        page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
    return as_lines(found)


def faults_of(page: Any, rules: Sequence[str] = ()) -> list[str]:
    """Return what axe has to say about a page, by some rules only where they are named."""
    if not AXE.exists():
        pytest.skip("axe-core is missing; run `npm ci` in tests/e2e")
    # A part that is being asked for is pale until its answer stands; what is judged is the page that a person reads.
    page.wait_for_function("() => !document.querySelector('.htmx-request, .told[aria-busy]')")
    # Inside an isolated world: the page's own rules forbid foreign scripts, which is as it should be.
    page.evaluate(axe())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
    found = page.evaluate(
        "([runOnly, rules]) => axe.run("
        "document, {runOnly, rules, resultTypes: ['violations']}"
        ").then(found => found.violations)",
        [only, {} if rules else AXE_RULES],
    )
    return as_lines(found)


def as_lines(found: list[dict[str, Any]]) -> list[str]:
    """Return what axe found, a line each."""
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"][:5]
    ]
