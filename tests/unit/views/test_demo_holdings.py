"""The demonstration's person owns four lines in euros: one at a bank, one whose ticker two coins share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from tests.channels import notifiers_of
from tests.clocks import StandingClock
from tests.unit.services.holdings.test_letter import Postman
from vigie.domain.alert import Channel
from vigie.domain.fact import Observation
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.watching import letters
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.views.cli.demo_holdings import LINES, add_demo_holdings, schedule_demo_letter
from vigie_sandbox.world.catalogue import make_catalogue, make_namesake

NOW = parse_time("2026-11-01T12:00:00Z")


@pytest.fixture
def built(tmp_path):
    return houses.house(tmp_path / "home", clock=StandingClock(NOW))


def with_prices(built, now=NOW):
    start = now // DAY_MS * DAY_MS
    for series, value in (
        ("onchain/bitcoin/price_usd", 60_000.0), ("onchain/ethereum/price_usd", 2_000.0), ("fx/usd/per_eur", 1.25),
    ):  # fmt: skip
        built.facts.append(
            Observation(series, start - day * DAY_MS, start - day * DAY_MS, value) for day in range(1, 720)
        )


def with_coins(built, now=NOW):
    coins = make_catalogue(10)
    rows = [
        {"id": coin.id, "symbol": coin.symbol, "name": coin.name, "current_price": 2.0}
        for coin in (*coins, make_namesake(coins))
    ]
    built.facts.put_document("coingecko", "markets", now, {"rows": rows})


def test_nothing_is_added_before_prices_and_the_list_of_coins_are_there(built):
    assert not add_demo_holdings(built)
    with_prices(built)
    assert not add_demo_holdings(built)
    assert run_operation(built, OWNER, "holdings.list", {}).rows == []


def test_four_lines_in_euros_one_at_a_bank_and_one_to_resolve(built):
    with_prices(built)
    with_coins(built)
    assert add_demo_holdings(built)
    rows = run_operation(built, OWNER, "holdings.list", {}).rows
    assert [row.name for row in rows] == ["LUMAR", "Orvane Bitcoin", "Ethereum", "Ethereum", "Bitcoin"]
    assert {row.currency for row in rows} == {"EUR"}
    assert len({row.day for row in rows}) == len(LINES) + 2
    shared, product, sale, ether, bitcoin = rows
    assert (bitcoin.amount, ether.amount) == ("6720.00", "4800.00"), "what it cost on that day"
    assert (sale.kind, sale.amount, sale.day) == ("sell", "640.00", "2025-12-10")
    held = run_operation(built, OWNER, "holdings.positions", {}).rows
    assert [row.name for row in held] == ["Bitcoin", "Ethereum", "Orvane Bitcoin"]
    assert (product.product_form, product.yearly_fee, product.spread) == ("security", 0.015, 0.01)
    candidates = run_operation(built, OWNER, "holdings.coins", {"coin": shared.typed}).rows
    assert [row.name for row in candidates] == ["Lumar", "Lumera"]
    worth = run_operation(built, OWNER, "holdings.worth", {})
    assert (worth.open_lines, worth.currency) == (1, "eur"), (
        "the currency of all lines, where none was chosen"
    )


def test_the_french_file_of_last_year_follows_a_sale_line_by_line(built):
    with_prices(built)
    with_coins(built)
    add_demo_holdings(built)
    rows = run_operation(built, OWNER, "holdings.tax", {"country": "FR", "year": 2025}).rows
    sale = {row.line: row.exact for row in rows if row.part == "sale" and row.line}
    # 0.14 Bitcoin at 48,000 euros and 3 Ether at 1,600 are worth 11,520; 640 of it left, of 11,520 that were paid.
    assert (sale["212"], sale["213"], sale["220"], sale["gain"]) == ("11520", "640", "11520", "0")


def test_a_letter_comes_to_the_mailbox_soon_as_text_html_and_pdf(built):
    with_prices(built)
    with_coins(built)
    add_demo_holdings(built)
    assert not schedule_demo_letter(built), "nowhere to send it yet"
    built.alerts.put_channel(Channel("", OWNER.user, "mail", "reader@demo.example", is_confirmed=True))
    assert schedule_demo_letter(built)
    assert schedule_demo_letter(built)
    plan = run_operation(built, OWNER, "holdings.letter_schedule", {})
    assert NOW < plan.ts_next <= NOW + 15 * 60_000
    postman = Postman()
    later = replace(built, clock=StandingClock(plan.ts_next), notifiers=notifiers_of(mail=lambda: postman))
    bound(later, letters.look)()
    DeliveryWorker(later).send_due()
    (mail,) = postman.sent
    assert "Your week" in mail.subject
    assert "Orvane Bitcoin" in mail.text
    assert "Orvane Bitcoin" in mail.html
    assert [one.body[:5] for one in mail.attachments] == [b"%PDF-"]


def test_what_a_person_undid_does_not_come_back(built):
    with_prices(built)
    with_coins(built)
    add_demo_holdings(built)
    batch = run_operation(built, OWNER, "holdings.batches", {}).rows[0].batch
    run_operation(built, OWNER, "holdings.undo", {"holding_batch": batch})
    assert add_demo_holdings(built)
    assert len(run_operation(built, OWNER, "holdings.list", {}).rows) == 4


def test_the_page_of_the_beginner_names_the_bank_and_shows_no_leverage(built):
    with_prices(built)
    with_coins(built)
    add_demo_holdings(built)
    run_operation(built, OWNER, "settings.change", {"persona": "beginner"})
    page = houses.Browser(built).get("/portfolio").text
    main = page[page.index("<main") :].lower()
    assert "orvane bitcoin" in main
    assert "a security, not a coin" in main
    assert 'id="choose"' in main
    warned = main[main.index('id="warnings"') : main.index('id="headline"')]
    assert "of the worth depends on the coin bitcoin. your limit is 40%." in warned
    for word in ("leverage", "margin", "liquidation", "perpetual", "short"):
        assert word not in main
