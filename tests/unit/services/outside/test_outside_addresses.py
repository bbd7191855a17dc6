"""Addresses whose fills are read: kept encrypted, told to nobody, read without losing or doubling, removed whole."""

from __future__ import annotations

import logging
from dataclasses import replace

import httpx
import pytest

from tests.houses import Browser, house, person
from tests.unit.adapters.venues.hyperliquid.test_public_fills import (
    ADDRESS,
    NOBODY,
    reader,
    row,
    served,
    venue_of,
)
from tests.unit.sandbox.exchange.hyperliquid.counter import market, open_counter
from tests.unit.sandbox.world.hands import ask, small_world
from vigie.domain.errors import ConnectorError, NotFound, UsageError, VigieError
from vigie.services.operation_calls import run_operation
from vigie_sandbox.world.services.hyperliquid_users import TRADER

ANN, BOB = person("u-ann", "trader"), person("u-bob", "trader")
HISTORY = [row(1), row(2, side="A", startPosition="0.01", px="60100.5"), row(3, coin="@142")]


class Venue:
    """A venue whose fills a test may change; it may fail from a question on."""

    def __init__(self, fills=HISTORY):
        self.fills, self.fails_after, self.asked = list(fills), None, 0

    def __call__(self, question):
        if question["type"] == "userRole":
            return {"role": "missing" if question["user"] == NOBODY else "user"}
        self.asked += 1
        if self.fails_after is not None and self.asked > self.fails_after:
            return httpx.Response(429, headers={"Retry-After": "99"})
        return venue_of(self.fills)(question)


@pytest.fixture
def venue():
    return Venue()


@pytest.fixture
def built(tmp_path, venue):
    return replace(house(tmp_path / "home", with_bars=False), fill_reader=reader(venue))


def asked(built, name, caller=ANN, **values):
    return run_operation(built, caller, f"outside.{name}", values)


def test_an_address_is_read_at_once_and_again_without_doubling(built, venue):
    first = asked(built, "add_address", address=ADDRESS)
    assert (first.added, first.known, first.skipped, str(first.fault)) == (2, 0, 1, "")
    (trade,) = asked(built, "list").rows
    assert (trade.state, trade.instrument, trade.pnl, trade.fees, trade.net) == (
        "closed", "btc-usdc-perp", "1", "0.54 USDC", "0.46"
    )  # fmt: skip
    assert [one.asset for one in asked(built, "fills").rows] == ["bitcoin"] * 2
    venue.fills.append(row(9, startPosition="0.0"))
    again = asked(built, "read_address", outside_address=first.outside_address)
    assert again.added == 1
    assert asked(built, "add_address", address=ADDRESS.upper().replace("0X", "0x")).added == 0
    (kept,) = asked(built, "addresses").rows
    assert (kept.fills, kept.short, kept.venue) == (3, f"{ADDRESS[:6]}…{ADDRESS[-4:]}", "hyperliquid-perp")
    assert kept.ts_read is not None
    assert asked(built, "addresses", BOB).rows == []


def test_a_page_that_repeats_a_fill_adds_it_once(built, venue):
    venue.fills += [row(9, startPosition="0.0")] * 3 + [row(9, startPosition="0.0", hash="0x1")]
    first = asked(built, "add_address", address=ADDRESS)
    assert (first.added, str(first.fault)) == (3, "")
    assert len(asked(built, "fills").rows) == 3
    assert asked(built, "read_address", outside_address=first.outside_address).added == 0


def test_a_home_reads_the_address_that_its_settings_name_over_the_wire(tmp_path, monkeypatch):
    counter = open_counter()
    counter.place(market(1))
    counter.place(market(-1))
    with served(counter) as url:
        monkeypatch.setenv("VIGIE_HYPERLIQUID_URL", url)
        built = house(tmp_path / "home", with_bars=False)
        assert asked(built, "add_address", address=counter.wallet.key).added == 2
        with pytest.raises(UsageError, match="knows no account"):
            asked(built, "add_address", address=NOBODY)
        assert [(trade.state, trade.side) for trade in asked(built, "list").rows] == [("closed", "long")]


def test_the_account_of_the_demonstration_makes_closed_trades(built):
    world = small_world()
    demo = replace(built, fill_reader=reader(lambda question: ask(world, "hyperliquid", "/info", question)))
    assert asked(demo, "add_address", address=TRADER).added > 20
    states = [trade.state for trade in asked(demo, "list").rows]
    assert set(states[1:]) == {"closed"}


def test_what_was_read_before_the_venue_fell_silent_is_kept_and_the_rest_comes_later(built, venue):
    venue.fills = [row(number, startPosition=f"{number}", sz="1") for number in range(4_500)]
    venue.fails_after = 1
    first = asked(built, "add_address", address=ADDRESS)
    assert first.added == 2_000
    assert "asks to wait 99 s; nothing was lost" in first.fault
    venue.fails_after = None
    second = asked(built, "read_address", outside_address=first.outside_address)
    assert (second.added, str(second.fault)) == (2_500, "")
    (trade,) = asked(built, "list").rows
    assert (trade.state, trade.qty) == ("open", "4500")


def test_an_address_of_nobody_and_one_that_is_none_are_refused_and_not_kept(built):
    with pytest.raises(UsageError, match="knows no account of this address"):
        asked(built, "add_address", address=NOBODY)
    with pytest.raises(UsageError, match="0x and 40 hexadecimal digits"):
        asked(built, "add_address", address=ADDRESS[:-1])
    assert asked(built, "addresses").rows == []


def test_a_venue_that_is_silent_at_first_keeps_nothing(built, tmp_path):
    silent = replace(built, fill_reader=reader(lambda _: httpx.Response(503)))
    with pytest.raises(VigieError, match="did not answer; nothing was lost"):
        asked(silent, "add_address", address=ADDRESS)
    assert asked(built, "addresses").rows == []


def test_at_most_ten_addresses_are_kept(built):
    for number in range(10):
        asked(built, "add_address", address=f"0x{number:040x}".replace(NOBODY[2:], f"{99:040x}"))
    with pytest.raises(UsageError, match="at most 10 addresses"):
        asked(built, "add_address", address=ADDRESS)


def test_an_address_goes_with_its_fills_and_nobody_else_sees_or_removes_it(built):
    added = asked(built, "add_address", address=ADDRESS).outside_address
    for name in ("read_address", "remove_address"):
        with pytest.raises(NotFound):
            asked(built, name, BOB, outside_address=added)
    assert asked(built, "remove_address", outside_address=added).removed == 2
    assert asked(built, "addresses").rows == asked(built, "fills").rows == []
    with pytest.raises(NotFound):
        asked(built, "read_address", outside_address=added)


def test_an_address_that_another_key_encrypted_says_what_to_do(built):
    added = asked(built, "add_address", address=ADDRESS).outside_address
    (built.home / "secrets" / "web.key").write_text("0" * 64)
    assert [kept.short for kept in asked(built, "addresses").rows] == [""]
    with pytest.raises(ConnectorError, match="remove it and add it again"):
        asked(built, "read_address", outside_address=added)
    assert asked(built, "remove_address", outside_address=added).removed == 2


def test_the_address_stands_in_no_file_log_chain_export_or_address_of_a_page(built, venue, caplog):
    caplog.set_level(logging.DEBUG)
    secret = ADDRESS[2:]
    browser = Browser(built)
    pages = []
    for address in (ADDRESS, ADDRESS[:-1]):
        pages.append(browser.post("/journal/outside/address", {"address": address}))
        pages.append(browser.order("outside.add_address", address=address))
    venue.fails_after = 0
    (kept,) = browser.call("outside.addresses").json()["rows"]
    browser.order("outside.read_address", outside_address=kept["id"])
    pages.append(browser.get("/journal/outside"))
    for page in pages:
        for step in (page, *page.history):
            assert secret[:-1] not in str(step.url)
            assert secret[:-1] not in str(step.headers)
    # Who typed one that is refused finds it in the form, to correct it.
    assert secret[:-1] not in pages[0].text + pages[1].text + pages[-1].text
    assert secret[:-1] not in caplog.text
    assert secret[:-1] not in repr(
        [(event.kind, event.subject, event.text) for event in built.audit.after(0)]
    )
    assert secret[:-1] not in str(browser.call("accounts.export").text)
    for file in built.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            assert secret[:-1].encode() not in content, file
            assert bytes.fromhex(secret) not in content, file
    assert [one.address for one in built.outside.fills("owner")] == [kept["id"]] * 2
