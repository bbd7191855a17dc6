from __future__ import annotations

import pytest

from vigie.data.intake.columns import find_columns
from vigie.domain.errors import DataError

PRICES = ["open", "high", "low", "close"]


@pytest.mark.parametrize(
    ("names", "time", "volume"),
    [
        (["timestamp", *PRICES, "volume"], "timestamp", "volume"),
        (["Open time", "Open", "High", "Low", "Close", "Volume", "Close time"], "Open time", "Volume"),
        (["open_time", *PRICES, "volume", "close_time", "quote_volume", "count"], "open_time", "volume"),
        (["unix", "date", "symbol", *PRICES, "Volume BTC", "Volume USDT"], "unix", "Volume BTC"),
        (["date", *PRICES, "volume"], "date", "volume"),
        (["TIME", "O", "H", "L", "C", "V"], "TIME", "V"),
        (["datetime", *PRICES, "quote_volume", "base_volume"], "datetime", "base_volume"),
        (["\ufefftimestamp", *PRICES, "Vol."], "\ufefftimestamp", "Vol."),
    ],
)
def test_usual_spellings_are_understood(names: list[str], time: str, volume: str):
    found = find_columns(names, base="btc")
    assert (found.timestamp, found.volume) == (time, volume)
    assert found.open.lower().startswith("o")


def test_close_time_is_never_taken_for_the_open_time():
    with pytest.raises(DataError, match="timestamp not found among close_time"):
        find_columns(["close_time", *PRICES, "volume"])


def test_missing_columns_are_named_with_what_was_there():
    with pytest.raises(DataError, match="high, low not found among date, open, close, volume"):
        find_columns(["date", "open", "close", "volume"])


@pytest.mark.parametrize("quote", ["quote_volume", "Volume USDT", "turnover"])
def test_volume_in_quote_units_only_is_refused_with_the_cure(quote: str):
    with pytest.raises(DataError, match=r"volume must be in base units.*in quote units"):
        find_columns(["timestamp", *PRICES, quote], base="btc")


@pytest.mark.parametrize("twin", ["close", "Close", "volume", "timestamp"])
def test_of_two_columns_of_one_name_none_is_chosen(twin: str):
    with pytest.raises(DataError, match=rf"once, {twin.lower()} appears twice among .*{twin}"):
        find_columns(["timestamp", *PRICES, "volume", twin])


def test_columns_that_are_not_read_may_stand_there_twice():
    assert find_columns(["timestamp", *PRICES, "volume", "note", "note"]).volume == "volume"


def test_marks_need_no_volume():
    assert find_columns(["timestamp", *PRICES], needs_volume=False).volume == ""


def test_bars_need_a_volume():
    with pytest.raises(DataError, match="volume"):
        find_columns(["timestamp", *PRICES])
