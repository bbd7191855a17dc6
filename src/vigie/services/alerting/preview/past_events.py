"""What a look back finds: events, newest first, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from vigie.domain.alert import AlertEvent
from vigie.domain.time import DAY_MS

DAYS: Final = 90
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class PastEvents:
    """What happened in the last 90 days, as far as it is stored.

    Attributes
    ----------
    events : sequence of AlertEvent
        Newest first; each has the market's time of it among its facts, ``ts_market``.
    looked_at : int
        Items, looks or records that were asked.
    is_whole : bool
        Whether that was everything of the time.
    every_ms : int
        How far looks at something that is measured lie apart: what came and went in between is not seen. 0 where
        what happened was written down.
    since : int or None
        Where the stored past begins, if later than 90 days ago.
    unknown : sequence of str
        Of what the rule asks for, what has no stored past: names of fields, of events, of assets.
    notes : sequence of str
        In what the past that is stored is another one than what is looked at live: ``settled_funding``.
    """

    events: Sequence[AlertEvent] = ()
    looked_at: int = 0
    is_whole: bool = True
    every_ms: int = 0
    since: int | None = None
    unknown: Sequence[str] = ()
    notes: Sequence[str] = ()


def at_time(event: AlertEvent, ts: int) -> AlertEvent:
    """Return an event as one of an earlier time of the market."""
    return replace(event, ts_seen=ts, ts_processed=ts, facts={**event.facts, "ts_market": ts})


def look_times(now: int, every_ms: int) -> Iterator[int]:
    """Yield the times of looks over the last 90 days, oldest first."""
    begin = now - DAYS * DAY_MS
    yield from range(-(-begin // every_ms) * every_ms, now + 1, every_ms)
