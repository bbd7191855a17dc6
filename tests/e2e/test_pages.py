"""Every page in a browser: both languages, both themes, a narrow screen, no script, no complaint, few bytes."""

from __future__ import annotations

import re

import brotli
import httpx
import pytest

from tests.e2e.houses import COLOURS, HTML, NODES, OVER, faults_of, faults_of_colours, site_of, tab, tabs
from vigie.views.web.identity import SESSION
from vigie.views.web.page import pages

pytestmark = pytest.mark.browser
# How far things may move by themselves, and how much is asked for before the largest of them is seen.
SHIFT, REQUESTS = 0.01, 6
# Pages whose address needs a thing that exists.
PARAMS = {"{id}": "bitcoin", "{name}": "macd_cross", "{place}": "binance-perp:btc-usdt-perp"}
DESK = {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 1280, "height": 800}}
PHONE = {"locale": "fr-FR", "color_scheme": "light", "viewport": {"width": 390, "height": 844}}
# What pages have in common has its colours judged in the other theme, too; `make chaos` does so on every page.
MAIN = (
    "/",
    "/markets",
    "/asset/bitcoin",
    "/news",
    "/backtests",
    "/trading",
    "/alerts",
    "/welcome",
    "/styleguide",
)
NARROWEST = {"width": 320, "height": 640}


def addresses() -> list[str]:
    """Return the address of every page that can be opened by itself."""
    found = []
    for page in pages().values():
        path = page.path
        for key, value in PARAMS.items():
            path = (
                path.replace(key, value) if path.startswith(("/asset/", "/strategies/", "/quote/")) else path
            )
        # What ends like a file is one: it is downloaded.
        if "{" not in path and "." not in path:
            found.append(path)
    return sorted(found)


PATHS = addresses()
# Later pages with browser tests of their own, on a phone too; here they are seen at a desk at each run.
TOLD_ELSEWHERE = {"/backtests/new", "/journal/outside", "/plans", "/plans/new", "/portfolio", "/signals"}
SOME = [pytest.param(path, marks=pytest.mark.chaos) if path in TOLD_ELSEWHERE else path for path in PATHS]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        # Known before it is measured how still its page stands: the first visit ever draws conditions in afterwards.
        opened.house.descriptions.get_page(PARAMS["{name}"], None)
        yield opened


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("empty"), with_bars=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def used(browser):
    with tabs(browser) as use:
        yield use


# Resolves once the largest thing is painted and the page is idle: what moved by itself, what was asked for before.
PAINTED = """() => new Promise(done => {
    let shifted = 0, painted = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) shifted += one.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) painted = one.startTime;
        requestIdleCallback(() => done({
            shifted,
            asked: 1 + performance.getEntriesByType("resource").filter(one => one.startTime < painted).length,
        }));
    }).observe({ type: "largest-contentful-paint", buffered: true });
})"""


def visited(opened, site, path):
    """Open a page as whoever comes for the first time, who has kept nothing; return what was answered.

    It stands still, asks for little before it is seen, is small, and speaks the language that was asked for.
    """
    page = opened.page
    page.context.clear_cookies()
    page.context.add_cookies([site.cookie])
    wire = page.context.new_cdp_session(page)
    wire.send("Network.clearBrowserCache")
    wire.detach()
    answer = page.goto(path)
    if path == "/asset/bitcoin":
        page.wait_for_selector("[data-chart-ready]")
    seen = page.evaluate(PAINTED)
    assert seen["shifted"] <= SHIFT
    assert seen["asked"] <= REQUESTS
    assert len(brotli.compress(answer.body(), quality=5)) <= HTML
    nodes, heroes = page.evaluate("['*', '.hero'].map(one => document.querySelectorAll(one).length)")
    assert nodes <= NODES
    # One thing stands out; the design system shows what that looks like.
    assert heroes <= 1
    assert page.locator("h1").count() == 1
    return answer


# Texts whose lines are longer than 68 letters, outside of tables, drawings and code.
TOO_WIDE = """() => {
    const drawn = document.createElement("canvas").getContext("2d");
    return [...document.querySelectorAll("main :is(p, li, dd, dt, figcaption, blockquote, span, div)")].filter(one => {
        const isLong = one.textContent.trim().length > 68;
        if (!isLong || one.closest("table, svg, pre") || !one.checkVisibility()) return false;
        const isText = part => part.nodeType === Node.TEXT_NODE && part.textContent.trim();
        if (![...one.childNodes].some(isText)) return false;
        const style = getComputedStyle(one), isInline = part => getComputedStyle(part).display.startsWith("inline");
        if (style.display === "inline" || ![...one.children].every(isInline)) return false;
        drawn.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getBoundingClientRect().width > 68 * drawn.measureText("0").width * 1.02;
    }).map(one => one.outerHTML.slice(0, 160));
}"""


@pytest.mark.parametrize("path", PATHS)
def test_page_at_a_desk_is_small_stands_still_and_has_no_faults_of_accessibility(used, site, path):
    with used(site, **DESK) as opened:
        visited(opened, site, path)
        assert opened.page.locator("html").get_attribute("lang") == "en"
        assert opened.page.evaluate(TOO_WIDE) == []
        assert faults_of(opened.page) == []
        if path in MAIN:
            assert faults_of_colours(opened.page, "light") == []


@pytest.mark.parametrize("path", SOME)
def test_page_on_a_phone_fits_without_scrolling_sideways_and_has_no_faults_of_accessibility(used, site, path):
    with used(site, **PHONE) as opened:
        page = opened.page
        page.set_viewport_size(PHONE["viewport"])
        visited(opened, site, path)
        page.set_viewport_size(NARROWEST)
        assert page.evaluate("innerWidth") == NARROWEST["width"]
        assert page.locator("html").get_attribute("lang") == "fr"
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
        assert page.evaluate(OVER) == []
        assert faults_of(page) == []
        if path in MAIN[:3]:
            assert faults_of_colours(page, "dark") == []


@pytest.mark.chaos
@pytest.mark.parametrize(("screen", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_every_page_has_colours_that_can_be_told_apart_in_the_other_theme(browser, site, screen, scheme):
    faults = {}
    with tab(browser, site, **screen) as opened:
        for path in PATHS:
            opened.page.emulate_media(color_scheme=screen["color_scheme"])
            visited(opened, site, path)
            if found := faults_of(opened.page, COLOURS) + faults_of_colours(opened.page, scheme):
                faults[path] = found
    assert faults == {}


# A network on which a page comes in pieces: bytes a second. Styles and scripts are at hand from the visit before.
SLOW = {"offline": False, "latency": 0, "downloadThroughput": 10_000, "uploadThroughput": 10_000}
FAST = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


# Where a part of a page, painted before the rest had come, stood elsewhere afterwards: a footer, tables, a form.
@pytest.mark.parametrize("path", ["/demo/article", "/asset/bitcoin/compare", "/settings", "/strategies"])
@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_page_stands_still_when_it_comes_in_pieces(used, site, path, screen):
    with used(site, **screen) as opened:
        opened.page.set_viewport_size(screen["viewport"])
        opened.page.goto(path)
        wire = opened.page.context.new_cdp_session(opened.page)
        wire.send("Network.emulateNetworkConditions", SLOW)
        try:
            opened.page.goto(path)
            assert opened.page.evaluate(PAINTED)["shifted"] <= SHIFT
        finally:
            wire.send("Network.emulateNetworkConditions", FAST)
            wire.detach()


@pytest.mark.parametrize("path", SOME)
def test_page_can_be_read_without_scripts(used, site, path):
    with used(site, java_script_enabled=False) as opened:
        opened.page.goto(path)
        assert len(opened.page.locator("main").inner_text()) > 40
        # The design system shows what loading looks like; no other page may need a script to end it.
        assert path == "/styleguide" or opened.page.locator(".state-loading").count() == 0


# What two answers of the same content do not share: moments, numbers, words that are drawn by lot.
ITS_OWN = re.compile(r"(?<=[\"' ])[\w.-]{20,}|\d+")


@pytest.mark.parametrize("path", SOME)
def test_page_says_so_when_there_is_nothing_yet(used, site, empty, path):
    with used(empty, **DESK) as opened:
        answer = opened.page.goto(path)
        assert answer.status in (200, 404)
        asked = {"headers": {"accept-language": DESK["locale"]}, "cookies": {SESSION: site.cookie["value"]}}
        filled = httpx.get(site.url + path, follow_redirects=True, **asked).text
        # Most pages have nothing of their own in either house: those were looked at, just so, at the desk.
        if ITS_OWN.sub("", answer.text()) != ITS_OWN.sub("", filled):
            assert faults_of(opened.page) == []
