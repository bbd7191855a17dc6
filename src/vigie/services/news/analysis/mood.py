"""Mood of the news, written down as it is known: series for charts and strategies that nobody changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vigie.domain.fact import Observation
from vigie.domain.time import MINUTE_MS
from vigie.intelligence.news.mood import SPAN_MS, mood_item, mood_series
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.items import ItemStore

PREFIX: Final = "news/"
EVERY_MS: Final = 15 * MINUTE_MS
_ALL: Final = 2**62


@dataclass(slots=True)
class MoodWriter:
    """Writes the series of a house; what was written once is never written again."""

    facts: FactStore
    items: ItemStore
    clock: Clock
    _next: int = 0
    _written: dict[str, float] = field(default_factory=dict)

    def write(self) -> int:
        """Write what changed since the last time, at most every quarter of an hour; return how many values."""
        now = self.clock.market_now()
        # A market whose clock was set back is written anew from there.
        if self._next - EVERY_MS <= now < self._next:
            return 0
        self._next = now - now % EVERY_MS + EVERY_MS
        if not self._written:
            names = self.facts.list_series(PREFIX)
            self._written = {
                name: observation.value for name, observation in self.facts.latest(names).items()
            }
        values_now = mood_at(self.items, now)
        # It is known when it is written, not when it was begun to be found: who decides meanwhile had none of it.
        ts_known = self.clock.market_now()
        if not self._written and not any(values_now.values()):
            # Nothing was ever told: silence is no mood.
            return 0
        # A series that nobody tells of any more falls back to nothing, which is said once.
        values = dict.fromkeys(self._written, 0.0) | values_now
        fresh = {name: value for name, value in values.items() if self._written.get(name) != value}
        self.facts.append(Observation(name, now, ts_known, value) for name, value in sorted(fresh.items()))
        self._written |= fresh
        return len(fresh)


def mood_at(items: ItemStore, ts: int) -> dict[str, float]:
    """Return the value of every series at an instant, from what was seen and read by then."""
    revisions = items.list_seen(after_ms=ts - SPAN_MS, before_number=_ALL)
    return mood_series(
        (
            mood_item(revision.item, revision.findings)
            for revision in revisions
            if revision.findings or revision.item.is_withdrawn
        ),
        ts,
    )
