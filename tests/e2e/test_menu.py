"""The head of every page, used: lists of the groups, the palette by keyboard, the bar of a phone, density, fonts."""

from __future__ import annotations

import re

import pytest

from tests.e2e.houses import site_of, tab, tabs
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# How far down a 25th row of the price table would end.
ROWS = """() => {
    const first = document.querySelector("#prices tbody tr").getBoundingClientRect();
    return [first.height, first.top + 25 * first.height];
}"""
STAGE = """() => {
    const stage = document.querySelector("#chart .chart-stage").getBoundingClientRect();
    return stage.height / innerHeight;
}"""
# Whether what has the focus lies below a fixed bar.
COVERED = """() => {
    if (document.activeElement === document.body) return false;
    const box = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector(".site-nav").getBoundingClientRect();
    return getComputedStyle(document.querySelector(".site-nav")).position === "fixed" && box.bottom > bar.top + 1
        && !document.querySelector(".site-nav").contains(document.activeElement);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def used(browser):
    with tabs(browser) as use:
        yield use


def choose_density(site, density: str) -> None:
    site.house.accounts.put_settings(OWNER.user, {"density": density})


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_page_of_a_group_is_two_interactions_away_by_keyboard(browser, site, has_scripts):
    with tab(browser, site, java_script_enabled=has_scripts) as opened:
        page = opened.page
        page.goto("/")
        page.locator(".site-nav li:has(> a[href='/markets']) summary").focus()
        page.keyboard.press("Enter")
        entry = page.locator(".site-nav .menu a[href='/derivatives']")
        assert entry.is_visible()
        entry.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/derivatives")
        assert page.locator(".site-nav > ul > li > a[aria-current]").inner_text().strip() == "Markets"


def test_escape_closes_the_list_of_a_group_and_gives_the_focus_back(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/")
        page.wait_for_selector("[data-palette]:not([hidden])")
        summary = page.locator(".site-nav li:has(> a[href='/news']) summary")
        summary.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "/news"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        assert not page.locator(".site-nav .menu a[href='/mood']").is_visible()


def test_the_palette_takes_what_is_typed_at_once_opens_it_and_remembers_it(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/")
        page.wait_for_selector("[data-palette]:not([hidden])")
        # Typed before the palette's own file has come: nothing is lost, and no single key acts.
        page.keyboard.press("Control+k")
        page.keyboard.type("eth")
        page.wait_for_selector("[role=option][aria-selected=true]:has-text('Ethereum')")
        assert page.locator(".palette-input").input_value() == "eth"
        page.keyboard.press("Enter")
        page.wait_for_url("**/asset/ethereum")
        page.keyboard.press("Control+k")
        first = page.locator("[role=option]").first
        first.wait_for()
        assert "Ethereum" in first.inner_text()


def test_the_palette_and_the_parts_of_a_page_speak_the_language_of_its_address(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/notifications?lang=fr")
        page.wait_for_selector("[data-palette]:not([hidden])")
        with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true") as part:
            page.evaluate("document.dispatchEvent(new CustomEvent('vigie:inbox'))")
        assert part.value.headers["content-language"] == "fr"
        page.keyboard.press("Control+k")
        page.keyboard.type("volume")
        page.locator(".palette-list").get_by_text("Lexique").first.wait_for()


def test_what_is_closed_before_its_answer_comes_opens_nothing(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/")
        page.wait_for_selector("[data-palette]:not([hidden])")
        page.keyboard.press("Control+k")
        page.locator(".palette-input").wait_for()
        held = []
        page.route("**/palette?q=eth", lambda route: held.append(route))
        with page.expect_request("**/palette?q=eth"):
            page.keyboard.type("eth")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.locator(".palette-input").wait_for(state="hidden")
        for route in held:
            route.continue_()
        page.unroute("**/palette?q=eth")
        page.keyboard.press("Control+k")
        page.locator("[role=option]").first.wait_for()
        assert page.evaluate("location.pathname") == "/"


def test_a_command_opens_the_form_of_an_alert_and_a_theme_changes_at_once(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/")
        page.wait_for_selector("[data-palette]:not([hidden])")
        page.keyboard.press("Control+k")
        page.keyboard.type("dark theme")
        page.wait_for_selector("[role=option][aria-selected=true]:has-text('Dark theme')")
        page.keyboard.press("Enter")
        page.wait_for_selector("html[data-theme=dark]")
        page.wait_for_selector("[data-palette]:not([hidden])")
        page.keyboard.press("Control+k")
        page.keyboard.type("alert me when bitcoin falls 5 %")
        page.wait_for_selector("[role=option][aria-selected=true]:has-text('Create an alert')")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/alerts\?kind=price"))
        blanks = [
            page.locator(f"#rule [name={name}]").input_value() for name in ("field", "operator", "bound")
        ]
        assert blanks == ["change_24h", "<", "−5 %"]
        assert run_operation(site.house, OWNER, "alerts.rules", {}).rules == []


def test_a_phone_has_four_groups_and_all_pages_behind_more(browser, site):
    with tab(browser, site, **PHONE) as opened:
        page = opened.page
        page.goto("/")
        shown = [link for link in page.locator(".site-nav > ul > li > a").all() if link.is_visible()]
        assert [link.inner_text().strip().splitlines()[0] for link in shown] == [
            "Today",
            "Desk",
            "Markets",
            "News",
            "More",
        ]
        assert all(link.bounding_box()["height"] >= 44 for link in shown)
        shown[-1].tap()
        page.wait_for_url("**/search")
        page.locator("#found a[href='/journal']").tap()
        page.wait_for_url("**/journal")
        # The group of the journal is not in the bar: More is marked for it.
        shown = [link for link in page.locator(".site-nav > ul > li > a").all() if link.is_visible()]
        assert [link.inner_text().strip().splitlines()[0] for link in shown] == [
            "Today",
            "Desk",
            "Markets",
            "News",
            "More",
        ]
        assert [link.get_attribute("aria-current") for link in shown] == [None] * 4 + ["true"]
        assert len({link.bounding_box()["y"] for link in shown}) == 1
        assert page.locator(".brand svg").bounding_box()["width"] == 20


def test_the_bar_of_a_phone_covers_nothing_that_has_the_focus(browser, site):
    with tab(browser, site, **PHONE) as opened:
        page = opened.page
        for path in ("/", "/settings"):
            page.goto(path)
            for _ in range(40):
                page.keyboard.press("Tab")
                assert page.evaluate(COVERED) is False, (
                    path,
                    page.evaluate("document.activeElement.outerHTML"),
                )


def test_rows_follow_the_density_and_25_of_them_fit_a_window(browser, site):
    with tab(browser, site, viewport={"width": 1440, "height": 900}) as opened:
        for density, height in (("compact", 28), ("comfortable", 40)):
            choose_density(site, density)
            opened.page.goto("/markets")
            found, end = opened.page.evaluate(ROWS)
            assert found == height
            if density == "compact":
                assert end <= 900
    choose_density(site, "")


WIDE, NARROW = ((1440, 900), 0.6), ((390, 844), 0.45)
ASSET, COMPARED = "/asset/bitcoin", "/asset/bitcoin/compare?with=ethereum"


@pytest.mark.parametrize(
    ("path", "size", "least", "has_scripts"),
    [
        (ASSET, *WIDE, True),
        (ASSET, *NARROW, False),
        (COMPARED, *NARROW, True),
        *(
            pytest.param(path, *window, has_scripts, marks=pytest.mark.chaos)
            for path, window, has_scripts in (
                (ASSET, WIDE, False), (ASSET, NARROW, True), (COMPARED, NARROW, False), (COMPARED, WIDE, True),
                (COMPARED, WIDE, False),
            )
        ),
    ],
)  # fmt: skip
def test_a_chart_has_most_of_the_window_before_scripts_load(browser, site, size, least, has_scripts, path):
    viewport = {"width": size[0], "height": size[1]}
    with tab(browser, site, viewport=viewport, java_script_enabled=has_scripts) as opened:
        opened.page.goto(path)
        assert opened.page.evaluate(STAGE) >= least


def test_the_font_is_there_at_the_first_paint_in_both_weights(browser, site):
    with tab(browser, site) as opened:
        opened.page.goto("/markets")
        opened.page.evaluate("document.fonts.ready.then(() => true)")
        check = "['400', '600'].map(weight => document.fonts.check(`${weight} 15px Inter`))"
        assert opened.page.evaluate(check) == [True, True]
        loaded = (
            "[...document.fonts].filter(font => font.family === 'Inter' && font.status === 'loaded').length"
        )
        assert opened.page.evaluate(loaded) == 1


# The lists of menus that do not lie in the window, or lie below the bar at its foot.
OUTSIDE = """menus => menus.filter(menu => {
    const { left, right, top, bottom } = menu.lastElementChild.getBoundingClientRect();
    const bar = document.querySelector(".site-nav");
    const isFixed = getComputedStyle(bar).position === "fixed";
    const foot = isFixed && !bar.contains(menu) ? bar.getBoundingClientRect().top : innerHeight;
    return menu.open && (left < 0 || right > innerWidth || top < 0 || bottom > foot + 1);
}).map(menu => menu.querySelector("summary").textContent.trim())"""


@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_menu_opens_lies_in_the_window(site, used, width):
    outside = {}
    with used(site, viewport={"width": width, "height": 700}) as opened:
        for path in ("/", "/markets", "/asset/bitcoin/compare?with=ethereum", "/mood"):
            opened.page.goto(path)
            menus = opened.page.locator("main details.menu:visible")
            assert menus.count()
            for menu in menus.all():
                menu.locator("summary").first.click()
                menu.locator("summary + *").wait_for()
                # The list is placed when the browser tells that it was opened.
                opened.page.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
                )
                if found := menus.evaluate_all(OUTSIDE):
                    outside[path] = found
                opened.page.keyboard.press("Escape")
    assert outside == {}
