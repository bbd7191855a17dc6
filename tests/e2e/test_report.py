"""The report in a browser: from a file, without a network, with and without scripts, by hand and by eye.

Needs Chromium on the path; the accessibility rules also need `npm ci` in this folder, or VIGIE_AXE.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.houses import room
from tests.unit.research.report_runs import HOSTILE, hostile_run, luck, notes, simulated_run, small_run
from vigie.research.report import ReportChange, render_report
from vigie.research.report.payload import listed_trades

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("VIGIE_AXE") or Path(__file__).parent / "node_modules/axe-core/axe.min.js")
READY = "html[data-ready]"


def missing(what: str, cure: str) -> None:
    """Skip; in CI a skip that is not named fails (`tests/conftest.py`)."""
    pytest.skip(f"{what} is missing; {cure}")


def first_criteria() -> tuple:
    """Criteria of the trade that was entered first."""
    listed = listed_trades(simulated_run())
    criteria = simulated_run().slots[int(listed.slot[0])].criteria
    return criteria.long if listed.trades["side"][0] > 0 else criteria.short


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of the files."""
    folder = tmp_path_factory.mktemp("reports")
    changes = (ReportChange("slippage", "3", "5"),)
    made = {
        "isolated": render_report(
            simulated_run(), notes=notes(verdict=luck(), changes=changes, settings={"a": "b"})
        ),
        "portfolio": render_report(simulated_run("portfolio"), notes=notes()),
        "french": render_report(simulated_run(), notes=notes(verdict=luck()), language="fr"),
        "empty": render_report(small_run(), notes=notes()),
        "hostile": render_report(hostile_run(), notes=notes(title=HOSTILE)),
    }
    for name, html in made.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in made}


@pytest.fixture
def visit(browser, reports: dict[str, str]) -> Iterator:
    """Open a report in a context without a network; nothing may be asked for and nothing complained about."""
    contexts, asked, said = [], [], []

    def opened(name: str, **settings):
        context = room(browser, offline=True, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.goto(reports[name.partition("#")[0]] + name.removeprefix(name.partition("#")[0]))
        if settings.get("java_script_enabled", True):
            page.wait_for_selector(READY)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.parametrize("name", ["isolated", "portfolio", "french", "empty"])
def test_report_opens_from_a_file_without_a_network(visit, name: str) -> None:
    page = visit(name)
    assert page.locator("h1").inner_text() == "Two assets"
    assert page.locator("#equity-svg path.equity").count() == 1


def test_hostile_names_run_nothing(visit) -> None:
    page = visit("hostile")
    assert page.locator("h1").inner_text() == HOSTILE
    page.locator("#trade-table tbody tr a").first.click()
    assert HOSTILE in page.locator("#trade table.criteria tbody th").first.inner_text()
    assert page.locator("img").count() == 0
    assert page.title() != "1"


def test_without_scripts_all_trades_and_curves_are_there(visit) -> None:
    page = visit("isolated", java_script_enabled=False)
    rows = page.locator("#trade-table tbody tr")
    assert rows.count() == simulated_run().total.trades
    assert rows.last.is_visible()
    assert page.locator("#equity-svg path.equity").is_visible()
    assert not page.locator("#filters").is_visible()


def test_trades_are_paged_filtered_and_sorted(visit) -> None:
    page = visit("isolated")
    rows = page.locator("#trade-table tbody tr")
    assert rows.count() == 50
    page.locator("#next").click()
    assert rows.first.locator("td").first.inner_text() == "51"
    page.locator("[name=side]").select_option(label="short")
    page.locator("[name=text]").fill("eth stop")
    texts = rows.all_inner_texts()
    assert texts
    assert all("eth" in text and "short" in text and "stop" in text for text in texts)
    page.locator("[name=text]").fill("no such trade")
    assert rows.count() == 0
    assert "No trade matches" in page.locator("#sum").inner_text()
    page.locator("#filters button[type=reset]").click()
    rows.nth(49).wait_for()
    page.locator("#trade-table").get_by_role("button", name="Net", exact=True).click()
    best = max(float(slot.trades["pnl"].max()) for slot in simulated_run().slots)
    assert f"+{best:.2f}" in rows.first.inner_text()


def test_filtered_sum_is_that_of_the_run(visit) -> None:
    page = visit("isolated")
    page.locator("#filters [name=slot]").select_option("1")
    slot = simulated_run().slots[1]
    text = page.locator("#sum").inner_text()
    assert text.startswith(f"Trades: {len(slot.trades)}; win rate ")
    net = float(slot.trades["pnl"].sum())
    assert f"{abs(net):,.2f}" in text
    assert ("−" in text) == (net < 0)


def test_trade_shows_its_bars_levels_and_criteria_by_keyboard_alone(visit) -> None:
    page = visit("isolated")
    page.locator("#trade-table tbody a").first.focus()
    page.keyboard.press("Enter")
    card = page.locator("#trade")
    assert page.evaluate("document.activeElement.id") == "trade-head"
    assert "Trade 1 " in card.locator("h3").inner_text()
    assert card.locator("rect.rise, rect.drop").count() >= 30
    assert card.locator("line.level").count() == 3
    table = card.locator("table.criteria")
    assert table.locator("tbody tr").count() == len(first_criteria())
    assert "required" in table.locator("tbody tr").first.inner_text()
    assert "yes" in table.locator("tbody tr").first.inner_text()
    assert page.url.endswith("#t1")
    card.get_by_role("button", name="Next").press("Enter")
    assert "Trade 2 " in card.locator("h3").inner_text()
    card.get_by_role("button", name="Close").press("Enter")
    assert not card.is_visible()


def test_link_to_a_trade_opens_it(visit) -> None:
    assert "Trade 60 " in visit("isolated#t60").locator("#trade h3").inner_text()


def test_bars_of_a_trade_stand_in_a_table_too(visit) -> None:
    page = visit("isolated#t5")
    card = page.locator("#trade")
    card.locator("summary").click()
    # The rows are written when the browser says that the part was opened, which comes after the click.
    card.locator("details tbody tr").first.wait_for(state="attached")
    assert card.locator("details tbody tr").count() == card.locator("rect.rise, rect.drop").count()


def test_slot_has_its_own_curves_and_months(visit) -> None:
    page = visit("isolated")
    before = page.locator("#equity-svg path.equity").get_attribute("d")
    page.locator("#slot-table tbody button").first.click()
    assert page.locator("#which").input_value() == "0"
    assert page.locator("#equity-svg path.equity").get_attribute("d") != before
    assert "macd_cross" in page.locator("#heat caption").inner_text()
    slot = simulated_run().slots[0]
    assert f"{slot.equity[-1]:,.2f}" in page.locator("#equity-d").text_content()
    page.locator("#which").select_option("-1")
    assert page.locator("#heat-of").inner_text() == ""


def test_page_draws_the_total_as_the_server_did(visit) -> None:
    page = visit("isolated")
    marks = "[...document.querySelectorAll('#curve-part .marks text')].map((t) => t.textContent)"
    cells = "[...document.querySelectorAll('#heat td')].map((t) => t.className + t.textContent.trim())"
    before = page.evaluate(marks), page.evaluate(cells), page.locator("#equity-d").text_content()
    page.locator("#which").select_option("0")
    page.locator("#which").select_option("-1")
    assert (page.evaluate(marks), page.evaluate(cells), page.locator("#equity-d").text_content()) == before


def test_cursor_reads_one_moment_in_all_drawings(visit) -> None:
    page = visit("isolated")
    page.locator("#cursor").focus()
    page.keyboard.press("Home")
    assert page.locator("#readout").inner_text().startswith("2021-01-0")
    places = page.locator("#curve-part line.cursor").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('x1'))"
    )
    assert places == ["0%"] * 3
    page.locator("#equity-svg").hover(position={"x": 200, "y": 50})
    assert page.locator("#cursor").get_attribute("aria-valuetext") == page.locator("#readout").inner_text()


def test_slot_table_sorts_by_number(visit) -> None:
    page = visit("isolated")
    page.locator("#slot-table").get_by_role("button", name="Net", exact=True).click()
    order = page.locator("#slot-table tbody tr").evaluate_all(
        "(all) => all.map((row) => Number(row.dataset.slot))"
    )
    net = [slot.summary.final_equity for slot in simulated_run().slots]
    assert order == sorted(range(len(net)), key=lambda k: -net[k])


def test_theme_follows_the_system_until_it_is_switched(visit) -> None:
    page = visit("isolated", color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator("#theme").click()
    assert page.evaluate(ground) != dark
    assert page.locator("#theme").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("name", ["isolated", "french", "empty"])
def test_phone_scrolls_tables_in_their_box_and_never_the_page(visit, name: str) -> None:
    page = visit(name, viewport={"width": 320, "height": 740})
    if name != "empty":
        page.locator("#trade-table tbody a").first.click()
    for width in (320, 360, 768):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("[innerWidth, document.documentElement.scrollWidth]") == [width, width]


def test_print_is_light_and_whole_and_without_controls(visit) -> None:
    page = visit("isolated", color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#slot-table").evaluate(
        "(t) => t.parentElement.scrollHeight <= t.parentElement.clientHeight + 1"
    )


# Whatever has a colour is in the first and, where there are no trades, in the last; the others have words and figures.
@pytest.mark.parametrize(
    ("scheme", "name"),
    [("light", "isolated"), ("dark", "isolated"), ("dark", "portfolio"), ("light", "french"),
     ("light", "empty"), ("dark", "empty")],
)  # fmt: skip
def test_accessibility_rules_find_nothing(visit, scheme: str, name: str) -> None:
    if not AXE.is_file():
        missing("axe-core", "run npm ci in tests/e2e, or set VIGIE_AXE to axe.min.js")
    page = visit(name, color_scheme=scheme, bypass_csp=True)
    if name != "empty":
        page.locator("#trade-table tbody a").first.click()
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] }).then(found => found.violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
