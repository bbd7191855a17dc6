"""How long a feed waits for what should be there, and what a venue's own time is meanwhile."""

from __future__ import annotations

from vigie.data.collector import final_before
from vigie.domain.time import Elapsed
from vigie.ports.clock import PatientClock
from vigie.ports.quotes import QuoteStore


class WaitTimer:
    """How long something is waited for, on both hands of a clock; what has passed stays passed where it is set back."""

    def __init__(self, clock: PatientClock) -> None:
        self._clock, self._first = clock, clock.market_now()
        self._wall, self._market = Elapsed(clock.wall_now()), Elapsed(self._first)
        self.set_back_ms = 0

    def wall_s(self) -> float:
        """Return what has passed on the wall, in seconds."""
        return self._wall.passed_ms(self._clock.wall_now()) / 1_000

    def final(self) -> int:
        """Return the market's time before which every bar that ended is final."""
        now = self._clock.market_now()
        self.set_back_ms = self._first + self._market.passed_ms(now) - now
        return final_before(self._clock) + self.set_back_ms

    def restart_wall(self) -> None:
        """Count what is waited on the wall from now on."""
        self._wall = Elapsed(self._clock.wall_now())


class VenueTime:
    """What prices say of a venue's own time while somebody waits."""

    def __init__(self, quotes: QuoteStore, venue: str) -> None:
        self._quotes, self._venue = quotes, venue
        self._version: int | None = None
        self._newest = -1

    def is_before(self, ts: int) -> bool:
        """Tell whether prices heard since it was asked last bear times of the venue, and it told no later one before.

        Of a contract that is halted an old time may be told again and again.
        """
        before, (self._version, quotes) = self._version, self._quotes.since(self._version or 0)
        # A venue that tells no time with its prices is heard at ours.
        venue_times = [
            quote.ts_event
            for quote in quotes
            if quote.venue == self._venue and quote.ts_event != quote.ts_known
        ]
        self._newest = max([self._newest, *venue_times])
        return before is not None and bool(venue_times) and self._newest < ts
