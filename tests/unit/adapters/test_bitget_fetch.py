"""The real client against a loopback server that speaks Bitget's v2 candles."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.unit.data.material import START, FakeClock, make_bars
from vigie.data.frames import to_frame
from vigie.data.instruments.table import shipped_instruments
from vigie.domain.errors import UsageError
from vigie.domain.ids import SeriesId
from vigie.services.data import fetch_bars, refresh_instruments
from vigie.wiring.data import open_data
from vigie_sandbox.exchange.bitget.faults import FaultPlan, HistoryFault
from vigie_sandbox.exchange.bitget.history import BitgetHistory, HistoryServer

pytest.importorskip("ccxt")

HOUR, MINUTE = 3_600_000, 60_000
SERIES = SeriesId("bitget-perp", "btc-usdt-perp", "1h")
BARS = make_bars(3_000, venue="bitget-perp")
TRUTH = to_frame(BARS)
NOW = START + 2_999 * HOUR + HOUR // 2
FINISHED = TRUTH[:2_999]
CONTRACTS = [
    line.instrument
    for line in shipped_instruments()
    if line.instrument.venue == "bitget-perp" and not line.is_display
]
CANDLES = "candles"


def venue(*more_bars, now: int = NOW) -> BitgetHistory:
    return BitgetHistory([BARS, *more_bars], CONTRACTS, now=lambda: now)


def at_candles(count: int, fault: HistoryFault, *, times: int = 1) -> FaultPlan:
    """The fault at the candle requests `count` to `count + times - 1`."""
    seen: list[int] = []

    def plan(_number: int, path: str) -> HistoryFault | None:
        if path.endswith(CANDLES):
            seen.append(1)
        return fault if path.endswith(CANDLES) and count <= len(seen) < count + times else None

    return plan


def desk_of(home: Path, url: str, clock: FakeClock | None = None, now: int = NOW):
    return open_data(home, clock=clock or FakeClock(now), urls={"bitget": url})


def fetch(desk, **settings):
    return fetch_bars(desk, "bitget-perp", ["BTC"], since_ms=START, **settings)


def candle_requests(server: HistoryServer) -> list[dict[str, str]]:
    asked = [urlsplit(request) for request in server.requests]
    return [
        {key: values[0] for key, values in parse_qs(one.query).items()}
        for one in asked
        if one.path.endswith(CANDLES)
    ]


def test_whole_history_page_by_page(tmp_path: Path):
    with HistoryServer(venue()) as server:
        desk = desk_of(tmp_path, server.url)
        result = fetch(desk)
    assert not result.failures
    assert desk.bars.read(SERIES).equals(FINISHED)
    paths = {urlsplit(request).path.rpartition("/")[2] for request in server.requests}
    assert paths == {"contracts", "candles", "history-candles"}
    assert all(int(query["limit"]) <= 200 for query in candle_requests(server))


@pytest.mark.parametrize("timeframe", ["1m", "15m", "4h", "6h", "12h", "1d"])
def test_every_timeframe_opens_at_utc_boundaries(tmp_path: Path, timeframe: str):
    bars = make_bars(700, timeframe=timeframe, venue="bitget-perp")
    now = int(bars.ts[-1]) + bars.span_ms + 60_000
    with HistoryServer(venue(bars, now=now)) as server:
        desk = desk_of(tmp_path, server.url, now=now)
        result = fetch_bars(desk, "bitget-perp", ["BTC"], timeframe=timeframe)
    assert not result.failures
    assert desk.bars.read(SeriesId("bitget-perp", "btc-usdt-perp", timeframe)).equals(to_frame(bars))


@pytest.mark.parametrize(
    "fault",
    [
        HistoryFault(502, "<html>bad gateway</html>"),
        HistoryFault(0),
        HistoryFault(200, None, keep_bytes=500),
        HistoryFault(200, "<html>please prove you are human</html>"),
        HistoryFault(200, ""),
        HistoryFault(200, '{"code":"00000","msg":"success","data":null}'),
        HistoryFault(200, '{"code":"00000","msg":"succ'),
        HistoryFault(200, '{"code":"40010","msg":"Request timed out","data":null}'),
        HistoryFault(500, '{"code":"40015","msg":"System is abnormal","data":null}'),
    ],
    ids=["502", "cut", "truncated", "captcha", "empty", "null data", "half json", "40010", "40015"],
)
def test_a_broken_answer_is_asked_for_again_and_never_read_as_no_bars(tmp_path: Path, fault: HistoryFault):
    clock = FakeClock(NOW)
    with HistoryServer(venue(), faults=at_candles(4, fault, times=2)) as server:
        desk = desk_of(tmp_path, server.url, clock)
        result = fetch(desk)
    assert not result.failures
    assert desk.bars.read(SERIES).equals(FINISHED)
    assert desk.bookmarks.empty(SERIES) == []


@pytest.mark.parametrize("fault", [HistoryFault(503, "down"), HistoryFault(0)], ids=["5xx", "cut"])
@pytest.mark.parametrize("page", [1, 5, 15])
def test_interrupted_half_way_and_resumed_nothing_is_lost_or_doubled(
    tmp_path: Path, fault: HistoryFault, page: int
):
    with HistoryServer(venue(), faults=at_candles(page, fault, times=1_000)) as server:
        desk = desk_of(tmp_path, server.url)
        result = fetch(desk)
        assert result.failures[0].is_worth_retrying
    kept = desk.bars.read(SERIES)
    assert kept.equals(FINISHED[: len(kept)])
    assert len(kept) == 198 * (page - 1)
    with HistoryServer(venue()) as server:
        desk = desk_of(tmp_path, server.url)
        fetch(desk)
        first = candle_requests(server)[0]
    assert desk.bars.read(SERIES).equals(FINISHED)
    assert int(first["startTime"]) == START + (len(kept) - 1) * HOUR  # one bar of margin


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_killed_between_pages_and_resumed_nothing_is_lost_or_doubled(tmp_path: Path):
    script = textwrap.dedent(
        """
        import os, sys
        from tests.unit.data.material import FakeClock
        from vigie.wiring.data import open_data
        from vigie.services.data import fetch_bars
        home, url, now, start = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
        desk = open_data(home, clock=FakeClock(now), urls={"bitget": url})
        print(os.getpid(), flush=True)
        fetch_bars(desk, "bitget-perp", ["BTC"], since_ms=start)
        """
    )
    children: list[subprocess.Popen[str]] = []

    def kill_at_page_7(_number: int, path: str) -> HistoryFault | None:
        if path.endswith(CANDLES):
            pages.append(path)
            if len(pages) == 7:
                children[0].send_signal(signal.SIGKILL)
        return None

    pages: list[str] = []
    with HistoryServer(venue(), faults=kill_at_page_7) as server:
        words = [sys.executable, "-c", script, str(tmp_path), server.url, str(NOW), str(START)]
        root = str(Path(__file__).parents[3])
        children.append(subprocess.Popen(words, env=os.environ, cwd=root, stdout=subprocess.PIPE, text=True))
        assert children[0].wait(timeout=60) == -signal.SIGKILL
        assert children[0].stdout is not None
        children[0].stdout.close()
    desk = desk_of(tmp_path, "http://127.0.0.1:9")
    kept = desk.bars.read(SERIES)
    assert kept.equals(FINISHED[: 6 * 198])
    with HistoryServer(venue()) as server:
        desk = desk_of(tmp_path, server.url)
        fetch(desk)
        assert len(candle_requests(server)) == 10
    assert desk.bars.read(SERIES).equals(FINISHED)


def test_too_many_requests_waits_as_long_as_the_venue_says(tmp_path: Path):
    clock = FakeClock(NOW)
    fault = HistoryFault(429, '{"code":"429","msg":"Too Many Requests","data":null}', {"Retry-After": "17"})
    with HistoryServer(venue(), faults=at_candles(3, fault)) as server:
        desk = desk_of(tmp_path, server.url, clock)
        result = fetch(desk)
    assert not result.failures
    assert clock.pauses.count(17.0) == 1
    assert desk.bars.read(SERIES).equals(FINISHED)


def test_ban_of_an_hour_ends_the_fetch_with_the_time_to_wait(tmp_path: Path):
    fault = HistoryFault(429, "slow down", {"Retry-After": "3600"})
    with HistoryServer(venue(), faults=at_candles(3, fault)) as server:
        [failure] = fetch(desk_of(tmp_path, server.url)).failures
    assert failure.is_worth_retrying
    assert "asks to wait 3600 s" in failure.message


def test_requests_keep_the_distance_of_our_budget(tmp_path: Path):
    clock = FakeClock(NOW)
    with HistoryServer(venue()) as server:
        fetch(desk_of(tmp_path, server.url, clock))
        count = len(server.requests)
    # The fake wall stands still but for our pauses, so each request after the first waits its whole turn.
    assert sum(clock.pauses) == pytest.approx(0.060 * (count - 1), abs=0.06)


def test_what_the_venue_refuses_for_good_is_not_tried_again(tmp_path: Path):
    fault = HistoryFault(400, '{"code":"40309","msg":"The contract has been removed","data":null}')
    with HistoryServer(venue(), faults=at_candles(1, fault, times=9)) as server:
        [failure] = fetch(desk_of(tmp_path, server.url)).failures
        assert len(candle_requests(server)) == 1
    assert not failure.is_worth_retrying
    assert "Bitget" in failure.message
    assert "40309" in failure.message


def test_instrument_that_is_not_listed_and_timeframe_that_is_not_served_are_the_callers_mistake(
    tmp_path: Path,
):
    with HistoryServer(venue()) as server:
        feed = desk_of(tmp_path, server.url).feed("bitget-perp")
        with pytest.raises(UsageError, match="instrument must be listed on bitget-perp, was pepe-usdt-perp"):
            feed.page("pepe-usdt-perp", "1h", START, START + HOUR)
        with pytest.raises(UsageError, match=r"timeframe must be one of .* on bitget-perp, was '3m'"):
            feed.page_bars("3m")
        with pytest.raises(UsageError, match=r"a page must span 1\.\.198 bars, was 300"):
            feed.page("btc-usdt-perp", "1h", START, START + 300 * HOUR)


def test_venue_that_is_away_from_the_start_is_said(tmp_path: Path):
    faults: FaultPlan = lambda _number, _path: HistoryFault(503, "away")  # noqa: E731
    with HistoryServer(venue(), faults=faults) as server:
        [failure] = fetch(desk_of(tmp_path, server.url)).failures
    assert failure.is_worth_retrying
    assert "tried 5 times" in failure.message


def test_rules_of_instruments_come_as_the_venue_says(tmp_path: Path):
    with HistoryServer(venue()) as server:
        desk = desk_of(tmp_path, server.url)
        first = refresh_instruments(desk, "bitget-perp")
    # The server lists our own table: nothing is news.
    assert (first.changed, len(first.same), first.absent) == ((), 12, ())
