"""The spellings of instruments that people use, and the one that files use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.ids import (
    ASSET_BY_TICKER,
    InstrumentId,
    SeriesId,
    SlotId,
    parse_instrument,
    parse_slot,
    parse_venue,
    venue_market,
)

TICKERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        "BTC", "btc", " BTC ", "BTCUSDT", "btcusdt", "BTC/USDT", "BTC-USDT", "BTC_USDT", "BTC/USDT:USDT",
        "btc-usdt-perp", "BTC-USDT-PERP", "bitget-perp:btc-usdt-perp", "binance-perp:BTC",
    ],
)  # fmt: skip
def test_every_usual_spelling_is_the_same_instrument(text: str):
    assert str(parse_instrument(text)) == "btc-usdt-perp"


@pytest.mark.parametrize(
    ("text", "market", "name"),
    [
        ("ETHUSDC", "perp", "eth-usdc-perp"),
        ("ETHUSDT", "spot", "eth-usdt-spot"),
        ("BTC-PERP", "spot", "btc-usd-perp"),
        ("USDT", "spot", "usdt-usd-spot"),
        ("USDC", "perp", "usdc-usdt-perp"),
        ("1000PEPE", "perp", "1000pepe-usdt-perp"),
        ("btc-usdt-spot", "perp", "btc-usdt-spot"),
    ],
)
def test_quote_and_market_come_from_the_text_or_the_venue(text: str, market: str, name: str):
    assert str(parse_instrument(text, market=market)) == name


@pytest.mark.parametrize("text", ["", " ", "-", "/", "BTC/USDT/EUR", "-PERP", "B T C", "BTC$", "é"])
def test_what_is_no_instrument_is_refused_with_examples(text: str):
    with pytest.raises(UsageError, match=r"instrument must look like BTC, BTCUSDT or btc-usdt-perp, was "):
        parse_instrument(text)


@given(TICKERS, TICKERS, st.sampled_from(["perp", "spot"]))
@settings(derandomize=True, deadline=None)
def test_the_id_of_an_instrument_reads_back(base: str, quote: str, market: str):
    instrument = InstrumentId(base, quote, market)
    assert parse_instrument(str(instrument)) == instrument


def test_an_asset_has_its_catalogue_id_and_an_unknown_one_its_ticker():
    assert parse_instrument("AVAX").asset == "avalanche-2"
    assert parse_instrument("PEPE").asset == "pepe"
    assert set(ASSET_BY_TICKER) >= {
        "BTC",
        "ETH",
        "USDC",
        "BNB",
        "XRP",
        "SOL",
        "ADA",
        "AVAX",
        "DOT",
        "DOGE",
        "TRX",
        "ATOM",
    }


@pytest.mark.parametrize("text", ["binance-perp", "bitget-spot", "simulated-perp"])
def test_a_venue_is_exchange_and_market(text: str):
    assert parse_venue(text) == text
    assert venue_market(text) == text.split("-")[1]


@pytest.mark.parametrize("text", ["", "binance", "Binance-perp", "binance-future", "binance-perp/"])
def test_what_is_no_venue_is_refused(text: str):
    with pytest.raises(UsageError, match="venue must look like binance-perp or bitget-spot, was "):
        parse_venue(text)


def test_only_a_second_set_of_parameters_is_numbered():
    assert str(SlotId("btc-usdt-perp", "1d", "macd_cross")) == "btc-usdt-perp/1d/macd_cross"
    assert str(SlotId("btc-usdt-perp", "1d", "macd_cross", 2)) == "btc-usdt-perp/1d/macd_cross#2"


def test_a_series_names_venue_instrument_and_timeframe():
    series = SeriesId("binance-perp", "btc-usdt-perp", "1h")
    assert (str(series), series.symbol, series.span_ms) == (
        "binance-perp:btc-usdt-perp/1h",
        "BTCUSDT",
        3_600_000,
    )


@pytest.mark.parametrize(
    ("base", "coin", "multiplier"),
    [
        ("PEPE", "PEPE", 1), ("1000PEPE", "PEPE", 1_000), ("KPEPE", "PEPE", 1_000), ("1000000MOG", "MOG", 1_000_000),
        ("1MBABYDOGE", "BABYDOGE", 1_000_000), ("10000LADYS", "LADYS", 10_000), ("1INCH", "1INCH", 1),
        ("KAVA", "KAVA", 1), ("KAS", "KAS", 1), ("0G", "0G", 1), ("BTC", "BTC", 1),
    ],
)  # fmt: skip
def test_a_contract_of_many_coins_is_about_one_coin(base, coin, multiplier):
    found = InstrumentId(base, "USDT", "perp")
    assert (found.coin, found.multiplier) == (coin, multiplier)
    assert found.coin_asset == InstrumentId(coin, "USDT", "perp").asset
    assert found.is_same_as(InstrumentId(coin, "USDT", "perp"))
    assert not found.is_same_as(InstrumentId(coin, "USDC", "perp"))
    assert not found.is_same_as(InstrumentId(coin, "USDT", "spot"))


@pytest.mark.parametrize("text", ["btc-usdt-perp/1d/macd_cross", "btc-usdt-perp/1d/macd_cross#2"])
def test_the_name_of_a_slot_is_read_as_it_is_written(text):
    assert str(parse_slot(text)) == text


def test_a_name_with_fewer_parts_is_no_slot():
    with pytest.raises(UsageError, match="instrument/timeframe/strategy"):
        parse_slot("btc-usdt-perp/1d")
