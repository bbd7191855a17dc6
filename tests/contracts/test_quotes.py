"""What every store of quotes promises, on every database."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from tests.databases import HandClock
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.adapters.stores.sql.quotes import SqlQuotes, SqlSourceBookmarks
from vigie.domain.errors import UsageError
from vigie.domain.quote import Quote
from vigie.domain.refusal import Refusal, to_stored
from vigie.ports.quotes import QuoteStore, SourceHealth

BTC = Quote("bitget-perp", "btc-usdt-perp", 10, 11, 100.5)
FULL = Quote(
    "bitget-perp", "eth-usdt-perp", 10, 11, 1.1, 1.0, 1.2, 1.15, 1.16, -0.01, 5e9, 12.5, 1e-4, 1_760_000_000_000, 8.0
)  # fmt: skip


@pytest.fixture
def quotes(database: Database, clock: HandClock) -> QuoteStore:
    return SqlQuotes(database, clock)


def test_a_new_store_has_version_nought_and_nothing(quotes: QuoteStore):
    assert quotes.since(0) == (0, [])
    assert quotes.put([]) == 0


def test_every_field_comes_back(quotes):
    assert quotes.put([BTC, FULL]) == 1
    assert quotes.since(0) == (1, [BTC, FULL])


def test_only_what_changed_since_is_given(quotes):
    first = quotes.put([BTC, FULL])
    newer = replace(BTC, ts_known=12, last=101.0)
    second = quotes.put([newer])
    assert second > first
    assert quotes.since(first) == (second, [newer])
    assert quotes.since(0) == (second, [newer, FULL])
    assert quotes.since(second) == (second, [])
    assert quotes.put([]) == second


def test_a_value_that_a_venue_no_longer_says_is_no_longer_said(quotes):
    quotes.put([FULL])
    quotes.put([replace(FULL, ts_known=12, bid=None, index=None)])
    kept = quotes.since(0)[1][0]
    assert (kept.bid, kept.index, kept.ask) == (None, None, FULL.ask)


def test_of_several_of_one_instrument_the_one_known_last_stays(quotes):
    newer = replace(BTC, ts_known=12, last=101.0)
    quotes.put([newer, BTC])
    assert quotes.since(0)[1] == [newer]
    quotes.put([BTC])
    assert quotes.since(0)[1] == [newer]


def test_one_instrument_on_two_venues_is_two_quotes(quotes):
    other = replace(BTC, venue="binance-perp")
    quotes.put([BTC, other])
    assert quotes.since(0)[1] == [other, BTC]


def test_versions_of_two_writers_never_meet(database_url: str, database: Database, clock: HandClock):
    def write(number: int, seen: list[int]) -> None:
        own = open_database(database_url)
        store = SqlQuotes(own, clock)
        for moment in range(10):
            seen.append(
                store.put([replace(BTC, instrument=f"i{number}-{k}", ts_known=moment) for k in range(20)])
            )
        own.close()

    seen: list[list[int]] = [[], [], []]
    writers = [threading.Thread(target=write, args=(n, seen[n])) for n in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(version for part in seen for version in part) == list(range(1, 31))
    assert len(SqlQuotes(database, clock).since(0)[1]) == 60


def test_health_is_kept_by_source(quotes):
    live = SourceHealth("coingecko/markets", "live", 1, 2, 61.5, 0.5, 0, "", "poll")
    waiting = SourceHealth("bitget/quotes", "waiting")
    quotes.put_health([live, waiting])
    assert quotes.health() == [waiting, live]
    failing = replace(live, state="failing", errors=3, error="no answer", budget_left=None)
    quotes.put_health([failing])
    assert quotes.health() == [waiting, failing]
    quotes.put_health([])
    assert len(quotes.health()) == 2


def test_what_a_source_failed_with_keeps_its_code_until_it_works_again(quotes):
    error = Refusal("tried", "{error} ({n} times)", error=Refusal("late", "{host} is late", host="h"), n=3)
    failing = SourceHealth("bitget/quotes", "failing", errors=3, error=error)
    quotes.put_health([failing])
    (read,) = quotes.health()
    assert read == failing
    assert to_stored(read.error) == to_stored(error)
    quotes.put_health([replace(failing, state="live", error="")])
    assert [to_stored(state.error) for state in quotes.health()] == [None]


def test_wishes_are_kept_until_taken_back(quotes):
    assert quotes.requests() == {}
    quotes.request("a", "paused")
    quotes.request("b", "paused")
    quotes.request("b", "now")
    assert quotes.requests() == {"a": "paused", "b": "now"}
    quotes.request("a", "")
    quotes.request("c", "")
    assert quotes.requests() == {"b": "now"}
    with pytest.raises(UsageError, match="paused, now or empty"):
        quotes.request("a", "later")


def test_bookmarks_are_kept_by_source(database: Database, clock: HandClock):
    bookmarks = SqlSourceBookmarks(database, clock)
    assert bookmarks.get("a") == ""
    bookmarks.put("a", "x" * 5_000)
    bookmarks.put("b", "2")
    bookmarks.put("a", "3")
    assert (bookmarks.get("a"), bookmarks.get("b")) == ("3", "2")


def test_the_time_of_the_newest_quote_is_told_without_the_others(quotes):
    assert quotes.newest_ts() is None
    quotes.put([BTC, replace(FULL, ts_event=9)])
    assert quotes.newest_ts() == 10
