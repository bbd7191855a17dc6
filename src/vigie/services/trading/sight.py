"""What an account sees beside its feed: the present market of an instrument, and how far its clock is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from vigie.domain.errors import ConnectorError, TransientError, UsageError
from vigie.domain.ids import InstrumentId, parse_instrument
from vigie.domain.quote import OrderBook, Quote
from vigie.domain.time import SECOND_MS
from vigie.ports.clock import PatientClock
from vigie.ports.quotes import QuoteStore
from vigie.ports.trading import TradingVenue
from vigie.services.trading.rules import DRIFT_S, SILENT_S, Seen

# Prices of two venues are compared only where they are of one moment of the market.
_TOGETHER_MS: Final = 10 * SECOND_MS
_WARN_S: Final = 0.25
_EVERY_S: Final = 600.0
_AGAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class MarketSight:
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
    clock: PatientClock
    speed: Callable[[], float]
    books: Mapping[str, OrderBook] = field(default_factory=dict)
    has_index: bool = False

    def seen(self, instrument: str, side: int) -> Seen | None:
        """Return the present market of an instrument; None where no price is known."""
        quotes = self.quotes.since(0)[1]
        own = next((one for one in quotes if (one.venue, one.instrument) == (self.venue, instrument)), None)
        if own is None:
            return None
        # A ticker that stands still is old, however often it is heard.
        said = min(own.ts_known, own.ts_event)
        book = self.books.get(instrument)
        # So is a book that was old when it was told: at some venues it alone has a time.
        said = min(said, own.ts_known - (0 if book is None else book.lag_ms))
        age_ms = (self.clock.market_now() - said) / max(self.speed(), 1e-9)
        return Seen(
            own.last,
            max(age_ms, 0.0) / SECOND_MS,
            own.bid,
            own.ask,
            self._reference(own, quotes),
            None if book is None else book.levels_for(side),
        )

    def price(self, instrument: str) -> float | None:
        """Return the last price, as it was heard just now; None where nobody knows one."""
        seen = self.seen(instrument, 1)
        return seen.last if seen is not None and seen.age_s <= SILENT_S else None

    def _reference(self, own: Quote, quotes: Sequence[Quote]) -> float | None:
        """Return what other venues ask for as many coins as a unit of ours is, else the venue's own index."""
        ours = parse_instrument(own.instrument)
        near = (
            one
            for one in quotes
            if one.venue != self.venue and abs(one.ts_event - own.ts_event) <= _TOGETHER_MS
        )
        found = [price for one in near if (price := _price_of(one, ours)) is not None]
        if found:
            return median(found)
        return own.index if self.has_index else None


def _price_of(quote: Quote, ours: InstrumentId) -> float | None:
    """Return what a quote means for a unit of an instrument of ours; None where it is of another coin."""
    try:
        theirs = parse_instrument(quote.instrument)
    except UsageError:
        # A venue may call something as it likes; what names no instrument is no price of ours.
        return None
    return quote.last * ours.multiplier / theirs.multiplier if theirs.is_same_as(ours) else None


@dataclass(slots=True)
class ClockSight:
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
                theirs = await self.venue.now()
                self.drift_s = (self.clock.wall_now() - theirs) / SECOND_MS
            except (TransientError, ConnectorError):
                await self.clock.pause(_AGAIN_S)
                continue
            if self._is_far() != is_far:
                cure = f"entries are refused from {DRIFT_S:g} s on; set it by network time (NTP)"
                told = f"this machine's clock is {self.drift_s:+.2f} s from the venue's"
                self.say(f"{told}; {cure}" if not is_far else f"{told} again")
            await self.clock.pause(_AGAIN_S if self._is_far() else _EVERY_S)

    def _is_far(self) -> bool:
        return self.drift_s is not None and abs(self.drift_s) > _WARN_S
