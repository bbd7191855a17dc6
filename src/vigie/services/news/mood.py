"""Mood of the news, written down as it is known: series for charts and strategies that nobody changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vigie.domain.fact import Observation
from vigie.domain.time import MINUTE_MS
from vigie.intelligence.news.mood import SPAN_MS, figures, heard
from vigie.services.house import House

PREFIX: Final = "news/"
EVERY_MS: Final = 15 * MINUTE_MS
_ALL: Final = 2**62


@dataclass(slots=True)
class MoodBook:
    """Writes the series of a house; what was written once is never written again."""

    house: House
    _next: int = 0
    _said: dict[str, float] = field(default_factory=dict)

    def write(self) -> int:
        """Write what changed since the last time, at most every quarter of an hour; return how many values."""
        now = self.house.clock.market_now()
        # A market whose clock was set back is written anew from there.
        if self._next - EVERY_MS <= now < self._next:
            return 0
        self._next = now - now % EVERY_MS + EVERY_MS
        if not self._said:
            names = self.house.facts.list_series(PREFIX)
            self._said = {name: one.value for name, one in self.house.facts.latest(names).items()}
        found = mood_at(self.house, now)
        # It is known when it is written, not when it was begun to be found: who decides meanwhile had none of it.
        known = self.house.clock.market_now()
        if not self._said and not any(found.values()):
            # Nothing was ever told: silence is no mood.
            return 0
        # A series that nobody tells of any more falls back to nothing, which is said once.
        values = dict.fromkeys(self._said, 0.0) | found
        fresh = {name: value for name, value in values.items() if self._said.get(name) != value}
        self.house.facts.append(Observation(name, now, known, value) for name, value in sorted(fresh.items()))
        self._said |= fresh
        return len(fresh)


def mood_at(house: House, ts: int) -> dict[str, float]:
    """Return the value of every series at an instant, from what was seen and read by then."""
    known = house.items.list_seen(after_ms=ts - SPAN_MS, before_number=_ALL)
    return figures(
        (heard(one.item, one.findings) for one in known if one.findings or one.item.is_withdrawn), ts
    )
