"""Pages as some people set their browser: letters of twice the size, the system's colours, paper."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.e2e.charts import opened_chart
from tests.e2e.houses import COLOURS, WAIT_MS, chromium, faults_of, faults_of_colours, site_of, tab

pytestmark = pytest.mark.browser
PAGES = ("/", "/markets", "/asset/bitcoin", "/news", "/mood", "/backtests", "/backtests/new", "/journal", "/alerts",
         "/studio", "/sources", "/settings", "/help", "/welcome", "/trading", "/onchain", "/tour")  # fmt: skip
# What stands further right than the window is wide, once tables have been told of the new width: that is done in the
# next frame.
OVER = """async () => {
    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > width + 1)
        .map(one => `${one.tagName}.${one.className}`);
}"""
# Contrast of the texts of a page with what lies behind them, the least first: (ratio, text).
CONTRAST = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => parts(colour).slice(0, 3).map(v => v / 255)
        .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = one => {
        for (let at = one; at; at = at.parentElement) {
            const colour = getComputedStyle(at).backgroundColor;
            if ((parts(colour)[3] ?? 1) === 1) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const texts = [...document.querySelectorAll("main *")].filter(one => one.checkVisibility({ opacityProperty: true })
        && !one.closest("svg, .visually-hidden, [hidden], .heatmap, .month") && !/visually-hidden/.test(one.className)
        && [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
    return texts.map(one => {
        const pair = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => b - a);
        return [(pair[0] + 0.05) / (pair[1] + 0.05), one.textContent.trim().slice(0, 40)];
    }).sort((a, b) => a[0] - b[0]).slice(0, 3);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


def colours_of(picture: bytes) -> set[tuple[int, ...]]:
    """Return the colours that many pixels of a picture have."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3)
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    return {tuple(int(part) for part in one) for one, count in zip(found, counts, strict=True) if count >= 20}


# At 640 a page has as much room as on a narrow phone, at 390 half of that. A page is opened once, then made narrower.
def test_nothing_runs_off_with_letters_of_twice_the_size(site):
    over = {}
    with (
        chromium("--blink-settings=defaultFontSize=32") as browser,
        tab(browser, site, viewport={"width": 1280, "height": 800}) as opened,
    ):
        for path in PAGES:
            opened.page.set_viewport_size({"width": 1280, "height": 800})
            opened.page.goto(path)
            assert opened.page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
            for width in (1280, 640, 390):
                opened.page.set_viewport_size({"width": width, "height": 800})
                if found := opened.page.evaluate(OVER):
                    over[path, width] = found[:5]
    assert over == {}


def test_a_chart_keeps_its_colours_where_the_system_replaces_ours(browser, site):
    with tab(browser, site, forced_colors="active", color_scheme="dark") as opened:
        surface = opened_chart(opened.page)
        found = colours_of(surface.screenshot())
    red = [one for one in found if one[0] > one[1] + 40 and one[0] > one[2] + 40]
    green = [one for one in found if one[1] > one[0] + 40]
    assert red
    assert green


def test_paper_is_light_whatever_the_theme_and_has_no_controls(browser, site):
    faint = {}
    with tab(browser, site, color_scheme="dark", viewport={"width": 794, "height": 1123}) as opened:
        page = opened.page
        for path in ("/", "/asset/bitcoin", "/markets", "/journal", "/backtests"):
            page.emulate_media(media="screen", color_scheme="dark")
            page.goto(path)
            for scheme in ("dark", "light"):
                page.emulate_media(media="print", color_scheme=scheme)
                controls = "main :is(button, .segments, .filter-bar):visible, .site-header:visible"
                assert page.locator(controls).count() == 0
                assert (
                    page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light"
                )
                if found := [one for one in page.evaluate(CONTRAST) if one[0] < 4.4]:
                    faint[path, scheme] = found
    assert faint == {}


def test_a_chart_on_paper_is_light(browser, site):
    with tab(browser, site, color_scheme="dark") as opened:
        surface = opened_chart(opened.page)
        assert (255, 255, 255) not in colours_of(surface.screenshot())
        opened.page.emulate_media(media="print")
        opened.page.wait_for_function(
            "() => getComputedStyle(document.querySelector('[data-chart-surface]')).colorScheme === 'light'",
            timeout=WAIT_MS,
        )
        # The library paints with the next frames.
        opened.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        assert (255, 255, 255) in colours_of(surface.screenshot())


def test_nothing_moves_for_who_asks_for_less_motion_nor_runs_off_a_wide_screen(browser, site):
    moving = """() => document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 1)
        .map(one => one.effect.target.className)"""
    found = {"reduce": {}, "no-preference": {}}
    over = {}
    with tab(browser, site, reduced_motion="reduce", viewport={"width": 2560, "height": 1300}) as opened:
        for path in (*PAGES, "/styleguide"):
            opened.page.emulate_media(reduced_motion="reduce")
            opened.page.goto(path)
            for wish, moved in found.items():
                opened.page.emulate_media(reduced_motion=wish)
                if names := opened.page.evaluate(moving):
                    moved[path] = names
            if wide := opened.page.evaluate(OVER):
                over[path] = wide[:5]
    # The design system shows what moves while something is loaded.
    assert [set(moved) for moved in found.values()] == [set(), {"/styleguide"}]
    assert over == {}


def test_pages_can_be_read_where_the_system_replaces_our_colours(browser, site):
    """In both themes of the system: what is drawn in colours of its own keeps them, all else takes the system's."""
    faint = {}
    with tab(browser, site, forced_colors="active", color_scheme="dark") as opened:
        for path in ("/", "/markets", "/asset/bitcoin", "/alerts", "/backtests/new", "/styleguide"):
            opened.page.goto(path)
            if found := faults_of(opened.page, COLOURS) + faults_of_colours(opened.page, "light"):
                faint[path] = found
            opened.page.emulate_media(color_scheme="dark")
    assert faint == {}
