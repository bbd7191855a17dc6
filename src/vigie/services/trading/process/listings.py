"""Which instruments a venue still trades: asked at the start and every hour, told when it changes.

What was announced comes true by itself, whether or not the venue can be asked just then; what could not be asked stays
as it was said last. Until there was a first answer nothing is known, and what is not known refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vigie.domain.errors import AuthError, ConnectorError, TransientError
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, iso
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import InstrumentPhase, InstrumentState, ListedVenue
from vigie.services.trading.gateway.market_snapshot import ClockDriftMonitor
from vigie.services.trading.gateway.told_market import to_standing

# On the market; the wall's is shorter where the market is faster, but never so short that the venue is bothered.
_EVERY_MS: Final = HOUR_MS
_LEAST_S: Final = 10.0
_AGAIN_S: Final = 60.0
# Everything held is closed where an instrument is gone: one answer that lacks it does not prove that.
_PROOFS: Final = 3
# Positions are closed so long before their instrument is taken away, and never later than two bars before.
_NOTICE_MS: Final = DAY_MS
# Nothing is entered so long before a halt that was announced.
_BEFORE_HALT_MS: Final = 10 * MINUTE_MS
_NOTICE_BARS: Final = 2
_SAYS: Final[Mapping[InstrumentPhase, str]] = {
    "trading": "is traded",
    "reducing": "takes no new positions",
    "halted": "is halted",
    "ended": "is not traded any more",
}


def longest_spans(series: Sequence[SeriesId]) -> dict[str, int]:
    """Return, by instrument, how long its longest bar lasts."""
    spans: dict[str, int] = {}
    for series_id in series:
        spans[series_id.instrument] = max(series_id.span_ms, spans.get(series_id.instrument, 0))
    return spans


@dataclass(slots=True)
class ListingMonitor:
    """What a venue says of the instruments of one account.

    Attributes
    ----------
    spans : mapping of str to int
        By instrument, how long its longest bar lasts: positions are looked at when one ends.
    speed : callable
        Gives the seconds of the market in one on the wall.
    say : callable
        Told what changed, and when the venue could not be asked.
    """

    venue: ListedVenue
    spans: Mapping[str, int]
    clock: PatientClock
    speed: Callable[[], float]
    say: Callable[[str], None]
    _states: dict[str, InstrumentState] = field(default_factory=dict)
    _reported: dict[str, str] = field(default_factory=dict)
    _missing_counts: dict[str, int] = field(default_factory=dict)
    _is_failing: bool = False

    async def run(self) -> None:
        """Ask again for ever, sooner where there was no answer."""
        while True:
            pause_s = max(_EVERY_MS / SECOND_MS / max(self.speed(), 1e-9), _LEAST_S)
            is_doubtful = any(0 < times < _PROOFS for times in self._missing_counts.values())
            is_known = bool(self._states) and not self._is_failing and not is_doubtful
            await self.clock.pause(pause_s if is_known else min(pause_s, _AGAIN_S))
            await self.check()

    async def check(self) -> None:
        """Ask once.

        Raises
        ------
        AuthError
            If the key is not good any more.
        """
        try:
            states = await self.venue.states(list(self.spans))
        except AuthError:
            raise
        except (TransientError, ConnectorError) as fault:
            if not self._is_failing:
                self.say(
                    f"what {self.venue.venue} lists could not be asked, what it said last counts: {fault}"
                )
            self._is_failing = True
            return
        if self._is_failing:
            self.say(f"what {self.venue.venue} lists is known again")
        self._is_failing = False
        now = self.clock.market_now()
        for state in states:
            # A halt that was announced for a time before now is over, or is what it says of itself.
            is_past = state.halts_ts is not None and state.halts_ts <= now
            confirmed = self._confirmed_state(state)
            self._states[state.instrument] = replace(confirmed, halts_ts=None) if is_past else confirmed
            self._report_change(state.instrument, now)

    def _confirmed_state(self, state: InstrumentState) -> InstrumentState:
        """Return a state as it counts: what is gone is halted until it was so some times in a row."""
        times = self._missing_counts.get(state.instrument, 0) + 1 if state.phase == "ended" else 0
        self._missing_counts[state.instrument] = min(times, _PROOFS)
        return replace(state, phase="halted") if 0 < times < _PROOFS else state

    def phase(self, instrument: str) -> InstrumentPhase | None:
        """Return how an instrument is traded now, shortly before a halt as in it; None where nobody has said so yet."""
        state, now = self._states.get(instrument), self.clock.market_now()
        if state is None:
            return None
        phase, halts = state.phase_at(now), state.halts_ts
        is_near = halts is not None and now >= halts - _BEFORE_HALT_MS
        return "halted" if is_near and phase != "ended" else phase

    def phases(self) -> dict[str, InstrumentPhase | None]:
        """Return how each instrument is traded now, as `phase` says."""
        return {instrument: self.phase(instrument) for instrument in self.spans}

    def ending_instruments(self) -> frozenset[str]:
        """Return the instruments that the venue has taken away, or takes away soon."""
        now = self.clock.market_now()
        return frozenset(name for name, state in self._states.items() if self._closing_ts(state) <= now)

    def _closing_ts(self, state: InstrumentState) -> int:
        """Return from when on positions are closed."""
        if state.phase == "ended":
            return 0
        notice = max(_NOTICE_MS, _NOTICE_BARS * self.spans.get(state.instrument, 0))
        return 2**62 if state.ends_ts is None else state.ends_ts - notice

    def _report_change(self, instrument: str, now: int) -> None:
        state = self._states[instrument]
        parts = [_SAYS[state.phase_at(now)]]
        if state.ends_ts is not None and state.phase != "ended":
            closes = self._closing_ts(state)
            since = "now" if closes <= now else f"from {iso(closes)} on"
            parts.append(f"is taken away on {iso(state.ends_ts)}, positions are closed {since}")
        if state.reduces_ts is not None and state.reduces_ts > now:
            parts.append(f"takes no new positions from {iso(state.reduces_ts)} on")
        if state.halts_ts is not None and state.halts_ts > now:
            parts.append(f"is halted from {iso(state.halts_ts)} on")
        text, before = ", ".join(parts), self._reported.get(instrument, _SAYS["trading"])
        if text != before:
            self.say(f"{instrument} at {self.venue.venue} {text}")
        self._reported[instrument] = text


def telling(
    listings: ListingMonitor | None, drift_monitor: ClockDriftMonitor | None
) -> Callable[[], Mapping[str, int]]:
    """Return what gives, for signs of life, what is known of a venue; nothing of a model."""
    if listings is None or drift_monitor is None:
        return dict
    return lambda: to_standing(listings.phases(), drift_monitor.drift_s)
