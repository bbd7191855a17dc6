"""The chart's tools in a browser: other bars, spans and indicators in place, news, pictures, drawings moved."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e import charts
from tests.e2e.charts import LEGEND, READY, SURFACE
from tests.e2e.houses import faults_of, served, tab
from tests.houses import house

pytestmark = pytest.mark.browser
DESK = {"width": 1280, "height": 900}
# What pictures say, and in which colours their keys are drawn.
WRITTEN = """() => {
    window.written = []; window.keys = [];
    const pen = CanvasRenderingContext2D.prototype, { fillText, lineTo } = pen;
    pen.fillText = function (text, ...rest) { written.push(text); return fillText.call(this, text, ...rest); };
    pen.lineTo = function (...point) {
        if (!this.canvas.isConnected) keys.push(this.strokeStyle);
        return lineTo.call(this, ...point);
    };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    # Prices are invented here, and pictures that leave it say so.
    with served(replace(house(tmp_path_factory.mktemp("home")), is_simulated=True)) as opened:
        yield opened


def opened_chart(page, path="/asset/bitcoin"):
    charts.opened_chart(page, path)
    # What is there after a change in place was not loaded anew.
    page.evaluate("document.querySelector('[data-chart-surface]').isTheFirst = true")


def is_the_same_chart(page):
    return page.evaluate("document.querySelector('[data-chart-surface]').isTheFirst === true")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def bars_asked(page, work):
    with page.expect_response(
        lambda answer: (
            "/assets/chart?" in answer.url and "points=3000" in answer.url and "before=" not in answer.url
        )
    ) as answered:
        work()
    return answered.value.json()


def test_interval_and_span_change_the_chart_in_place(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page)
        link = page.get_by_role("link", name="1d", exact=True)
        assert bars_asked(page, link.click)["timeframe"] == "1d"
        page.wait_for_url("**/asset/bitcoin?timeframe=1d")
        expect(link).to_have_attribute("aria-current", "true")
        expect(page.locator("#chart-title")).to_contain_text("1 d bars")
        answer = bars_asked(page, page.get_by_role("link", name="1 y", exact=True).click)
        assert (answer["range"], answer["timeframe"]) == ("1y", "1d")
        expect(page.locator("#bars-table tbody tr").first).to_be_visible()
        assert is_the_same_chart(page)
        assert page.locator("#chart .chart-stage > svg").count() == 0
        assert faults_of(page) == []
        page.go_back()
        page.wait_for_url("**/asset/bitcoin?timeframe=1d")
        page.wait_for_selector(READY)


# The buttons that can be used, and what is seen of them: pressed, opened, said, led to.
TOOLS = """() => [...document.querySelectorAll("[data-chart-tools] button, .chart-draw button")]
    .filter(one => one.checkVisibility() && !one.disabled)"""
STATE = """() => JSON.stringify([
    [...document.querySelectorAll("#chart [aria-pressed], #chart [aria-expanded]")]
        .map(one => [one.getAttribute("aria-pressed"), one.getAttribute("aria-expanded")]),
    document.querySelectorAll("dialog[open], .chart-replay").length, !!document.fullscreenElement,
    document.activeElement.tagName, [...document.querySelectorAll("[role=status]")].map(one => one.textContent),
    location.href])"""
FOCUSED = """one => {
    one.focus();
    return one.getAttribute("aria-pressed") === "true" && !!one.closest(".segments");
}"""
LEADING = """() => [...document.querySelectorAll("[data-chart-tools] > .button-icon")].slice(1, 3)"""
REACHED = f"() => ({TOOLS})().indexOf(document.activeElement)"
# What the axis of prices looks like.
AXIS = "document.querySelector('[data-chart-ready] table tr td:last-child canvas').toDataURL()"


@pytest.mark.parametrize("language", ["en-GB", pytest.param("fr-FR", marks=pytest.mark.chaos)])
def test_every_tool_is_reached_with_tab_and_used_with_enter(browser, site, language):
    with tab(browser, site, viewport=DESK, locale=language) as opened:
        page = opened.page
        opened_chart(page, "/asset/ethereum")
        tools = page.evaluate_handle(TOOLS)
        count = page.evaluate("tools => tools.length", tools)
        assert count > 20
        page.evaluate("tools => tools[0].focus()", tools)
        reached = set()
        for _ in range(3 * count):
            reached.add(page.evaluate(REACHED))
            page.keyboard.press("Tab")
            if len(reached - {-1}) == count:
                break
        assert reached >= set(range(count))
        # Two lead on: to what happened in the span that is seen, and to a plan.
        leading = [page.evaluate(f"({LEADING})().map(one => ({TOOLS})().indexOf(one))")][0]
        for number in (number for number in range(count) if number not in leading):
            tool = "([tools, number]) => tools[number]"
            told = page.evaluate(
                f"([tools, number]) => ({FOCUSED})(({tool})([tools, number]))", [tools, number]
            )
            before = page.evaluate(STATE)
            page.keyboard.press("Enter")
            # Of some beside one another, one is chosen already.
            if not told:
                page.wait_for_function(f"before => ({STATE})() !== before", arg=before)
            page.keyboard.press("Escape")
            page.evaluate("() => document.fullscreenElement && document.exitFullscreen()")
        assert is_the_same_chart(page)
        # What Escape leaves draws nothing.
        assert page.request.get("/asset/ethereum/drawings").json()["drawings"] == []
        for place, there in enumerate(("**#happened", "**/plans/new?*")):
            page.evaluate(f"place => ({LEADING})()[place].focus()", place)
            page.keyboard.press("Enter")
            page.wait_for_url(there)
            if place == 0:
                opened_chart(page, "/asset/ethereum")


def test_the_scale_is_linear_logarithmic_or_in_percent(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page, "/asset/bitcoin?range=max&timeframe=1d")
        seen = [page.evaluate(AXIS)]
        assert button(page, "Lin").get_attribute("aria-pressed") == "true"
        for name in ("Log", "%", "Lin"):
            button(page, name).press("Enter")
            expect(button(page, name)).to_have_attribute("aria-pressed", "true")
            page.wait_for_function(f"before => {AXIS} !== before", arg=seen[-1])
            seen.append(page.evaluate(AXIS))
        assert len(set(seen[:3])) == 3
        assert is_the_same_chart(page)


def test_indicators_are_searched_given_values_kept_and_taken_off_by_keyboard(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page)
        button(page, "Indicators").focus()
        page.keyboard.press("Enter")
        field = page.get_by_label("Search indicators")
        expect(field).to_be_focused()
        field.fill("boll")
        button(page, "Bollinger: add").press("Enter")
        page.wait_for_url(re.compile("lines=bollinger_20"))
        expect(page.locator(LEGEND)).to_contain_text("Bollinger 20 +2σ")
        page.get_by_label("Bollinger: Deviations").fill("2.5")
        page.get_by_label("Bollinger: Deviations").press("Tab")
        page.wait_for_url(re.compile("lines=bollinger_20_2.5"))
        field.fill("macd")
        button(page, "MACD: add").click()
        expect(page.locator(LEGEND)).to_contain_text("MACD signal")
        before = page.url
        page.get_by_label("MACD: Fast").fill("40")
        page.get_by_label("MACD: Fast").press("Tab")
        expect(page.locator("dialog [role=status]")).to_contain_text("fast must be < slow")
        assert page.url == before
        # The browser tells every refused request.
        assert all("400" in text for text in opened.said)
        opened.said.clear()
        assert faults_of(page) == []
        button(page, "Close").click()
        assert is_the_same_chart(page)
        # Kept: a page without words of its own shows them.
        opened_chart(page, "/asset/ethereum")
        expect(page.locator(LEGEND)).to_contain_text("Bollinger 20 2.5 +2σ")
        button(page, "Indicators").click()
        for name in ("Bollinger", "MACD"):
            button(page, f"Remove {name}").click()
        expect(page.locator(LEGEND)).not_to_contain_text("MACD")
        page.wait_for_url("**/asset/ethereum")


def test_another_period_of_an_indicator_keeps_every_scale_and_the_zoom(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page, "/asset/bitcoin?lines=rsi_14,macd")
        # One row of the library's table a pane, and one for the times between.
        panes = page.locator(f"{READY} .chart-surface table tr")
        before = panes.count()
        page.locator(SURFACE).focus()
        place = page.evaluate("scrollY")
        # The axis of times is the same picture as long as the same bars are in sight.
        axis = "document.querySelector('[data-chart-ready] table > tr:last-child canvas').toDataURL()"
        seen = page.evaluate(axis)
        for _ in range(4):
            page.keyboard.press("+")
            page.wait_for_function(f"before => {axis} !== before", arg=seen)
            seen = page.evaluate(axis)
        button(page, "Indicators").click()
        page.get_by_label("RSI: Bars").fill("20")
        page.get_by_label("RSI: Bars").press("Tab")
        expect(page.locator(LEGEND)).to_contain_text("RSI 20")
        button(page, "Close").click()
        assert panes.count() == before
        page.wait_for_function(f"seen => {axis} === seen", arg=seen)
        assert page.evaluate("scrollY") == place


def test_news_markers_are_hidden_and_shown_in_place(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page)
        expect(button(page, "News")).to_have_attribute("aria-pressed", "true")
        button(page, "News").click()
        expect(button(page, "News")).to_have_attribute("aria-pressed", "false")
        button(page, "News").click()
        expect(button(page, "News")).to_have_attribute("aria-pressed", "true")
        assert is_the_same_chart(page)


def test_a_picture_is_saved_with_its_title_and_source(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page)
        page.evaluate(WRITTEN)
        with page.expect_download() as saved:
            button(page, "Save picture").click()
        written = page.evaluate("written")
        assert any(
            text.startswith("Bitcoin (BTC)") and text.endswith("Demo: invented prices") for text in written
        )
        assert any(text.startswith("Vigie · Source: ") for text in written)
        assert re.fullmatch(
            r"bitcoin-btc-price-1-month-\d{4}-\d\d-\d{6}\.png", saved.value.suggested_filename
        )
        content = saved.value.path().read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) > 10_000


def test_a_saved_comparison_names_its_lines_and_its_scale(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        opened_chart(page, "/asset/bitcoin/compare?with=ethereum&range=1m")
        page.evaluate(WRITTEN)
        with page.expect_download():
            button(page, "Save picture").click()
        written, keys = page.evaluate("written"), page.evaluate("keys")
        assert any("Rebased to 100" in text for text in written)
        assert any(text.startswith("Ethereum ") for text in written)
        assert len(set(keys)) == 2  # a line beside each name, in its colour


def test_a_drawing_is_moved_by_two_clicks_and_by_keys(browser, site):
    with tab(browser, site, viewport=DESK) as opened:
        page = opened.page
        # Of an asset whose chart no other test of this file judges: the line stays.
        opened_chart(page, "/asset/solana")
        box = page.locator(SURFACE).bounding_box()
        x, heights = box["x"] + box["width"] / 2, [box["y"] + box["height"] * part for part in (0.3, 0.5)]

        def price_after(work):
            with page.expect_response(
                lambda answer: answer.url.endswith("/drawings") and answer.request.method == "PUT"
            ):
                work()
            (one,) = page.request.get("/asset/solana/drawings").json()["drawings"]
            return one["points"][0]["price"]

        button(page, "Horizontal line").click()
        first = price_after(lambda: page.mouse.click(x, heights[0]))
        button(page, "Move drawing").click()
        second = price_after(lambda: page.mouse.click(x, heights[1]))
        assert second < first
        button(page, "Move drawing").click()
        expect(button(page, "Move drawing")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("End")
        page.keyboard.press("ArrowUp")
        assert price_after(lambda: page.keyboard.press("Enter")) not in (first, second)
        expect(button(page, "Move drawing")).to_have_attribute("aria-pressed", "false")


def test_a_phone_takes_a_longer_interval_before_bars_get_thin(browser, site):
    with tab(browser, site, viewport={"width": 390, "height": 844}, has_touch=True) as opened:
        page = opened.page
        opened_chart(page, "/asset/bitcoin?range=1w&timeframe=1h")
        surface = page.locator(SURFACE)
        surface.focus()

        def zoom_out():
            for _ in range(2):
                page.keyboard.press("-")

        assert bars_asked(page, zoom_out)["timeframe"] == "4h"
        page.wait_for_url(re.compile("timeframe=(4h|1d)"))
        assert is_the_same_chart(page)


# Strong colours of the chart below its legend: grid lines are faint, bars and lines are not. With it, how far the
# legend reaches over the scale, where the last price stands.
COVERED = """() => {
    const legend = document.querySelector(".chart-legend").getBoundingClientRect();
    const part = one => {
        const left = Math.max(legend.left, one.left), top = Math.max(legend.top, one.top);
        const width = Math.min(legend.right, one.right) - left;
        const height = Math.min(legend.bottom, one.bottom) - top;
        return width >= 1 && height >= 1 ? [left - one.left, top - one.top, width, height] : null;
    };
    const boxes = where => [...document.querySelectorAll(`#chart-stage ${where}`)].map(
        one => [one, one.getBoundingClientRect()]
    ).filter(([, box]) => box.width);
    let strong = 0, seen = 0;
    for (const [canvas, box] of boxes("canvas")) {
        const over = part(box);
        if (!over) continue;
        seen += 1;
        const [left, top, width, height] = over.map(px => Math.round(px * canvas.width / box.width));
        const copy = new OffscreenCanvas(width, height).getContext("2d", {willReadFrequently: true});
        copy.drawImage(canvas, -left, -top);
        const { data } = copy.getImageData(0, 0, width, height);
        const ground = data[3] ? [data[0], data[1], data[2]] : [255, 255, 255];
        for (let at = 0; at < data.length; at += 4) {
            const far = Math.hypot(...ground.map((own, number) => data[at + number] - own));
            if (data[at + 3] > 40 && far > 70) strong += 1;
        }
    }
    const axes = boxes("td:last-child canvas");
    return {strong, seen, axes: axes.length, covered: axes.filter(([, box]) => part(box)).length};
}"""
FIVE = "bollinger_20,ema_20,sma_50,rsi_14,macd"


@pytest.mark.parametrize(
    ("language", "width", "height"),
    [
        ("fr-FR", 390, 844),
        ("en-GB", 1440, 900),
        pytest.param("en-GB", 390, 844, marks=pytest.mark.chaos),
        pytest.param("fr-FR", 1440, 900, marks=pytest.mark.chaos),
    ],
)
def test_the_legend_of_five_indicators_lies_on_nothing_that_is_drawn(browser, site, language, width, height):
    with tab(
        browser, site, locale=language, color_scheme="light", viewport={"width": width, "height": height}
    ) as opened:
        page = opened.page
        opened_chart(page, f"/asset/bitcoin?range=1m&lines={FIVE}")
        page.wait_for_function(f"() => ({COVERED})().strong === 0", polling=200)
        found = page.evaluate(COVERED)
        assert found["seen"] > 0
        assert found["axes"] > 0
        assert found["covered"] == 0
        legend = page.locator(".chart-legend")
        assert "SMA" in legend.inner_text()
        # The same with values at the cursor, whose own line stands beside.
        stage, box = page.locator("#chart-stage").bounding_box(), legend.bounding_box()
        page.mouse.move(box["x"] + box["width"] + 4, stage["y"] + stage["height"] * 0.4)
        page.wait_for_function(f"() => ({COVERED})().strong === 0", polling=200)
