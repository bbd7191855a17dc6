"""Live values under a real server: they move by themselves, a cut leaves no gap, tabs share and tell each other."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import LINK, Site, tab
from tests.houses import DAYS, KEY, MANY, START, house, until
from vigie.adapters.clock import SystemClock
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, parse_time
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.server import bind, build_server

pytestmark = pytest.mark.browser
CHIP = "[data-stream-chip]"
# Notes every log event that a page is told.
NOTED = """
window.told = [];
document.addEventListener("vigie:log", (event) => window.told.push(event.detail.seq));
"""

# The longest signs that a head has: of live prices, and of a demonstration.
HEAD = """said => {
    const chip = document.querySelector(".site-tools [data-stream-chip]");
    Object.assign(chip, { hidden: false, textContent: said, className: "chip live-chip" });
    document.querySelector("[data-topics]")?.setAttribute("data-topics", "clock");
    if (!document.querySelector(".demo")) {
        const words = '<strong class="hide-narrow">Démo : prix inventés</strong>'
            + '<a class="only-narrow" href="/">Démo</a>'
            + ' <a class="hide-narrow" href="/">Utiliser mes données</a>';
        chip.insertAdjacentHTML("beforebegin", `<span class="demo">${words}</span>`);
    }
}"""
RIGHT = """() => Math.max(document.documentElement.scrollWidth - innerWidth,
    ...[...document.querySelectorAll(".site-tools > *")].map(one => one.getBoundingClientRect().right - innerWidth))"""


@contextmanager
def on_air(built, port=0) -> Iterator[Site]:
    """Serve a house on a port; two after one another are a server that was cut off and came back."""
    app = create_app(built, AppOptions(KEY, lambda word: word == LINK, per_minute=MANY))
    listener = bind("127.0.0.1", port)
    server = build_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        opened = Site(built, f"http://127.0.0.1:{listener.getsockname()[1]}", app)
        # Where no price is of now, nothing is called live: each test has one, whichever ran before it.
        tell(opened, 100.0, instrument="ltc-usdt-perp")
        yield opened
    finally:
        app.state.web.hub.end()
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home") / "home")


@pytest.fixture
def site(built):
    with on_air(built) as opened:
        yield opened


def tell(site, last, change=0.01, instrument="btc-usdt-perp"):
    """Let a venue deliver a price."""
    now = site.house.clock.wall_now()
    site.house.quotes.put([Quote("binance-perp", instrument, now, now, last, change_24h=change)])


def note(site, count):
    """Write events that browsers may see, and return their numbers."""
    return [
        site.house.audit.append("job.done", actor="owner", subject=f"job-{one}", text={"n": one}).seq
        for one in range(count)
    ]


def go(opened, path="/"):
    """Open a page that notes the log events it is told, and wait until its stream is live."""
    opened.page.add_init_script(NOTED)
    opened.page.goto(path)
    is_live(opened.page)
    return opened.page


def is_live(page):
    page.wait_for_selector(f"{CHIP}[data-state=live]")


def is_paused(page):
    expect(page.locator(CHIP)).to_have_text(re.compile(r"^(paused since|en pause depuis) \d\d:\d\d$"))


def was_told(page, numbers):
    """Wait until the last of the numbers has come; every one must have come once, in order."""
    page.wait_for_function("last => window.told.includes(last)", arg=numbers[-1])
    assert page.evaluate("window.told") == numbers


def streams(opened):
    return [url for url in opened.asked if "/stream?" in url]


def show(page, state):
    """Hide a tab, or bring it back, as its browser would tell it."""
    page.evaluate(
        """state => {
            Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def bitcoin(page):
    return page.locator("#prices tbody tr", has_text="Bitcoin")


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en-GB", ("$50,100.25", "\u25b2+1.23%", "$49,900.75", "\u25bc\u22120.45%")),
     ("fr-FR", ("50\u202f100,25\u00a0$", "\u25b2+1,23\u00a0%", "49\u202f900,75\u00a0$", "\u25bc\u22120,45\u00a0%"))],
)  # fmt: skip
def test_prices_move_without_a_reload_with_mark_sign_and_the_language_s_digits(
    browser, site, language, texts
):
    tell(site, 50_000.0)
    with tab(browser, site, locale=language) as opened:
        page = go(opened, "/markets")
        asked = len(opened.asked)
        tell(site, 50_100.25, 0.0123)
        expect(bitcoin(page)).to_contain_text(texts[0])
        expect(bitcoin(page)).to_contain_text(texts[1])
        tell(site, 49_900.75, -0.0045)
        expect(bitcoin(page)).to_contain_text(texts[2])
        expect(bitcoin(page)).to_contain_text(texts[3])
        assert opened.asked[asked:] == []


def test_a_change_that_rounds_to_nothing_has_neither_mark_nor_colour(browser, site):
    tell(site, 50_000.0, 0.02)
    with tab(browser, site) as opened:
        page = go(opened, "/markets")
        tell(site, 50_000.5, -0.00001)
        change = bitcoin(page).locator(".delta", has=page.locator("[data-live$=':change_24h']"))
        expect(change).to_have_class(re.compile("delta-flat"))
        expect(change).to_have_text("0.00%")
        page.reload()
        expect(change).to_have_class(re.compile("delta-flat"))
        expect(change).to_have_text("0.00%")


def test_what_was_drawn_as_old_is_fresh_when_a_newer_price_comes(browser, tmp_path):
    # A house of its own: figures are kept for some seconds, and nobody has looked at them here.
    built = house(tmp_path / "home")
    now = built.clock.wall_now()
    built.quotes.put(
        [Quote("binance-perp", "btc-usdt-perp", now - 7_300_000, now, 50_000.0, change_24h=0.01)]
    )
    with on_air(built) as site, tab(browser, site) as opened:
        page = go(opened, "/asset/bitcoin")
        old = page.locator(".asset-price .badge-warn")
        expect(old).to_have_count(1)
        tell(site, 50_001.0, 0.02)
        expect(page.locator(".asset-price")).to_contain_text("50,001.00")
        expect(old).to_have_count(0)
        expect(page.locator(".asset-price .is-stale")).to_have_count(0)


class AfterTheLastClose(SystemClock):
    """The machine's clock, put to two seconds after the last stored bar, which is then not old."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = parse_time(START) + DAYS * DAY_MS + 2_000 - super().wall_now()

    def market_now(self) -> int:
        return super().market_now() + self.ahead

    def wall_now(self) -> int:
        return super().wall_now() + self.ahead


def test_the_headline_and_the_list_of_changes_are_read_again_together(browser, tmp_path):
    built = house(tmp_path / "home", clock=AfterTheLastClose())
    with on_air(built) as site:
        tell(site, 10_000_000.0, 7.89)
        with tab(browser, site) as opened:
            page = go(opened)
            headline, changes = page.locator("#headline"), page.locator("#changed")
            expect(headline).to_contain_text("789.0%")
            expect(changes).to_contain_text("789.0%")
            tell(site, 6_000_000.0, 5.0)
            expect(headline).to_contain_text("500.0%")
            expect(changes).to_contain_text("500.0%")
            expect(changes).not_to_contain_text("789.0%")
            expect(page.locator("#changed form")).to_have_count(1)


def test_events_during_a_cut_of_the_server_come_once_each_after_it(browser, built):
    with ExitStack() as air:
        site = air.enter_context(on_air(built))
        port = int(site.url.rsplit(":", 1)[1])
        with tab(browser, site) as opened:
            asked = []
            opened.page.on("request", lambda request: asked.append(request))
            page = go(opened)
            numbers = note(site, 3)
            was_told(page, numbers)
            air.close()
            is_paused(page)
            numbers += note(site, 4)
            air.enter_context(on_air(built, port))
            is_live(page)
            numbers += note(site, 2)
            was_told(page, numbers)
            last = [one for one in asked if "/stream?" in one.url][-1]
            assert last.all_headers()["last-event-id"] == str(numbers[2])
            # Expected: the browser and htmx report the requests that failed during the cut.
            unanswered = ("ERR_", "htmx:error: Failed to fetch")
            opened.said[:] = [text for text in opened.said if not any(word in text for word in unanswered)]


def test_events_while_the_network_was_away_come_once_each_after_it(browser, site):
    with tab(browser, site) as opened:
        page = go(opened)
        numbers = note(site, 2)
        was_told(page, numbers)
        page.context.set_offline(True)
        is_paused(page)
        until(lambda: site.app.state.web.hub.count == 0)
        numbers += note(site, 3)
        page.context.set_offline(False)
        is_live(page)
        was_told(page, numbers)
        opened.said[:] = [text for text in opened.said if "ERR_INTERNET_DISCONNECTED" not in text]


def test_a_hidden_tab_closes_its_stream_and_misses_nothing_when_it_comes_back(browser, site):
    hub = site.app.state.web.hub
    with tab(browser, site) as opened:
        page = go(opened)
        until(lambda: hub.count == 1)
        show(page, "hidden")
        is_paused(page)
        until(lambda: hub.count == 0)
        # Nothing was told before the tab was hidden: where it began is known all the same.
        numbers = note(site, 3)
        show(page, "visible")
        is_live(page)
        was_told(page, numbers)


def test_a_tab_that_slept_beside_another_is_told_what_it_missed_and_no_other_hears_it_twice(browser, site):
    hub = site.app.state.web.hub
    with tab(browser, site) as opened:
        page = go(opened)
        other = page.context.new_page()
        other.on("request", lambda request: opened.asked.append(request.url))
        other.add_init_script(NOTED)
        other.goto("/")
        is_live(other)
        assert (hub.count, len(streams(opened))) == (1, 1)
        numbers = note(site, 2)
        was_told(page, numbers)
        was_told(other, numbers)
        show(page, "hidden")
        is_live(other)
        numbers += note(site, 3)
        was_told(other, numbers)
        show(page, "visible")
        is_live(page)
        was_told(page, numbers)
        numbers += note(site, 1)
        was_told(page, numbers)
        was_told(other, numbers)
        until(lambda: hub.count == 1)
        other.close()


def test_calm_pages_change_seldom_and_flash_nothing(browser, site):
    tell(site, 50_000.0)
    # A visitor's settings are the browser's own, so that they end with the test.
    with tab(browser, site, is_owner=False) as opened:
        page = opened.page
        page.goto("/settings")
        page.get_by_label("Calm mode").check()
        page.locator("#look").get_by_role("button", name="Save").click()
        page.wait_for_url("**saved=**")
        go(opened, "/markets")
        assert page.locator("body").get_attribute("data-calm") == "on"
        page.evaluate("""() => { window.changes = 0; window.flashes = 0;
            new MutationObserver((all) => all.forEach((one) => {
                if (one.type === "attributes") window.flashes += /flash/.test(one.target.className);
                else window.changes += 1;
            })).observe(document.querySelector("#prices tbody"), { subtree: true, childList: true, attributes: true });
        }""")
        for last in (50_001.0, 50_002.0):
            tell(site, last)
            expect(bitcoin(page)).to_contain_text(f"{last:,.2f}")
        assert page.evaluate("window.changes") > 0
        assert page.evaluate("window.flashes") == 0


def test_who_wants_less_motion_sees_no_flash(browser, site):
    tell(site, 50_000.0)
    with tab(browser, site, reduced_motion="reduce") as opened:
        page = go(opened, "/markets")
        tell(site, 50_500.0)
        expect(bitcoin(page)).to_contain_text("50,500.00")
        tell(site, 50_600.0)
        expect(bitcoin(page)).to_contain_text("50,600.00")
        flashed = bitcoin(page).locator(".flash-up").first
        expect(flashed).to_be_attached()
        style = flashed.evaluate("one => [getComputedStyle(one).animationName, one.getAnimations().length]")
        assert style == ["none", 0]


def test_the_second_of_two_tabs_that_change_one_watchlist_is_told(browser, site):
    with tab(browser, site) as first, tab(browser, site) as second:
        page = first.page
        page.goto("/watchlists")
        form = page.locator("#create")
        form.get_by_label("Name").fill("Two tabs")
        form.get_by_label("Assets").fill("BTC")
        form.get_by_role("button", name="Create watchlist").click()
        page.wait_for_url(re.compile(r"/watchlists/[^/?]+$"))
        second.page.goto(page.url)
        for opened, asset in ((first, "ETH"), (second, "SOL")):
            edit = opened.page.locator("#edit")
            edit.get_by_label("Add", exact=True).fill(asset)
            edit.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#prices tbody tr")).to_have_count(2)
        expect(second.page.get_by_role("alert")).to_be_visible()
        # What the first one made is shown, and what the second one typed went nowhere.
        expect(second.page.locator("#prices tbody tr")).to_have_count(2)
        expect(second.page.locator("#prices")).to_contain_text("Ethereum")
        assert all("409" in text for text in second.said)
        second.said.clear()


def test_the_head_of_a_page_keeps_its_buttons_in_the_window(browser, site):
    over = []
    with tab(browser, site, locale="fr-FR") as opened:
        opened.page.goto("/")
        for said in ("en direct", "en pause depuis 10:45:12"):
            opened.page.evaluate(HEAD, said)
            for width in range(1024, 1640, 24):
                opened.page.set_viewport_size({"width": width, "height": 800})
                over += [(said, width, by) for by in [opened.page.evaluate(RIGHT)] if by > 0]
    assert over == []
