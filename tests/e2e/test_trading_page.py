"""The pages of a trading account in a browser: live figures, both themes, a narrow screen, keys alone, few bytes."""

from __future__ import annotations

from dataclasses import replace

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, served, tab
from tests.e2e.test_pages import HTML, NODES
from tests.houses import person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.catalogue import complete_languages
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import texts

pytestmark = pytest.mark.browser
END = BEGUN + DAYS * DAY_MS
# The signs of life that the home tells of.
HEARD: list[LastHeartbeat] = []
PARTS = ("", "trades", "days", "orders", "refusals", "slots", "limits", "events")
OWNER = person("owner")
# Amounts that do not fit their tile, and values of the curve's axis that lie on the curve.
CUT = """() => {
  const box = (one) => one.getBoundingClientRect();
  const cut = [...document.querySelectorAll(".tile-value")].filter((one) => one.scrollWidth > one.clientWidth);
  const end = Math.max(...[...document.querySelectorAll("#equity-chart .grid")].map((one) => box(one).right));
  const texts = [...document.querySelectorAll('#equity-chart text[text-anchor="end"]')];
  return [...cut, ...texts.filter((one) => box(one).left < end)].map((one) => one.textContent);
}"""

# Whether the second and the third cell that are shown of each row end within the box of the table.
SEEN = """id => {
  const end = document.querySelector(id).closest(".table-wrap").getBoundingClientRect().right;
  const rows = [...document.querySelectorAll(`${id} tbody tr`)].map((row) =>
    [...row.children].map((cell) => cell.getBoundingClientRect()).filter((box) => box.width > 0));
  return [1, 2].map((at) => rows.length > 0 && rows.every((boxes) => boxes[at].right <= end));
}"""

# On how many lines a text stands.
LINES = """one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
}"""


@pytest.fixture(scope="module")
def site(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", END)
    with served(replace(built, home_health=HomeHealth(beats=lambda: tuple(HEARD)))) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    # After the site: the account trades in a loop of its own, and a browser brings one along.
    with lent() as opened:
        yield opened


@pytest.fixture(scope="module")
def paths(site):
    trade = run_operation(site.house, OWNER, "journal.list", {}).rows[0]["id"]
    return [
        *(f"/trading?part={part}" for part in PARTS), "/trading?confirm=flatten", "/journal", "/journal?by=hour",
        f"/journal/{trade}",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "scheme", "wide", "every"), [("fr-FR", "light", 320, 1), ("en-GB", "dark", 1_280, 5)]
)
def test_every_part_is_open_to_everybody_small_and_fits_its_screen(
    browser, site, paths, language, scheme, wide, every
):
    size = {"width": wide, "height": 800}
    with tab(browser, site, locale=language, color_scheme=scheme, viewport=size) as opened:
        page = opened.page
        for path in paths[::every]:
            answer = page.goto(path)
            assert len(brotli.compress(answer.body(), quality=5)) <= HTML, path
            assert page.evaluate("document.querySelectorAll('*').length") <= NODES, path
            assert page.locator("h1").count() == 1
            assert faults_of(page) == [], path
            over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(over) <= 0, path
            assert page.evaluate(CUT) == [], path


@pytest.mark.parametrize("language", complete_languages())
def test_the_longest_state_and_the_time_of_a_trade_fit_a_phone(browser, site, language):
    said = "Entries paused: limit reached"
    longest = texts(language).get(said, said)
    with tab(browser, site, locale=language, viewport={"width": 320, "height": 800}) as opened:
        page = opened.page
        page.goto("/trading")
        page.locator(".page-head .badge").first.evaluate(
            "(one, said) => { one.textContent = said; }", longest
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.goto("/journal")
        lines = page.locator("tbody th a").first.evaluate(LINES)
        assert lines == 2


# Texts of the limits that lie on one another.
OVERPRINTED = """() => [...document.querySelectorAll(".gauges > li")].flatMap((row) => {
  const boxes = [...row.querySelectorAll("span, strong")].map((one) => [one, one.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)
    .filter(([other, b]) => !one.contains(other) && a.left < b.right && b.left < a.right && a.top < b.bottom - 1
      && b.top < a.bottom - 1)
    .map(([other]) => `${one.textContent} / ${other.textContent}`))
    .concat(boxes.map(([one]) => one).filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.textContent));
})"""


@pytest.mark.parametrize("wide", [320, 1_440])
def test_a_limit_in_force_is_told_without_texts_on_one_another(browser, site, monkeypatch, wide):
    until = {"loss_streak": END + DAY_MS}
    monkeypatch.setattr("vigie.services.operations.trading.find_account_limits", lambda *_, **__: until)
    with tab(browser, site, viewport={"width": wide, "height": 900}) as opened:
        opened.page.goto("/trading")
        assert opened.page.locator(".gauges .badge", has_text="in force until").count() == 1
        assert opened.page.evaluate(OVERPRINTED) == []


@pytest.mark.parametrize("path", ["/trading", "/trading?part=trades"])
def test_what_a_trade_brought_is_seen_on_a_phone_without_scrolling(browser, site, path):
    with tab(browser, site, locale="fr-FR", viewport={"width": 360, "height": 800}) as opened:
        page = opened.page
        page.goto(path)
        assert page.locator("#trade-rows tbody .only-phone .badge").first.is_visible()
        assert page.evaluate(SEEN, "#trade-rows") == [True, True]
        # The reason stands with the trade, and no row is in a scroller within the page.
        wrap = page.locator(".table-wrap:has(#trade-rows)")
        assert wrap.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
        assert page.locator("#trade-rows tbody th .only-phone > .sub").last.inner_text().strip()


def test_prices_that_come_move_the_account_by_themselves(browser, site):
    held = run_operation(site.house, OWNER, "trading.positions", {}).rows
    assert held

    def price(factor: float) -> None:
        site.house.quotes.put(
            [Quote("binance-perp", one["instrument"], END, END, one["entry"] * factor) for one in held]
        )

    price(1.0)
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading")
        shown = page.locator("#positions-rows tbody tr").first.locator("[data-live$=':pnl_fraction']")
        expect(page.locator("[data-stream-chip]")).to_have_attribute("data-state", "live")
        price(1.1)
        expect(shown).to_have_text("+10.00%" if held[0]["side"] == "long" else "\u221210.00%")
        told = run_operation(site.house, OWNER, "trading.account", {})
        expect(page.locator("#tile-1 .tile-value .num")).to_have_text(f"{told.equity:,.2f}\u00a0USDT")
        # Of the same moment: what the amount is of the capital, and what each strategy has open.
        share = f"{told.result_fraction:+.2%}".replace("-", "\u2212")
        expect(page.locator("#tile-1 .tile-change .num")).to_have_text(share)
        for row in run_operation(site.house, OWNER, "trading.strategies", {}).rows:
            cell = page.locator(f"[data-live='strategy:main/{row['strategy']}:open_pnl']")
            expect(cell).to_have_text(f"{row['open_pnl']:,.2f}".replace("-", "\u2212"))


def test_a_trader_that_dies_and_begins_again_is_seen_without_reloading(browser, site):
    lease = site.house.trades.take("main", "trade@here:1", for_s=30.0)
    part = part_name("main")
    HEARD[:] = [LastHeartbeat(part, 1.0, {})]
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading")
        gone = page.get_by_text("Account not running")
        expect(page.locator("[data-stream-chip]")).to_have_attribute("data-state", "live")
        expect(gone).to_be_hidden()
        expect(page.get_by_text("Active", exact=True)).to_be_visible()
        HEARD[:] = [LastHeartbeat(part, 11.0, {})]
        expect(gone).to_be_visible()
        expect(page.get_by_text("Active", exact=True)).to_be_hidden()
        HEARD[:] = [LastHeartbeat(part, 0.0, {})]
        expect(gone).to_be_hidden()
    site.house.trades.leave(lease)
    HEARD.clear()


def test_what_the_account_does_is_shown_without_asking_again(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading?part=slots")
        expect(page.locator("[data-stream-chip]")).to_have_attribute("data-state", "live")
        slot = "btc-usdt-perp/4h/macd_cross"
        run_operation(site.house, OWNER, "trading.switch", {"slots": [slot], "on": False})
        expect(page.get_by_role("button", name=f"Switch on: {slot}")).to_be_visible()
        run_operation(site.house, OWNER, "trading.switch", {"slots": [slot], "on": True})


def test_an_account_is_stopped_and_let_again_by_keys_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading")
        page.get_by_role("link", name="Stop entries").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Reason").focus()
        page.keyboard.type("tests")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Entries are stopped. Open positions keep their stops")).to_be_visible()
        assert site.house.trades.state("main") == "reducing"
        page.get_by_role("link", name="Resume entries").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Resume entries").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("The account can open positions again.")).to_be_visible()
        assert site.house.trades.state("main") == "active"


def test_an_order_of_somebody_else_appears_by_itself_and_is_taken_note_of_by_keys_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/trading")
        expect(page.locator("[data-stream-chip]")).to_have_attribute("data-state", "live")
        expect(page.locator("#concerns")).to_have_count(0)
        lease = site.house.trades.take("main", "tests", for_s=30.0, by_force=True)
        said = {"order": "7", "side": 1, "qty": "0.5", "kind": "limit"}
        note = AuditNote("trade.unexplained_order", "btc-usdt-perp", said)
        site.house.trades.commit(lease, TradeChange(notes=(note,)))
        site.house.trades.leave(lease)
        expect(page.locator("#concerns")).to_contain_text("Order not placed by Vigie")
        assert faults_of(page) == []
        page.get_by_role("button", name="Mark as seen").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("You will see a new alert if it happens again.")).to_be_visible()
        expect(page.locator("#concerns")).to_have_count(0)
        page.get_by_role("link", name="Events").click()
        expect(page.locator("#event-rows tbody tr", has_text="buy 0.5, limit order, id 7")).to_be_visible()
