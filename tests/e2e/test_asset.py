"""The chart of an asset in a browser: over the drawing of the server, by keyboard, with drawings, without scripts."""

from __future__ import annotations

import re

import pytest

from tests.e2e.charts import LEGEND, READY, SURFACE, opened_chart
from tests.e2e.houses import faults_of, site_of, tab

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


def is_the_same_chart(page, mark=False):
    """Tell whether the chart was not loaded anew since it was marked."""
    surface = page.locator(SURFACE)
    return surface.evaluate("one => one.isTheFirst = true" if mark else "one => one.isTheFirst === true")


def spoken(page):
    return page.locator(f"{READY} [role=status]")


def test_the_chart_takes_the_box_of_the_drawing_without_moving_anything(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        page.route("**/api/v1/assets/chart*", lambda route: route.abort())
        page.goto("/asset/bitcoin")
        stage = page.locator("#chart .chart-stage")
        assert stage.locator(":scope > svg").count() == 1
        before = stage.bounding_box()
        opened.said.clear()
        page.unroute("**/api/v1/assets/chart*")
        opened_chart(page)
        assert stage.locator(":scope > svg").count() == 0
        assert stage.bounding_box()["height"] == before["height"]
        opened.said.clear()


def test_keys_move_the_cursor_and_what_is_there_is_spoken(browser, site):
    with tab(browser, site) as opened:
        surface = opened_chart(opened.page)
        surface.focus()
        surface.press("ArrowLeft")
        first = spoken(opened.page)
        first.filter(has_text=re.compile("close")).wait_for(state="attached")
        said = first.inner_text()
        assert re.search(r"open .*high .*low .*close", said)
        surface.press("Shift+ArrowLeft")
        opened.page.wait_for_function(
            "said => document.querySelector('[data-chart-ready] [role=status]').textContent !== said",
            arg=said,
        )
        surface.press("End")
        # What happens to lie half under the bar at the top is no fault of the chart.
        surface.evaluate("surface => surface.scrollIntoView({block: 'center', behavior: 'instant'})")
        assert faults_of(opened.page) == []


def test_a_drawing_is_kept_over_a_reload_and_told_to_a_second_tab(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        opened_chart(page)
        page.get_by_role("button", name="Horizontal line").click()
        with page.expect_response(
            lambda answer: answer.url.endswith("/drawings") and answer.request.method == "PUT"
        ) as saved:
            box = page.locator(SURFACE).bounding_box()
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
        assert saved.value.status == 200
        kept = page.request.get("/asset/bitcoin/drawings").json()
        assert [one["kind"] for one in kept["drawings"]] == ["horizontal"]
        with page.expect_response(lambda answer: answer.url.endswith("/drawings")) as loaded:
            opened_chart(page)
        assert loaded.value.json() == kept


def test_without_scripts_indicators_and_ranges_are_one_folded_form_and_links(browser, site):
    with tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto("/asset/bitcoin?range=1y")
        page.get_by_text("Chart settings", exact=True).click()
        page.get_by_label("Add an indicator").select_option("rsi")
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url("**/asset/bitcoin?range=1y&lines=rsi")
        page.get_by_role("link", name="1 w", exact=True).click()
        page.wait_for_url(re.compile(r"range=1w"))
        assert "lines=rsi" in page.url
        page.get_by_text("Chart settings", exact=True).click()
        page.get_by_role("link", name="Remove RSI").click()
        page.wait_for_url("**/asset/bitcoin?range=1w&lines=")
        assert page.get_by_role("heading", name="RSI 14").count() == 0


@pytest.mark.parametrize("path", ["/asset/bitcoin?lines=sma_20,rsi", "/asset/bitcoin/compare?with=ethereum"])
def test_without_scripts_the_page_is_whole(browser, site, path):
    with tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(path)
        assert page.locator(".chart-stage > svg").first.is_visible()
        assert page.locator(".chart-stage > svg title").first.text_content()
        assert page.locator("tbody tr").count() >= 12
        assert page.locator("[data-chart-tools]").first.inner_text().strip() == ""
    if "rsi" in path:
        with tab(browser, site, java_script_enabled=False) as opened:
            opened.page.goto(path)
            assert opened.page.get_by_role("heading", name="RSI 14").is_visible()


def test_another_time_is_chosen_with_the_chart_and_left_with_the_link(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        opened_chart(page)
        is_the_same_chart(page, mark=True)
        page.get_by_role("button", name="As of", exact=True).click()
        page.get_by_label("Time", exact=True).fill("2025-05-01T12:00")
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url("**as_of=2025-05-01T12%3A00")
        page.get_by_role("note").filter(has_text="1 May 2025 12:00 UTC").wait_for()
        page.locator(LEGEND).filter(has_text="1 May 2025").wait_for()
        assert is_the_same_chart(page)
        assert faults_of(page) == []
        page.get_by_role("link", name="Back to now").click()
        page.wait_for_url("**/asset/bitcoin")


def test_compared_assets_become_a_chart_that_can_be_read_by_keyboard(browser, site):
    with tab(browser, site) as opened:
        surface = opened_chart(opened.page, "/asset/bitcoin/compare?with=ethereum,solana")
        surface.focus()
        surface.press("ArrowLeft")
        spoken(opened.page).filter(has_text=re.compile("Ethereum")).wait_for(state="attached")
        assert faults_of(opened.page) == []


def test_another_asset_is_laid_over_the_chart(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        opened_chart(page)
        is_the_same_chart(page, mark=True)
        with page.expect_response(re.compile(r"/api/v1/assets/compare\?")) as answered:
            page.get_by_role("button", name="Compare with", exact=True).click()
            page.get_by_role("combobox", name="Compare with").fill("ETH")
            page.get_by_role("combobox", name="Compare with").press("Enter")
        body = answered.value.json()
        chart = page.request.get("/api/v1/assets/chart?asset=bitcoin&range=1m").json()
        # Its points stand where the candles stand.
        assert {ts for ts, _ in body["lines"][0]["values"]} >= {bar[0] for bar in chart["bars"]}
        page.locator(".chart-legend").filter(has_text="Ethereum").wait_for()
        assert is_the_same_chart(page)


def test_replay_goes_on_by_itself_until_it_is_paused(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/asset/bitcoin?range=1m&as_of=2025-06-01")
        page.get_by_role("link", name="Play").click()
        page.wait_for_url(re.compile(r"as_of=2025-06-(01T(0[4-9]|[12])|0[2-9])"))
        assert page.get_by_role("link", name="Pause").is_visible()
        told = page.get_by_role("note").first.inner_text()
        page.wait_for_function(
            "told => !document.querySelector('[role=note]').innerText.includes(told)", arg=told
        )
        page.get_by_role("link", name="Pause").click()
        page.get_by_role("link", name="Play").wait_for()
        assert page.locator("#replay[hx-get]").count() == 0
        assert "play=" not in page.url


def test_the_chart_tells_times_in_the_zone_of_the_visitor(browser, site):
    with tab(browser, site, is_owner=False) as opened:
        page = opened.page
        page.goto("/settings")
        page.get_by_label("Time zone").fill("Europe/Paris")
        page.get_by_role("button", name="Save", exact=True).first.click()
        opened_chart(page, "/asset/bitcoin?range=1w&timeframe=1h&as_of=2025-07-01")
        legend = page.locator(f"{READY} .chart-legend")
        legend.filter(has_text="CEST").wait_for()
        assert "UTC" not in legend.inner_text()


def test_a_span_is_chosen_by_drawing_over_it_or_by_keys_and_fills_the_dates(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        surface = opened_chart(page)
        box = surface.bounding_box()
        page.keyboard.down("Shift")
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.4)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
        page.mouse.up()
        page.keyboard.up("Shift")
        page.wait_for_url("**from=*&to=*#happened")
        page.wait_for_selector("#happened")
        drawn = [page.locator(f"input[name={name}]").input_value() for name in ("from", "to")]
        assert all(day in page.url for day in drawn)
        assert drawn[0] < drawn[1]
        surface = opened_chart(page)
        surface.focus()
        surface.press("ArrowLeft")
        surface.press(" ")
        spoken(page).filter(has_text=re.compile("The period starts here. Space at another bar")).wait_for(
            state="attached"
        )
        surface.press("ArrowLeft")
        surface.press(" ")
        page.wait_for_url(re.compile(r"from=.*to=.*#happened"))
        page.wait_for_selector("#happened")
