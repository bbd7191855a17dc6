"""The journalist's third story in Chromium: Bitcoin and Ether over 24 h, a week, a month, as picture and table."""

from __future__ import annotations

import io
import zipfile

import pytest
from defusedxml import ElementTree

from tests.clocks import StandingClock
from tests.e2e.houses import IS_EDITOR, faults_of, served, tab
from tests.houses import DAYS, START, house
from vigie.domain.time import DAY_MS, parse_time

pytestmark = pytest.mark.browser
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    clock = StandingClock(parse_time(START) + DAYS * DAY_MS)
    with served(house(tmp_path_factory.mktemp("home"), clock=clock)) as opened:
        yield opened


def fetched(page, name):
    """Press the link of a file and return what came."""
    with page.expect_download() as found:
        page.locator("#picture .exports").get_by_role("link", name=name).click()
    return found.value.suggested_filename, found.value.path().read_bytes()


def numbers(body):
    """Return the shares of the last sheet that has parts of the board: asset, then 24 h, a week, a month."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        words = ["".join(one.itertext()) for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sheets:
            rows = {}
            for row in ElementTree.fromstring(book.read(name)).iter(f"{CELL}row"):
                cells = [
                    words[int(cell.findtext(f"{CELL}v"))]
                    if cell.get("t") == "s"
                    else float(cell.findtext(f"{CELL}v"))
                    for cell in row
                    if cell.findtext(f"{CELL}v") is not None
                ]
                if len(cells) == 5 and str(cells[0]).endswith(("(BTC)", "(ETH)")):
                    rows[cells[0].partition(" (")[0]] = cells[2:]
            if rows:
                return rows
    raise AssertionError("no sheet holds the table")


@pytest.mark.parametrize(("language", "scripts"), [("en-GB", True), ("fr-FR", False)])
def test_two_assets_over_three_spans_are_exported_in_two_steps_with_the_numbers_of_the_assets_page(
    browser, site, language, scripts
):
    with tab(browser, site, locale=language, java_script_enabled=scripts) as opened:
        page = opened.page
        page.goto("/studio")
        page.locator("button[value=two_assets]").click()
        page.wait_for_url("**/studio/b*")
        shown = page.locator("#picture img")
        shown.wait_for()
        assert "Bitcoin" in shown.get_attribute("alt")
        name, picture = fetched(page, "PNG")
        assert name.startswith("bitcoin-")
        assert picture[:8] == b"\x89PNG\r\n\x1a\n"
        assert int.from_bytes(picture[16:20]) >= 1600
        _, book = fetched(page, "Excel (XLSX)")
        found = numbers(book)
        for place, span in enumerate(("24h", "1w", "1m")):
            page.goto(f"/asset/bitcoin/compare?with=ethereum&range={span}")
            answer = page.request.get(f"/api/v1/assets/compare?assets=bitcoin,ethereum&range={span}").json()
            for one in answer["compared"]:
                assert found[one["name"]][place] == pytest.approx(one["change"], abs=1e-9)
                told = page.locator("#legend tbody tr", has_text=one["name"]).locator(".delta").inner_text()
                digits = f"{abs(one['change']) * 100:.2f}"
                assert digits in told.replace(",", "."), (told, digits)


def test_the_studio_has_no_fault_of_accessibility_and_fits_a_phone(browser, site):
    for language, scheme in (("en-GB", "dark"), ("fr-FR", "light")):
        settings = {"locale": language, "color_scheme": scheme, "viewport": {"width": 320, "height": 640}}
        with tab(browser, site, **settings) as opened:
            page = opened.page
            page.goto("/studio?add=chart&assets=bitcoin&span=1y")
            assert faults_of(page) == []
            assert page.evaluate(WIDTH) <= 0
            page.locator("button[value=two_assets]").click()
            page.wait_for_url("**/studio/b*")
            page.locator("#picture img").wait_for()
            assert faults_of(page) == []
            assert page.evaluate(WIDTH) <= 0
            page.goto("/studio")
            assert faults_of(page) == []
            page.goto("/studio/style")
            assert faults_of(page) == []
            assert page.evaluate(WIDTH) <= 0


def test_a_board_is_changed_and_kept_with_the_keyboard_alone(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/studio")
        page.get_by_role("button", name="Empty board").press("Enter")
        page.wait_for_url("**/studio/b*")
        assert page.evaluate(IS_EDITOR, ["#picture", ".editor-settings"])
        page.locator("#f-title").focus()
        page.keyboard.type("A week of mine")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name="A week of mine").wait_for()
        page.get_by_role("button", name="Heat map").press("Enter")
        page.locator("#part-0").wait_for()
        assert page.locator("#f-p0_span").input_value() == "24h"


def test_the_picture_follows_the_settings_and_is_kept_only_when_saved(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/studio")
        page.locator("button[value=one_chart]").click()
        page.wait_for_url("**/studio/b*")
        page.locator("#f-title").focus()
        page.keyboard.press("End")
        page.keyboard.type(", mine")
        drawn = page.locator("#picture svg", has_text=", mine")
        drawn.wait_for()
        assert page.evaluate("document.activeElement.id") == "f-title"
        page.get_by_text("Not saved yet").wait_for()
        assert faults_of(page) == []
        # The picture stays in sight while its settings are scrolled.
        page.locator("#more summary").scroll_into_view_if_needed()
        assert page.locator("#picture").bounding_box()["y"] < page.viewport_size["height"]
        page.locator("#f-title").fill("")
        page.reload()
        assert page.locator("#f-title").input_value() == "Bitcoin over 1 year"
        page.locator("#f-p0_span").select_option("1m")
        page.locator("#picture svg").wait_for()
        page.get_by_role("button", name="Save and redraw").press("Enter")
        page.locator("#picture img").wait_for()
        assert page.locator("#f-p0_span").input_value() == "1m"
