"""What every venue's history promises, asked of each real client over a loopback wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.venue_wires import Wire, binance, hyperliquid
from tests.unit.data.material import START, FakeClock, make_bars
from vigie.adapters.venues.manifest import manifests
from vigie.data.frames import to_frame
from vigie.data.instruments.table import resolve_instrument, shipped_instruments
from vigie.domain.errors import TransientError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.time import timeframe_ms
from vigie.ports.venue import HistoryFeed
from vigie.services.data import fetch_bars
from vigie.wiring.data import open_data
from vigie_sandbox.exchange.bitget.faults import HistoryFault
from vigie_sandbox.exchange.bitget.history import BitgetHistory, HistoryServer

pytest.importorskip("ccxt")

HOUR = 3_600_000
BARS = make_bars(2_000)
NOW = START + 1_999 * HOUR + HOUR // 2
WIRED = ("bitget-perp", "binance-perp", "hyperliquid-perp")


class Bench:
    """One venue: its server, its address, and a way to break its next candle answers."""

    def __init__(self, venue: str, home: Path) -> None:
        self.venue = venue
        self.home = home
        self.instrument = str(resolve_instrument(venue, "BTC"))
        self.broken: list[bytes] = []
        exchange = venue.partition("-")[0]
        if exchange == "bitget":
            contracts = [
                line.instrument
                for line in shipped_instruments()
                if line.instrument.full_name == "bitget-perp:btc-usdt-perp"
            ]
            self.server: Wire | HistoryServer = HistoryServer(
                BitgetHistory([BARS], contracts, now=lambda: NOW), faults=self._fault
            )
        else:
            self.server = Wire({"binance": binance, "hyperliquid": hyperliquid}[exchange](BARS))
            self.broken = self.server.broken
        self.desk = open_data(home, clock=FakeClock(NOW), urls={exchange: self.server.url})

    def _fault(self, _number: int, path: str) -> HistoryFault | None:
        return (
            HistoryFault(200, self.broken.pop(0).decode())
            if self.broken and path.endswith("candles")
            else None
        )

    @property
    def feed(self) -> HistoryFeed:
        return self.desk.feed(self.venue)


@pytest.fixture(params=WIRED)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(request.param, tmp_path)
    with made.server:
        yield made


def test_every_venue_with_a_history_is_under_contract():
    perps = {venue for one in manifests() if "history" in one.capabilities for venue in one.venues}
    assert perps - {"binance-spot"} == set(WIRED)  # spot is the same client with another address


def test_page_is_half_open_and_ascending(bench: Bench):
    rows = bench.feed.page(bench.instrument, "1h", START + 10 * HOUR, START + 60 * HOUR)
    assert [row[0] for row in rows] == [START + hour * HOUR for hour in range(10, 60)]
    assert rows[0][1:] == tuple(
        float(getattr(BARS, name)[10]) for name in ("open", "high", "low", "close", "volume")
    )


def test_full_page_is_full(bench: Bench):
    bars = bench.feed.page_bars("1h")
    rows = bench.feed.page(bench.instrument, "1h", START, START + bars * HOUR)
    assert len(rows) == bars


def test_page_where_the_venue_has_nothing_is_empty(bench: Bench):
    assert list(bench.feed.page(bench.instrument, "1h", START - 50 * HOUR, START)) == []


@pytest.mark.parametrize("body", [b"<html>captcha</html>", b"", b"null", b"{}", b'{"data":null}', b'[{"x"'])
def test_answer_that_cannot_be_understood_is_never_an_empty_page(bench: Bench, body: bytes):
    bench.broken.extend([body] * 9)
    with pytest.raises(TransientError):
        bench.feed.page(bench.instrument, "1h", START, START + 10 * HOUR)


def test_page_too_long_unknown_timeframe_and_unknown_instrument_are_the_callers_mistake(bench: Bench):
    feed = bench.feed
    with pytest.raises(UsageError, match="a page must span"):
        feed.page(bench.instrument, "1h", START, START + (feed.page_bars("1h") + 1) * HOUR)
    with pytest.raises(UsageError, match="timeframe must be one of"):
        feed.page(bench.instrument, "3d", START, START + HOUR)
    with pytest.raises(UsageError, match="instrument must be listed on"):
        feed.page(str(resolve_instrument(bench.venue, "PEPE")), "1h", START, START + HOUR)


def test_every_timeframe_of_the_manifest_fits_a_page(bench: Bench):
    exchange = bench.venue.partition("-")[0]
    [manifest] = [one for one in manifests() if one.id == exchange]
    for timeframe in manifest.timeframes:
        bars = bench.feed.page_bars(timeframe)
        assert bars >= 80
        if manifest.page_days:
            assert (bars + 2) * timeframe_ms(timeframe) <= manifest.page_days * 24 * HOUR


def test_rules_of_a_listed_instrument(bench: Bench):
    [terms] = bench.feed.terms([bench.instrument, str(resolve_instrument(bench.venue, "PEPE"))])
    assert (terms.name, terms.tick.value) == (bench.instrument, 0.1)
    assert terms.lot.value in (0.001, 0.0001, 0.00001)
    assert terms.min_notional in (5.0, 100.0, 10.0)
    assert terms.taker is not None
    if bench.venue == "hyperliquid-perp":
        assert (terms.significant_figures, terms.maintenance_rate, terms.max_leverage) == (5, 0.0125, 40.0)


def test_fetched_bars_are_the_venues_finished_bars(bench: Bench):
    result = fetch_bars(bench.desk, bench.venue, ["BTC"], since_ms=START)
    assert not result.failures
    stored = bench.desk.bars.read(SeriesId(bench.venue, bench.instrument, "1h"))
    assert stored.equals(to_frame(BARS)[:1_999])
