"""Every page in a browser: both languages, both themes, a narrow screen, no script, no complaint, few bytes."""

from __future__ import annotations

from contextlib import ExitStack

import brotli
import httpx
import pytest

from tests.e2e.houses import HTML, NODES, OVER, chromium, faults_of, quiet, site_of, tab
from vigie.views.web.page import pages

pytestmark = pytest.mark.browser
# How far things may move by themselves, and how much is asked for before the largest of them is seen.
SHIFT, REQUESTS = 0.01, 6
# Pages whose address needs a thing that exists.
PARAMS = {"{id}": "bitcoin", "{name}": "macd_cross", "{place}": "binance-perp:btc-usdt-perp"}


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


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("empty"), with_bars=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def used(browser):
    """Give a site's tab with these settings, one for all pages: to open a tab takes twice what a page takes."""
    tabs = {}

    def use(site, **settings):
        key = (site.url, repr(settings))
        if key not in tabs:
            tabs[key] = stack.enter_context(tab(browser, site, **settings))
        return quiet(tabs[key], site)

    with ExitStack() as stack:
        yield use


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
def test_page_has_no_faults_of_accessibility(used, site, path, language, scheme):
    with used(site, locale=language, color_scheme=scheme) as opened:
        page = opened.page
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language[:2]
        assert page.locator("h1").count() == 1
        assert faults_of(page) == []


@pytest.mark.parametrize("path", PATHS)
def test_page_fits_a_narrow_screen_without_scrolling_sideways(used, site, path):
    with used(site, viewport={"width": 320, "height": 640}) as opened:
        opened.page.goto(path)
        wide = opened.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0
        assert opened.page.evaluate(OVER) == []


@pytest.mark.parametrize("path", PATHS)
def test_page_can_be_read_without_scripts(used, site, path):
    with used(site, java_script_enabled=False) as opened:
        opened.page.goto(path)
        assert len(opened.page.locator("main").inner_text()) > 40
        # The design system shows what loading looks like; no other page may need a script to end it.
        assert path == "/styleguide" or opened.page.locator(".state-loading").count() == 0


@pytest.mark.parametrize("path", PATHS)
def test_page_says_so_when_there_is_nothing_yet(used, empty, path):
    with used(empty) as opened:
        answer = opened.page.goto(path)
        assert answer.status in (200, 404)
        assert faults_of(opened.page) == []


@pytest.mark.parametrize("path", PATHS)
def test_page_is_small(used, site, path):
    answer = httpx.get(site.url + path, headers={"accept-encoding": "identity"})
    assert len(brotli.compress(answer.content, quality=5)) <= HTML
    with used(site) as opened:
        opened.page.goto(path)
        assert opened.page.evaluate("document.querySelectorAll('*').length") <= NODES


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


@pytest.mark.parametrize("path", PATHS)
def test_page_stands_still_and_asks_for_little_before_it_is_seen(browser, site, path):
    for width, height in ((1280, 800), (390, 844)):
        # Whoever comes for the first time has kept nothing.
        with tab(browser, site, viewport={"width": width, "height": height}) as opened:
            opened.page.goto(path)
            if path == "/asset/bitcoin":
                opened.page.wait_for_selector("[data-chart-ready]")
            seen = opened.page.evaluate(PAINTED)
            assert seen["shifted"] <= SHIFT, width
            assert seen["asked"] <= REQUESTS, width
