"""Histories stay in memory until what they were made of changes, and no longer."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.contracts.memory_store import MemoryBars
from vigie.data import history
from vigie.data.bar_reader import BarReader
from vigie.data.frames import BAR_SCHEMA
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import TIMEFRAME_MS

PLACE = "bitget-perp", "btc-usdt-perp"
START = 1_700_006_400_000


def hold(store: MemoryBars, timeframe: str, count: int, price: float = 100.0) -> None:
    span = TIMEFRAME_MS[timeframe]
    columns = {
        name: [START + at * span for at in range(count)] if name == "timestamp" else [price] * count
        for name in BAR_SCHEMA
    }
    store.frames[SeriesId(*PLACE, timeframe)] = pl.DataFrame(columns).cast(BAR_SCHEMA)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Timeframes in the order in which they were loaded from the store."""
    told: list[str] = []
    load = history.load

    def noted(
        store: MemoryBars, series: SeriesId, *, end_ms: int | None = None, last: int | None = None
    ) -> history.LoadedBars:
        told.append(series.timeframe)
        return load(store, series, end_ms=end_ms, last=last)

    monkeypatch.setattr(history, "load", noted)
    return told


def asked(shelf: BarReader, timeframe: str, *, last: int | None = None) -> list[float]:
    return shelf.bars(SeriesId(*PLACE, timeframe), last=last).close.tolist()


def test_what_is_stored_is_loaded_anew_when_it_changes_and_not_when_a_finer_one_does(
    loads: list[str],
) -> None:
    store = MemoryBars()
    hold(store, "1h", 3)
    shelf = BarReader(store)
    assert asked(shelf, "1h") == asked(shelf, "1h") == [100.0] * 3
    hold(store, "1m", 60, 7.0)
    assert asked(shelf, "1h") == [100.0] * 3
    assert loads == ["1h"]
    hold(store, "1h", 4, 101.0)
    assert asked(shelf, "1h") == [101.0] * 4
    assert loads == ["1h", "1h"]


def test_what_is_made_of_a_finer_one_follows_it_and_gives_way_to_what_is_stored(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 48)
    shelf = BarReader(store)
    assert asked(shelf, "1d") == [100.0] * 2
    hold(store, "1m", 60, 7.0)
    assert asked(shelf, "1d") == [100.0] * 2
    assert loads == ["1d"]
    hold(store, "1h", 72, 101.0)
    assert asked(shelf, "1d") == [101.0] * 3
    # Between the two: it is made of the longest that divides it, and goes on with hours where these reach further.
    hold(store, "4h", 6, 102.0)
    assert asked(shelf, "1d") == [102.0, 101.0, 101.0]
    hold(store, "1d", 5, 103.0)
    assert asked(shelf, "1d") == [103.0] * 5
    assert loads == ["1d"] * 4


def test_what_is_gone_is_gone(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 24)
    hold(store, "1d", 2, 103.0)
    shelf = BarReader(store)
    assert asked(shelf, "1d") == [103.0] * 2
    del store.frames[SeriesId(*PLACE, "1d")]
    assert asked(shelf, "1d") == [100.0]
    del store.frames[SeriesId(*PLACE, "1h")]
    with pytest.raises(UsageError, match="no bars"):
        asked(shelf, "1d")


def test_that_nothing_can_be_read_is_remembered_until_something_comes(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 12)
    shelf = BarReader(store)
    for _ in range(2):
        with pytest.raises(UsageError, match="do not make one whole 1d bar"):
            asked(shelf, "1d")
        with pytest.raises(UsageError, match=r"stored: 1h\)"):
            asked(shelf, "1m")
    assert loads == ["1d", "1m"]
    hold(store, "4h", 1)
    with pytest.raises(UsageError, match=r"stored: 1h 4h\)"):
        asked(shelf, "1m")
    hold(store, "1h", 24)
    assert asked(shelf, "1d") == [100.0]


def test_the_history_asked_for_longest_ago_is_let_go(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 48)
    shelf = BarReader(store, max_kept=2)
    for last in (1, 2, 1, 3, 1, 2):
        assert asked(shelf, "1h", last=last) == [100.0] * last
    assert len(loads) == 4


def test_histories_are_let_go_by_their_bars_too(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 48)
    shelf = BarReader(store, max_bars=50)
    for last in (20, 30, 20, 30):
        assert asked(shelf, "1h", last=last) == [100.0] * last
    assert len(loads) == 2, "both fit"
    assert asked(shelf, "1h", last=1) == [100.0]
    assert asked(shelf, "1h", last=30) == [100.0] * 30
    assert len(loads) == 3, "the one asked for longest ago made room"
    assert asked(shelf, "1h", last=20) == [100.0] * 20
    assert len(loads) == 4
    assert asked(shelf, "1h") == [100.0] * 48
    hold(store, "1h", 49)
    assert asked(shelf, "1h") == asked(shelf, "1h") == [100.0] * 49
    assert len(loads) == 6, "the newest stays, and what it was before counts no more"
    assert asked(shelf, "1h", last=1) == [100.0]
    assert asked(shelf, "1h") == [100.0] * 49
    assert len(loads) == 7


def test_of_a_moment_only_what_was_closed_then_is_read(loads: list[str]) -> None:
    store = MemoryBars()
    hold(store, "1h", 48)
    shelf, hour = BarReader(store), TIMEFRAME_MS["1h"]
    series = SeriesId(*PLACE, "1h")

    def opened(as_of: int, last: int | None = None) -> list[int]:
        return ((shelf.bars(series, last=last, as_of=as_of).ts - START) // hour).tolist()

    assert opened(START + 5 * hour, last=2) == [3, 4]
    assert opened(START + 5 * hour - 1, last=2) == [2, 3]
    assert len(loads) == 2
    assert opened(START + 6 * hour - 1, last=2) == [3, 4], "the same ones until the next is closed"
    assert len(loads) == 2
    assert opened(START + 5 * hour) == [0, 1, 2, 3, 4]
    assert shelf.newest([PLACE], "1h", as_of=START + hour - 1) is None
    days = shelf.bars(SeriesId(*PLACE, "1d"), as_of=START + 47 * hour)
    assert (days.ts + TIMEFRAME_MS["1d"] <= START + 47 * hour).all()


def test_what_was_imported_goes_on_with_finer_bars_that_are_collected(loads: list[str]) -> None:
    """Days and four hours of an import end with it; hours go on, and with them what is shown."""
    store = MemoryBars()
    hold(store, "4h", 3)
    hold(store, "1h", 12, 1.0)
    shelf = BarReader(store)
    assert asked(shelf, "4h") == [100.0] * 3, "as far as it reaches, what is stored stands"
    hold(store, "1h", 16, 7.0)
    assert asked(shelf, "4h") == [100.0] * 3 + [7.0]
    hold(store, "1h", 23, 7.0)
    bars = shelf.bars(SeriesId(*PLACE, "4h"))
    assert bars.close.tolist() == [100.0] * 3 + [7.0] * 2, "a bar that is not whole is none"
    assert np.diff(bars.ts).tolist() == [TIMEFRAME_MS["4h"]] * 4
    assert asked(shelf, "4h", last=2) == [7.0, 7.0]
    count = len(loads)
    hold(store, "1m", 60 * 40, 9.0)
    assert asked(shelf, "4h") == [100.0] * 3 + [7.0] * 2, "minutes are not read beside hours"
    assert len(loads) == count


def test_bars_made_of_imported_ones_go_on_too() -> None:
    store = MemoryBars()
    hold(store, "4h", 3)
    hold(store, "1h", 24, 7.0)
    bars = BarReader(store).bars(SeriesId(*PLACE, "12h"))
    assert bars.close.tolist()[-1] == 7.0
    assert int(bars.ts[-1]) + TIMEFRAME_MS["12h"] <= START + 24 * TIMEFRAME_MS["1h"]


def test_for_one_request_instruments_are_listed_once_and_bars_are_those_of_all(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, listed = MemoryBars(), list[str]()
    hold(store, "1h", 3)
    series = store.series
    monkeypatch.setattr(store, "series", lambda: listed.append("") or series())
    shelf = BarReader(store)
    of_request = shelf.for_request()
    assert of_request.instruments() == of_request.instruments() == {"bitcoin": [PLACE]}
    assert len(listed) == 1
    hold(store, "4h", 3)
    assert asked(of_request, "1h") == asked(shelf, "1h")
    assert loads == ["1h"]
    assert shelf.for_request().instruments() == shelf.instruments()
    assert len(listed) == 3
