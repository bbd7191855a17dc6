"""What an account sees beside its feed: the present market, the usual volume of a minute, how far its clock is off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from vigie.data.live_history import stored_sources
from vigie.domain.errors import ConnectorError, TransientError, UsageError
from vigie.domain.ids import InstrumentId, SeriesId, parse_instrument
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.time import DAY_MS, MINUTE_MS, SECOND_MS
from vigie.ports.clock import Clock, PatientClock
from vigie.ports.quotes import QuoteStore
from vigie.ports.store import BarStore
from vigie.ports.trading import TradingVenue
from vigie.services.trading.gateway.entry_rules import DRIFT_S, SILENT_S, MarketSnapshot

# Prices of two venues are compared only where they are of one moment of the market.
_TOGETHER_MS: Final = 10 * SECOND_MS
_WARN_S: Final = 0.25
_EVERY_S: Final = 600.0
_AGAIN_S: Final = 5.0
_VOLUME_BARS: Final = 240
_FEWEST_BARS: Final = 20
_MEASURED_EVERY_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class MarketReader:
    """The market as the newest quotes tell it.

    Attributes
    ----------
    books : mapping
        By instrument, the best ten bids and asks.
    speed : callable
        Gives the seconds of the market in one on the wall.
    has_index : bool
        Whether the venue's own index of other exchanges may stand in for another venue.
    """

    venue: str
    quotes: QuoteStore
    clock: Clock
    speed: Callable[[], float]
    books: Mapping[str, OrderBook] = field(default_factory=dict)
    has_index: bool = False

    def snapshot(self, instrument: str, side: int) -> MarketSnapshot | None:
        """Return the present market of an instrument; None where no price is known."""
        quotes = self.quotes.since(0)[1]
        own_quote = next(
            (quote for quote in quotes if (quote.venue, quote.instrument) == (self.venue, instrument)), None
        )
        if own_quote is None:
            return None
        # A ticker that stands still is old, however often it is heard.
        quoted_ts = min(own_quote.ts_known, own_quote.ts_event)
        book = self.books.get(instrument)
        # So is a book that was old when it was told: at some venues it alone has a time.
        quoted_ts = min(quoted_ts, own_quote.ts_known - (0 if book is None else book.lag_ms))
        age_ms = (self.clock.market_now() - quoted_ts) / max(self.speed(), 1e-9)
        return MarketSnapshot(
            own_quote.last,
            max(age_ms, 0.0) / SECOND_MS,
            own_quote.bid,
            own_quote.ask,
            self._reference(own_quote, quotes),
            None if book is None else book.levels_for(side),
        )

    def price(self, instrument: str) -> float | None:
        """Return the last price, as it was heard just now; None where nobody knows one."""
        snapshot = self.snapshot(instrument, 1)
        return snapshot.last if snapshot is not None and snapshot.age_s <= SILENT_S else None

    def _reference(self, own_quote: Quote, quotes: Sequence[Quote]) -> float | None:
        """Return what other venues ask for as many coins as a unit of ours is, else the venue's own index."""
        own_id = parse_instrument(own_quote.instrument)
        near = (
            quote
            for quote in quotes
            if quote.venue != self.venue and abs(quote.ts_event - own_quote.ts_event) <= _TOGETHER_MS
        )
        prices = [price for quote in near if (price := _price_of(quote, own_id)) is not None]
        if prices:
            return median(prices)
        return own_quote.index if self.has_index else None


def _price_of(quote: Quote, own_id: InstrumentId) -> float | None:
    """Return what a quote means for a unit of an instrument of ours; None where it is of another coin."""
    try:
        quote_id = parse_instrument(quote.instrument)
    except UsageError:
        # A venue may call something as it likes; what names no instrument is no price of ours.
        return None
    return quote.last * own_id.multiplier / quote_id.multiplier if quote_id.is_same_as(own_id) else None


@dataclass(slots=True)
class ClockDriftMonitor:
    """How far this machine's clock is from a venue's; measured now and then, and often while it is too far.

    Attributes
    ----------
    drift_s : float or None
        Ours less the venue's; None before it was measured.
    say : callable
        Told when it is far, and when it is right again.
    """

    venue: TradingVenue
    clock: PatientClock
    say: Callable[[str], None]
    drift_s: float | None = None

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            is_far = self._is_far()
            try:
                venue_ts = await self.venue.now()
                self.drift_s = (self.clock.wall_now() - venue_ts) / SECOND_MS
            except (TransientError, ConnectorError):
                await self.clock.pause(_AGAIN_S)
                continue
            if self._is_far() != is_far:
                cure = f"entries are refused from {DRIFT_S:g} s on; set it by network time (NTP)"
                text = f"this machine's clock is {self.drift_s:+.2f} s from the venue's"
                self.say(f"{text}; {cure}" if not is_far else f"{text} again")
            await self.clock.pause(_AGAIN_S if self._is_far() else _EVERY_S)

    def _is_far(self) -> bool:
        return self.drift_s is not None and abs(self.drift_s) > _WARN_S


@dataclass(slots=True)
class MinuteVolumes:
    """The market of an account's instruments, measured now and then: reading bars would keep an entry waiting."""

    store: BarStore
    series: Sequence[SeriesId]
    clock: PatientClock
    _volumes: dict[str, float] = field(default_factory=dict)

    def volume_of(self, instrument: str) -> float | None:
        """Return what a minute trades, base units; None where no bars tell it."""
        return self._volumes.get(instrument)

    async def run(self) -> None:
        """Measure for ever."""
        while True:
            await asyncio.to_thread(self.measure)
            await self.clock.pause(_MEASURED_EVERY_S)

    def measure(self) -> None:
        """Measure once."""
        self._volumes = measure_volumes(self.store, self.series, self.clock)


def measure_volumes(store: BarStore, series: Sequence[SeriesId], clock: Clock) -> dict[str, float]:
    """Return what an ordinary minute trades, base units, by instrument; those of which no bars tell it are left out."""
    finest = {
        series_id.instrument: series_id
        for series_id in sorted(series, key=lambda series_id: -series_id.span_ms)
    }
    measured = {name: _measure_series(store, series_id, clock) for name, series_id in finest.items()}
    return {name: volume for name, volume in measured.items() if volume}


def _measure_series(store: BarStore, series: SeriesId, clock: Clock) -> float | None:
    since = clock.market_now() - DAY_MS - series.span_ms
    for series_id in reversed(stored_sources(store, series)):
        frame = store.read(series_id, last=_VOLUME_BARS)
        # One that is not gathered any more tells of another day.
        if len(frame) >= _FEWEST_BARS and int(frame["timestamp"].to_physical()[-1]) >= since:
            return float(median(frame["volume"].to_list())) * MINUTE_MS / series_id.span_ms
    return None
