"""What the store of candidates promises, on both databases: each once, and no day more than its number."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from vigie.adapters.stores.sql.setup_notices import SqlSetupNotices
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS
from vigie.ports.setup_notices import SetupNotice

BOTH = ("main", "second")
DAY = 1_750_000_000_000 // DAY_MS * DAY_MS
TODAY = (DAY, DAY + DAY_MS)


@pytest.fixture
def notices(database, clock):
    book = SqlTradeBook(database, clock)
    for number, account in enumerate(BOTH):
        book.begin(
            TradeRun(f"r{number + 1}", account, "u1", "binance-perp", "paper", "f" * 64, Decimal(10_000), 1)
        )
    return SqlSetupNotices(database, clock)


def notice(number, *, account="main", at=DAY, **more):
    return SetupNotice(
        account, f"{number:016x}", "confirmed", "btc-usdt-perp/1h/ema_cross", "long", number, at + number, at,
        0.25, 0.5, None, 1, 1, **{"ts_first": at, "ts_last": at, **more},
    )  # fmt: skip


def test_a_candidate_comes_back_as_it_was_and_is_one_once(notices):
    first = notice(1)
    assert notices.keep(first, BOTH, [TODAY], 5) == first
    assert notices.keep(replace(first, held="below", expected_r=9.0), BOTH, [TODAY], 5) == first
    assert notices.notices(BOTH) == [first]
    assert notices.notices(BOTH, since=first.ts_known) == []
    assert notices.was_told("main", first.setup)
    assert not notices.was_told("second", first.setup)


def test_accounts_of_one_person_share_the_number_of_a_day(notices):
    kept = [notices.keep(notice(n, account=BOTH[n % 2]), BOTH, [TODAY], 2).held for n in range(4)]
    assert kept == ["", "", "full", "full"]
    assert notices.told(BOTH, *TODAY) == 2
    assert [one.change for one in notices.notices(BOTH)] == [3, 2, 1, 0]
    assert (notices.count(BOTH), notices.count(["main"]), notices.count([])) == (4, 2, 0)
    assert [found and found.change for found in map(notices.oldest, (BOTH, ["second"], []))] == [0, 1, None]
    assert not notices.was_told("main", notice(2).setup)


def test_what_is_sent_on_two_days_counts_in_both(notices):
    tomorrow = (DAY + DAY_MS, DAY + 2 * DAY_MS)
    notices.keep(notice(1, ts_last=tomorrow[0]), BOTH, [TODAY, tomorrow], 1)
    assert notices.told(BOTH, *TODAY) == notices.told(BOTH, *tomorrow) == 1
    assert notices.keep(notice(2, at=tomorrow[0]), BOTH, [tomorrow], 1).held == "full"


def test_what_is_held_back_takes_no_place_and_all_goes_with_the_account(notices, database, clock):
    notices.keep(notice(1, held="below", ts_first=0, ts_last=0), BOTH, [], 1)
    assert notices.keep(notice(2), BOTH, [TODAY], 1).held == ""
    SqlTradeBook(database, clock).forget("u1")
    assert notices.notices(BOTH) == []


def test_what_is_taken_back_was_to_be_told_on_days_that_are_over(notices):
    tomorrow = DAY + DAY_MS
    for number, more in enumerate(({}, {"held": "rule"}, {"ts_last": tomorrow})):
        notices.keep(notice(number, **more), BOTH, [TODAY], 5)
    setups = [notice(number).setup for number in range(4)]
    assert [notices.take_back("main", setup, "confirmed", tomorrow, TODAY[1]) for setup in setups] == [
        True, False, False, False,
    ]  # fmt: skip
    assert not notices.take_back("main", setups[2], "forming", tomorrow + 1, TODAY[1])
    assert [one.change for one in notices.notices(BOTH)] == [2, 1]
