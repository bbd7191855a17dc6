"""What scripts add: chart, drawings, voice, live values, keys, palette; always under the page's rules."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, room, site_of, tab
from tests.houses import until
from vigie.domain.quote import Quote

pytestmark = pytest.mark.browser
CHART = "/asset/bitcoin"
READY = "[data-chart-ready]"
SURFACE = "[data-chart-surface]"
STAGE = "#chart .chart-stage"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


def open_chart(page, path=CHART):
    page.goto(path)
    page.wait_for_selector(READY)
    return page.locator(SURFACE).first.bounding_box()


def draw_trend(page, box):
    """Draw a line and wait until it is kept."""
    page.get_by_role("button", name="Trend line").click()
    page.mouse.click(box["x"] + 120, box["y"] + 120)
    with page.expect_response(lambda answer: answer.request.method == "PUT") as told:
        page.mouse.click(box["x"] + 260, box["y"] + 180)
    return told.value


def kept(page, path=CHART):
    return page.evaluate("path => fetch(path).then(answer => answer.json())", f"{path}/drawings").get(
        "drawings", []
    )


def scripts_of(opened):
    """Return what was fetched of the chart: its data and its programs."""
    return [url for url in opened.asked if re.search(r"/static/(chart|library)-|/api/v1/assets/chart\?", url)]


def tell(site, last, change=None):
    """Let a venue deliver a price."""
    now = site.house.clock.wall_now()
    site.house.quotes.put([Quote("binance-perp", "btc-usdt-perp", now, now, last, change_24h=change)])


@contextmanager
def phone(browser, site):
    """Open a chart on a phone whose clock stands."""
    settings = {"viewport": {"width": 412, "height": 823}, "is_mobile": True, "has_touch": True}
    with tab(browser, site, **settings) as opened:
        opened.page.clock.install(time=0)
        opened.page.clock.pause_at(1_000)
        opened.page.goto(CHART)
        yield opened


def test_chart_takes_the_place_of_the_drawing_without_a_style_element(browser, site):
    with tab(browser, site) as opened:
        open_chart(opened.page)
        assert opened.page.locator(".chart-stage > svg").count() == 0
        assert opened.page.locator(".chart-stage canvas").count() > 0
        assert opened.page.locator("style").count() == 0
        assert faults_of(opened.page) == []


def test_on_a_phone_the_drawing_stays_while_prices_move_until_the_page_has_rested(browser, tmp_path):
    # A house of its own: figures are kept for some seconds, and nobody has looked at them here.
    with site_of(tmp_path / "home") as site:
        tell(site, 50_150.25)
        with phone(browser, site) as opened:
            page = opened.page
            price = page.locator(".asset-price")
            expect(price).to_contain_text("50,150.25")
            tell(site, 50_151.75)
            page.clock.run_for(2_000)
            page.wait_for_selector("[data-chart-seen]")
            page.wait_for_selector("[data-state=live]")
            until(lambda: page.clock.run_for(2) or "50,151.75" in price.inner_text())
            assert scripts_of(opened) == []
            assert page.locator(f"{STAGE} > svg").is_visible()
            page.clock.resume()
            page.wait_for_selector(READY)
            assert page.locator(f"{STAGE} > svg").count() == 0
            assert faults_of(page) == []


@pytest.mark.parametrize("turn_to", ["tap", "focus"])
def test_on_a_phone_the_chart_starts_when_somebody_turns_to_it(browser, site, turn_to):
    with phone(browser, site) as opened:
        page = opened.page
        page.clock.run_for(2_000)
        page.wait_for_selector("[data-chart-seen]")
        assert scripts_of(opened) == []
        # The clock stands: nothing but the sign can make it start.
        with page.expect_response("**/api/v1/assets/chart?*"):
            if turn_to == "tap":
                page.locator(STAGE).tap()
            else:
                page.locator("#chart a").first.focus()
        page.clock.resume()
        page.wait_for_selector(READY)
        page.locator(SURFACE).focus()
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".chart-stage [role=status]")).to_contain_text("close")


def test_older_bars_are_fetched_by_who_goes_there_not_by_who_looks(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        open_chart(page)
        surface = page.locator(SURFACE)
        surface.focus()
        assert not any("before=" in url for url in opened.asked)
        with page.expect_response(re.compile(r"before=")):
            surface.press("-")


def test_arrow_keys_move_by_a_bar_and_the_bar_is_told(browser, site):
    with tab(browser, site) as opened:
        open_chart(opened.page)
        voice = opened.page.locator(".chart-stage [role=status]")
        opened.page.locator(SURFACE).focus()
        opened.page.keyboard.press("ArrowLeft")
        expect(voice).to_contain_text("close")
        first = voice.inner_text()
        opened.page.keyboard.press("Home")
        expect(voice).not_to_have_text(first)
        expect(voice).to_contain_text("UTC")


def test_drawing_is_kept_undone_and_there_again_after_a_reload(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        assert draw_trend(page, open_chart(page)).status == 200
        assert [one["kind"] for one in kept(page)] == ["trend"]
        page.reload()
        page.wait_for_selector(READY)
        assert [one["kind"] for one in kept(page)] == ["trend"]
        page.get_by_role("button", name="Horizontal line").click()
        page.keyboard.press("ArrowLeft")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.keyboard.press("Enter")
        assert [one["kind"] for one in kept(page)] == ["trend", "horizontal"]
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.keyboard.press("Control+z")
        assert [one["kind"] for one in kept(page)] == ["trend"]


def test_second_tab_is_told_that_the_drawings_were_changed_and_writes_nothing_over(browser, site):
    path = "/asset/ethereum"
    with tab(browser, site) as first, tab(browser, site) as second:
        box = open_chart(second.page, path)
        draw_trend(first.page, open_chart(first.page, path))
        assert draw_trend(second.page, box).status == 409
        expect(second.page.locator("[data-announce]")).to_contain_text("another tab")
        assert len(kept(second.page, path)) == 1
        # The browser itself notes the refused answer.
        assert all("409" in text for text in second.said)
        second.said.clear()


def test_replay_hides_what_came_later_and_links_to_the_page_of_then(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        open_chart(page)
        page.locator(SURFACE).evaluate("one => one.isTheFirst = true")
        page.get_by_role("button", name="Replay").click()
        page.get_by_role("button", name="One bar forward").click()
        link = page.get_by_role("link", name="Show as of then")
        assert "as_of=" in link.get_attribute("href")
        page.get_by_role("button", name="End replay").click()
        assert page.locator(".chart-replay").count() == 0
        assert page.locator(SURFACE).evaluate("one => one.isTheFirst === true")


def test_live_value_is_patched_with_mark_and_sign(browser, site):
    tell(site, 50_000.0, 0.01)
    with tab(browser, site) as opened:
        opened.page.goto("/markets")
        opened.page.wait_for_selector("[data-state=live]")
        tell(site, 51_234.5, -0.0321)
        row = opened.page.locator("#prices tbody tr", has_text="Bitcoin")
        expect(row).to_contain_text("51,234.50")
        expect(row).to_contain_text("\u25bc\u22123.21%")


def test_two_tabs_share_one_stream_and_the_second_takes_over(browser, site):
    hub = site.app.state.web.hub
    until(lambda: hub.count == 0)
    context = room(browser, base_url=site.url)
    context.add_cookies([site.cookie])
    first, second = context.new_page(), context.new_page()
    try:
        for page in (first, second):
            # Without a fresh price the stream is open but not called live.
            tell(site, 28_300.0)
            page.goto("/markets")
            page.wait_for_selector("[data-state=live]")
        assert hub.count == 1
        first.close()
        now = site.house.clock.wall_now()
        site.house.quotes.put([Quote("binance-perp", "eth-usdt-perp", now, now, 2_468.25)])
        expect(second.locator("#prices")).to_contain_text("2,468.25")
    finally:
        context.close()


def test_palette_finds_and_opens_with_the_keyboard_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        answer = {
            "items": [
                {"title": "Bitcoin", "href": "/asset/bitcoin", "kind": "Asset"},
                {"title": "Markets", "href": "/markets", "kind": "Page"},
            ]
        }
        page.route("**/palette?*", lambda route: route.fulfill(json=answer))
        page.goto("/")
        page.keyboard.press("Control+k")
        page.wait_for_selector("[role=option]")
        assert faults_of(page) == []
        page.keyboard.press("ArrowDown")
        assert page.get_by_role("option", name="Markets").get_attribute("aria-selected") == "true"
        page.keyboard.press("Enter")
        page.wait_for_url("**/markets")


def test_single_keys_never_fire_in_fields_and_can_be_switched_off(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/styleguide")
        page.locator("#f-search").focus()
        page.keyboard.type("?")
        assert page.locator("dialog:modal").count() == 0
        page.locator("#f-search").blur()
        page.keyboard.type("?")
        assert page.get_by_role("dialog", name="Shortcuts").is_visible()
        page.get_by_role("button", name="Turn off shortcuts").click()
        page.wait_for_load_state("load")
        page.keyboard.type("?")
        assert page.locator("dialog:modal").count() == 0


def test_table_is_sorted_in_place_and_its_address_says_so(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/markets")
        asked = len(opened.asked)
        page.locator("#prices th", has_text="Price").get_by_role("link").click()
        names = page.locator("#prices tbody th a").all_inner_texts()
        assert names == ["Bitcoin", "Ethereum", "Solana"]
        page.locator("#prices th", has_text="Price").get_by_role("link").click()
        assert page.locator("#prices tbody th a").all_inner_texts() == names[::-1]
        assert "sort=price_usd" in page.url
        assert [url for url in opened.asked[asked:] if "/markets" in url] == []


def test_figure_can_be_cited(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto(CHART)
        page.locator(".cite").first.click()
        box = page.get_by_role("dialog")
        assert "Source" in box.inner_text()
        assert faults_of(page) == []
        page.keyboard.press("Escape")
        page.locator("[role=dialog]").wait_for(state="detached")


def test_theme_changes_at_once_and_stays(browser, site):
    with tab(browser, site, color_scheme="light") as opened:
        page = opened.page
        page.goto("/")
        with page.expect_response("**/look"):
            page.locator("[data-theme-form] button").click()
        assert page.locator("html").get_attribute("data-theme") == "dark"
        page.reload()
        assert page.locator("html").get_attribute("data-theme") == "dark"


def test_stream_rests_while_the_page_is_left_and_going_back_opens_it(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        # Without a fresh price the stream is open but not called live.
        tell(site, 28_400.0)
        page.goto("/markets")
        page.wait_for_selector("[data-state=live]")
        page.goto("/styleguide")
        page.go_back()
        page.wait_for_selector("[data-state=live]")
