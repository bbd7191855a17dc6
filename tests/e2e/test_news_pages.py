"""The pages of news in a browser: both languages, a narrow screen, no fault of accessibility; what a reader does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, served, tab
from tests.houses import START
from tests.newsrooms import EVENT, read_all, told_house
from vigie.domain.item import Sighting, item_id
from vigie.domain.time import DAY_MS, HOUR_MS, iso, parse_time
from vigie.ports.source_fetches import SourceFetch

pytestmark = pytest.mark.browser
STORY = item_id("sec_press", "e")
# Of bars of a day.
EVENT_BAR = (EVENT - parse_time(START)) // DAY_MS
DAYS = f"from={iso(EVENT)[:10]}&to={iso(EVENT + DAY_MS)[:10]}"
PATHS = (
    "/news?period=1w&entity=org:sec", f"/story/{STORY}", "/entity/org:grayscale", "/news/regulation?country=FR",
    f"/news/{STORY}?in=text&start=0&end=20", "/news/kept",
    f"/asset/ethereum?range=max&{DAYS}",
)  # fmt: skip
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(told_house(tmp_path_factory.mktemp("home"))) as opened:
        yield opened


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
def test_pages_of_news_have_no_faults_of_accessibility_and_fit_a_phone(browser, site, language, scheme):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": 320, "height": 640}
    ) as opened:
        for path in PATHS:
            opened.page.goto(path)
            assert opened.page.locator("h1").count() == 1
            assert faults_of(opened.page) == [], path
            assert opened.page.evaluate(WIDTH) <= 0, path


def test_titles_of_a_story_are_seen_first_on_a_phone(browser, site):
    with tab(browser, site, locale="fr-FR", viewport={"width": 360, "height": 640}) as opened:
        opened.page.goto(f"/story/{STORY}")
        titles = opened.page.locator("#spread-table tbody tr > :first-child > a")
        assert titles.count() > 1
        assert all(box["x"] + box["width"] <= 360 for box in (one.bounding_box() for one in titles.all()))


def test_a_reader_goes_from_a_story_to_its_source_and_follows_who_is_named(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto(f"/story/{STORY}")
        page.locator("#summary li a").first.click()
        page.locator("#said mark").wait_for()
        page.goto("/entity/org:grayscale")
        page.get_by_role("button", name="Follow").click()
        page.get_by_text("You now follow it in your watchlist.").wait_for()
        page.get_by_role("link", name="followed in Watchlist").click()
        page.locator("#entities").get_by_role("link", name="Grayscale").wait_for()
        page.goto("/news?period=1w")
        before = page.get_by_text("Unread", exact=True).count()
        page.get_by_role("button", name="Mark all as read").click()
        page.get_by_text("Marked as read.").wait_for()
        assert (before, page.get_by_text("Unread", exact=True).count()) == (4, 0)


def test_a_filter_is_applied_at_once_by_keyboard_and_keeps_its_place(browser, site):
    with tab(browser, site, locale="en-GB", viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        page.goto("/news?period=1w&entity=org:sec")
        # What is there after a change in place was not loaded anew.
        page.evaluate("document.querySelector('.filter-bar').isTheFirst = true")
        chip = page.locator(".filter-bar summary", has_text="Kind of source")
        chip.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Regulator", exact=True).press("Enter")
        page.wait_for_url(re.compile(r"tier=regulator"))
        assert "entity=org%3Asec" in page.url
        assert "period=1w" in page.url
        expect(chip).to_have_text("Kind of source: Regulator")
        expect(chip).to_be_focused()
        assert page.evaluate("document.querySelector('.filter-bar').isTheFirst === true")
        assert faults_of(page) == []
        page.get_by_role("button", name="Primary sources only").click()
        page.wait_for_url(re.compile(r"first_hand=1"))
        page.go_back()
        page.wait_for_url(re.compile(r"tier=regulator$|tier=regulator&"))


# How many rows like the tallest of a table would lie in the window.
IN_SIGHT = """() => {
    const rows = [...document.querySelectorAll("#top tbody tr")], box = one => one.getBoundingClientRect();
    const tallest = rows.reduce((one, other) => box(one).height >= box(other).height ? one : other);
    return Math.floor((innerHeight - box(rows[0]).top) / box(tallest).height);
}"""


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
def test_twelve_stories_are_in_sight_below_one_line_of_filters_with_one_button_to_export(
    browser, site, language
):
    with tab(browser, site, locale=language, viewport={"width": 1440, "height": 900}) as opened:
        page = opened.page
        page.goto("/news?period=1w")
        assert page.evaluate(IN_SIGHT) >= 12
        bar = page.locator(".filter-line")
        assert bar.bounding_box()["height"] <= bar.locator("summary").first.bounding_box()["height"] + 1
        export = page.locator("#top .export-menu summary")
        assert export.count() == 1
        export.press("Enter")
        forms = [one for one in page.locator("#top .export-menu a[download]").all() if one.is_visible()]
        ends = {re.search(r"\.(\w+)\?", one.get_attribute("href"))[1] for one in forms}
        assert ends == {"csv", "json", "xlsx", "parquet"}


def test_without_scripts_each_filter_is_a_form(browser, site):
    with tab(browser, site, locale="en-GB", java_script_enabled=False) as opened:
        page = opened.page
        page.goto("/news?period=1w")
        page.locator(".filter-bar summary", has_text="Kind of source").click()
        page.get_by_role("button", name="Regulator", exact=True).click()
        page.wait_for_url(re.compile(r"period=1w&tier=regulator"))
        assert page.locator("#items > li").count() > 0


def test_marks_of_news_are_told_by_keyboard_and_what_is_seen_of_the_chart_is_a_span(browser, site):
    with tab(browser, site, locale="en-GB", viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        with page.expect_response(lambda answer: "assets/happened" in answer.url) as marks:
            page.goto("/asset/ethereum?range=max")
        assert [row["story"] for row in marks.value.json()["rows"]] == [STORY]
        page.wait_for_selector("[data-chart-ready]")
        surface = page.locator("[data-chart-surface]")
        surface.focus()
        surface.press("Home")
        for _ in range(EVENT_BAR // 10):
            surface.press("Shift+ArrowRight")
        for _ in range(EVENT_BAR % 10):
            surface.press("ArrowRight")
        page.locator("[data-chart-ready] [role=status]").filter(has_text="in the news: SEC").wait_for(
            state="attached"
        )
        assert "SEC approves" in page.locator(".chart-news").inner_text()
        page.get_by_role("button", name="What happened here").first.click()
        page.locator("#happened-table").wait_for()
        assert "from=" in page.url
        # The answer was scrolled to, and what asked for it lies half below the head of the page.
        page.evaluate("() => scrollTo(0, 0)")
        assert faults_of(page) == []
        marks = page.locator("[data-chart-tools]").get_by_role("button", name="News", exact=True)
        marks.click()
        expect(marks).to_have_attribute("aria-pressed", "false")
        assert page.locator("#in-span").count() == 0
        # What is chosen is remembered, and other tests look at marks.
        marks.click()
        expect(marks).to_have_attribute("aria-pressed", "true")
        page.locator("#in-span").wait_for()


def test_a_story_that_comes_while_a_chart_is_open_is_marked_on_it(browser, site):
    late = "Grayscale lists a fund on Ethereum staking"
    seen = EVENT + 47 * HOUR_MS
    with tab(browser, site, locale="en-GB", viewport={"width": 1280, "height": 900}) as opened:
        page = opened.page
        page.goto("/asset/ethereum?range=max")
        page.wait_for_selector("[data-chart-ready]")
        # This house has no prices of now: the stream is open, and does not call itself live.
        page.wait_for_selector("[data-stream-chip][data-state=old]")
        with page.expect_response(
            lambda answer: "assets/happened" in answer.url and late in answer.text()
        ) as marks:
            said = Sighting("decrypt", "late", "https://decrypt.co/late", late, ts_published=seen)
            site.house.items.take(SourceFetch("decrypt", seen, (said,)))
            read_all(site.house)
        assert late in [row["title"] for row in marks.value.json()["rows"]]
        surface = page.locator("[data-chart-surface]")
        surface.focus()
        surface.press("Home")
        for _ in range((EVENT_BAR + 1) // 10):
            surface.press("Shift+ArrowRight")
        for _ in range((EVENT_BAR + 1) % 10):
            surface.press("ArrowRight")
        page.locator(".chart-news").filter(has_text=late).wait_for()
        page.locator("#in-span-table").get_by_role("link", name=late).wait_for()
        assert page.locator("#in-span").count() == 1
