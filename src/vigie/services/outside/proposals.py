"""Which setups a trade made elsewhere may have followed: of its coin and side, confirmed when it was opened.

A proposal is never made a match by itself: only its person knows what they followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.ids import InstrumentId, parse_instrument, parse_slot
from vigie.domain.setup import SetupScope
from vigie.domain.time import timeframe_ms
from vigie.ports.setups import ConfirmedSpan, SetupStore
from vigie.services.outside.round_trips import RoundTrip

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class ProposedSetup:
    """A setup that a trade may have followed.

    Attributes
    ----------
    setup, account, slot : str
        Its id, whose it is, and where.
    ts_confirmed : int
        When it could first be followed: the close that confirmed it, epoch milliseconds.
    """

    setup: str
    account: str
    slot: str
    ts_confirmed: int


@dataclass(frozen=True, slots=True)
class _FollowableSpan:
    """While a setup could be followed."""

    proposed: ProposedSetup
    instrument: InstrumentId
    side: str
    ts_end: int | None


class SetupProposals:
    """Finds setups for trades among those of some accounts; a replayed past could not be followed.

    Parameters
    ----------
    setups : SetupStore
        Read once.
    accounts : iterable of str
        The person's own.
    """

    def __init__(self, setups: SetupStore, accounts: Iterable[str]) -> None:
        self._spans = [
            _to_span(account, span) for account in accounts for span in setups.confirmed(SetupScope(account))
        ]

    def of(self, trip: RoundTrip) -> Sequence[ProposedSetup]:
        """Return the setups that a trade may have followed, the last confirmed first."""
        instrument = parse_instrument(trip.instrument)
        found = [
            span.proposed
            for span in self._spans
            if span.side == trip.side
            and (span.instrument.coin, span.instrument.market) == (instrument.coin, instrument.market)
            and span.proposed.ts_confirmed <= trip.ts_opened
            and (span.ts_end is None or trip.ts_opened < span.ts_end)
        ]
        return sorted(found, key=lambda item: (-item.ts_confirmed, item.setup, item.account))[:MOST]


def _to_span(account: str, span: ConfirmedSpan) -> _FollowableSpan:
    slot = parse_slot(span.slot)
    length = timeframe_ms(slot.timeframe)
    return _FollowableSpan(
        ProposedSetup(span.setup, account, span.slot, span.ts_bar + length),
        parse_instrument(slot.instrument),
        span.side,
        None if span.ts_ended is None else span.ts_ended + length,
    )
