"""What live messages add up to: quotes from parts, bars once they are finished."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.adapters.venues.board import (
    BarBoard,
    MarketMessage,
    QuoteBoard,
    parse_candle,
    parse_number,
    parse_price,
)

NOW = 1_760_000_000_000
MINUTE = 60_000
HOUR = 3_600_000


def board() -> QuoteBoard:
    return QuoteBoard("bitget-perp", {"BTCUSDT": "btc-usdt-perp"})


def test_parts_that_come_apart_make_one_quote():
    one = board()
    assert one.take(MarketMessage("BTCUSDT", NOW, {"mark": 99.0}), NOW) is None, "no price yet"
    quote = one.take(MarketMessage("BTCUSDT", NOW + 5, {"last": 100.0, "funding_rate": None}), NOW + 9)
    assert quote is not None
    assert (quote.last, quote.mark, quote.ts_event, quote.ts_known) == (100.0, 99.0, NOW + 5, NOW + 9)
    assert quote.id == "bitget-perp:btc-usdt-perp"


def test_symbol_that_nobody_watches_is_left_out_until_it_is_learnt():
    one = board()
    assert one.take(MarketMessage("XYZUSDT", NOW, {"last": 1.0}), NOW) is None
    one.add_symbol("XYZUSDT", "xyz-usdt-perp")
    quote = one.take(MarketMessage("XYZUSDT", NOW, {"last": 1.0}), NOW)
    assert quote is not None
    assert quote.instrument == "xyz-usdt-perp"


def test_bid_and_ask_that_are_much_older_than_the_price_are_dropped():
    one = board()
    one.take(MarketMessage("BTCUSDT", NOW, {"last": 100.0, "bid": 99.0, "ask": 101.0}), NOW)
    soon = one.take(MarketMessage("BTCUSDT", NOW, {"last": 101.0}), NOW + 5_000)
    late = one.take(MarketMessage("BTCUSDT", NOW, {"last": 120.0}), NOW + 60_000)
    assert soon is not None
    assert late is not None
    assert (soon.bid, soon.ask) == (99.0, 101.0)
    assert (late.bid, late.ask) == (None, None)


def test_a_price_is_no_younger_for_a_mark_or_a_book_that_goes_on_beside_it():
    one = board()
    one.take(MarketMessage("BTCUSDT", NOW, {"last": 100.0}), NOW)
    mark = one.take(MarketMessage("BTCUSDT", NOW + 9_000, {"mark": 99.0}), NOW + 9_000)
    book = one.take(MarketMessage("BTCUSDT", NOW + 9_000, {"bid": 99.0, "ask": 101.0}), NOW + 9_000)
    again = one.take(MarketMessage("BTCUSDT", NOW + 9_500, {"last": 101.0}), NOW + 9_500)
    assert [quote and quote.ts_event for quote in (mark, book, again)] == [NOW, NOW, NOW + 9_500]
    assert mark is not None
    assert mark.ts_known == NOW + 9_000


def test_next_settlement_is_never_in_the_past():
    one = board()
    values = {"last": 1.0, "funding_hours": 8.0, "funding_next_ts": NOW + 1_000}
    before = one.take(MarketMessage("BTCUSDT", NOW, values), NOW)
    after = one.take(MarketMessage("BTCUSDT", NOW, {"last": 1.0}), NOW + 2_000)
    assert before is not None
    assert after is not None
    assert before.funding_next_ts == NOW + 1_000
    assert after.funding_next_ts is not None
    assert after.funding_next_ts > NOW + 2_000
    assert after.funding_next_ts % (8 * HOUR) == 0


DAY = 24 * HOUR


def test_a_price_told_once_from_a_time_to_come_makes_no_later_one_older_or_younger():
    one = board()
    ahead = one.take(MarketMessage("BTCUSDT", NOW + 365 * DAY, {"last": 100.0}), NOW)
    good = one.take(MarketMessage("BTCUSDT", NOW + 900, {"last": 101.0}), NOW + 1_000)
    stuck = one.take(MarketMessage("BTCUSDT", NOW + 900, {"last": 101.0}), NOW + HOUR)
    assert [quote and quote.ts_event for quote in (ahead, good, stuck)] == [NOW, NOW + 900, NOW + 900]


def test_a_price_that_goes_on_with_one_time_to_come_grows_older():
    one = board()
    said = [one.take(MarketMessage("BTCUSDT", 10**19, {"last": 100.0}), NOW + at) for at in (0, 1_000, HOUR)]
    assert [quote and quote.ts_event for quote in said] == [NOW, NOW, NOW]


def test_a_clock_that_is_set_back_leaves_no_price_of_a_time_to_come():
    one = board()
    one.take(MarketMessage("BTCUSDT", NOW, {"last": 100.0}), NOW)
    after = one.take(MarketMessage("BTCUSDT", NOW - HOUR + 5, {"last": 101.0}), NOW - HOUR + 9)
    assert after is not None
    assert after.ts_event <= after.ts_known


@pytest.mark.parametrize("said", [10**19, NOW + 400 * DAY, -(10**19)])
@pytest.mark.parametrize("hours", [None, 8.0, 1e-12, -8.0, 1e300])
def test_a_settlement_of_no_possible_time_is_left_out(said, hours):
    quote = board().take(
        MarketMessage("BTCUSDT", NOW, {"last": 1.0, "funding_next_ts": said, "funding_hours": hours}), NOW
    )
    assert quote is not None
    assert quote.funding_next_ts is None or 0 <= quote.funding_next_ts <= NOW + 31 * DAY
    assert hours != 8.0 or quote.funding_next_ts == (NOW // (8 * HOUR) + 1) * 8 * HOUR


def test_a_negative_price_is_none():
    with pytest.raises(ValueError, match="not a valid price"):
        parse_price("-5")


def candle(minute: int, close: float = 10.5, finished: bool | None = None) -> MarketMessage:
    row = (minute * MINUTE, 10.0, 11.0, 9.0, close, 3.0)
    return MarketMessage("BTCUSDT", candle=row, timeframe="1m", is_finished=finished)


def finished(bars: BarBoard, *heard: MarketMessage) -> list[tuple[int, float]]:
    return [(bar.ts // MINUTE, bar.close) for one in heard for bar in bars.take("btc-usdt-perp", one, NOW)]


def test_bar_is_finished_when_a_later_one_begins():
    bars = BarBoard("bitget-perp")
    assert finished(bars, candle(1), candle(1, 10.6), candle(2)) == [(1, 10.6)]


def test_bar_that_the_venue_calls_finished_is_given_at_once_and_once():
    bars = BarBoard("binance-perp")
    assert finished(bars, candle(1), candle(1, 10.7, True), candle(1, 10.7, True), candle(2)) == [(1, 10.7)]


def test_last_words_on_an_ended_bar_are_its_new_values():
    bars = BarBoard("bitget-perp")
    assert finished(bars, candle(1), candle(2), candle(1, 10.9)) == [(1, 10.5), (1, 10.9)]


@pytest.mark.parametrize("minute", [NOW // MINUTE + 2, NOW // MINUTE * 1_000, 10**17])
@pytest.mark.parametrize("is_finished", [None, True])
def test_a_candle_of_a_time_to_come_is_none_and_disturbs_no_other(minute, is_finished):
    bars = BarBoard("bitget-perp")
    finished(bars, candle(1))
    with pytest.raises(ValueError, match=r"a bar of .* was sent at"):
        finished(bars, candle(minute, finished=is_finished))
    assert finished(bars, candle(2), candle(2, 10.8), candle(3)) == [(1, 10.5), (2, 10.8)]


def test_bar_in_progress_at_a_cut_is_not_taken_for_finished():
    bars = BarBoard("bitget-perp")
    finished(bars, candle(1))
    bars.forget()
    assert finished(bars, candle(7)) == []


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from([9.5, 10.0, 10.5])), max_size=40))
def test_running_bar_is_never_given_and_every_ended_one_is(told):
    bars = BarBoard("bitget-perp")
    given_bars = finished(bars, *[candle(minute, close) for minute, close in told])
    newest = max((minute for minute, _ in told), default=None)
    seen = []
    for minute, _ in told:
        if not seen or minute > max(seen):
            seen.append(minute)
    assert all(minute < newest for minute, _ in given_bars)
    assert set(seen[:-1]) <= {minute for minute, _ in given_bars}


@pytest.mark.parametrize(
    "row",
    [
        ["1", "1", "2", "0.5", "1"],
        ["1", "1", "2", "0.5", "", "3"],
        ["1", "5", "2", "0.5", "1", "3"],
        ["1", "1", "2", "-1", "1", "3"],
        ["1", "1", "2", "0.5", "1", "-3"],
        ["1", "nan", "2", "0.5", "1", "3"],
        ["x", "1", "2", "0.5", "1", "3"],
    ],
)
def test_what_cannot_be_a_candle_is_refused(row):
    with pytest.raises(ValueError):
        parse_candle(row)


def test_numbers_of_the_wire():
    assert parse_number("") is None
    assert parse_number(None) is None
    assert parse_number("0") == 0.0
    assert parse_price("0") is None
    assert parse_price("1.5") == 1.5
    with pytest.raises(ValueError, match="not finite"):
        parse_number("inf")
