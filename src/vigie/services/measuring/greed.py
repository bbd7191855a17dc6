"""Fear and greed as computed here: from what is stored and was known, and written down every hour."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.asset import WATCHED
from vigie.domain.bar import FloatArray
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.greed import LEAST_DAYS, WEIGHTS, Greed, greed
from vigie.services.house import House
from vigie.services.measuring.gauge import closed
from vigie.services.measuring.series import Values, values_of

OWN: Final = "sentiment/vigie_fear_greed_index"
THEIRS: Final = "sentiment/fear_greed_index"
NEWS: Final = "news/market/sentiment_index"
COUNT: Final = "news/market/items_count"
DOMINANCE: Final = "market/global/btc_dominance_fraction"
YEAR: Final = 400
# Days before the first one that is written, so that a new home has something to compare with.
PAST_DAYS: Final = 90
_OLD_MS: Final = 2 * HOUR_MS
# Where a part is not known, it is looked for so often.
_AGAIN_MS: Final = 5 * MINUTE_MS
# Of fewer assets beside Bitcoin a share says nothing.
_LEAST_OTHERS: Final = 3
# What is told once a day is of now for so long.
_OLD_DAILY_MS: Final = 2 * DAY_MS


def part(name: str) -> str:
    """Return the series of a part."""
    return f"sentiment/vigie_{name}_part"


def greed_at(house: House, ts: int, *, is_now: bool = True) -> Greed:
    """Return the index from what was known at an instant; quotes are known for now only."""
    held = values_of(house, [DOMINANCE, NEWS, COUNT], start_ms=ts - YEAR * DAY_MS, as_of=ts)
    dominances = _by_day(held[DOMINANCE], ts)
    told = held[COUNT].at(ts)
    return greed(
        closes=_closes(house, ts, last=YEAR if is_now else None),
        dominances=dominances if len(dominances) >= LEAST_DAYS else _among_watched(house, ts),
        funding_8h=_funding(house, ts) if is_now else None,
        sentiment=held[NEWS].at(ts) if told else None,
    )


def _by_day(values: Values, ts: int) -> FloatArray:
    """Return what was told last on each day of the past year, from the first one on; nothing where that is old now."""
    # An index of now is not made of what was long ago.
    if not len(values) or ts - int(values.ts[-1]) > _OLD_DAILY_MS:
        return np.zeros(0)
    days = np.arange(ts - YEAR * DAY_MS, ts + 1, DAY_MS)
    known = days[days >= values.ts[0]]
    found: FloatArray = values.values[np.searchsorted(values.ts, known, side="right") - 1]
    return found


def _among_watched(house: House, ts: int) -> FloatArray:
    """Return Bitcoin's share of the capitalisation of the assets that are watched from the start, day by day.

    Their past comes with the first answers, that of the whole market does not. Assets of which days are missing are
    left out of all days.
    """
    names = {asset.id: f"market/{asset.id}/cap_usd" for asset in WATCHED}
    held = values_of(house, list(names.values()), start_ms=ts - YEAR * DAY_MS, as_of=ts)
    past = {asset: _by_day(held[name], ts) for asset, name in names.items() if _is_whole(held[name])}
    leader = past.pop("bitcoin", np.zeros(0))
    others = [one[-len(leader) :] for one in past.values() if len(one) >= len(leader)]
    if not len(leader) or len(others) < _LEAST_OTHERS:
        return np.zeros(0)
    shares: FloatArray = leader / (leader + np.sum(others, axis=0))
    return shares


def _is_whole(values: Values) -> bool:
    return len(values) > 1 and int(np.diff(values.ts).max()) <= _OLD_DAILY_MS


def _closes(house: House, ts: int, *, last: int | None) -> FloatArray:
    """Return the daily closes of Bitcoin at an instant, of the instrument with the longest past that reaches it.

    Venues give pasts of different lengths, and all reach the present: which one is a minute ahead says nothing here.
    """
    best: FloatArray = np.zeros(0)
    for pair in house.shelf.instruments().get("bitcoin", []):
        bars = closed(house.shelf.newest([pair], "1d", last=last), ts)
        if bars is not None and ts - int(bars.ts[-1]) - bars.span_ms <= _OLD_DAILY_MS:
            best = bars.close[-YEAR:] if min(len(bars), YEAR) > len(best) else best
    return best


def _funding(house: House, now: int) -> float | None:
    rates = [
        quote.funding_rate * 8.0 / (quote.funding_hours or 8.0)
        for quote in house.quotes.since(0)[1]
        if quote.funding_rate is not None and now - quote.ts_event <= _OLD_MS
    ]
    return statistics.median(rates) if rates else None


@dataclass(slots=True)
class GreedBook:
    """Writes the index with its parts; what was written once is never written again."""

    house: House
    _next: int = 0
    _again: int = 0
    _parts: int = 0

    def write(self) -> int:
        """Write the index, once an hour, and before its first time the days before; return how many values.

        Within the hour it is written again where a part has become known: the first answers of sources come one by
        one.
        """
        now = self.house.clock.market_now()
        if self._next - HOUR_MS <= now < self._next:
            return self._write_more(now)
        self._next = now - now % HOUR_MS + HOUR_MS
        rows: list[Observation] = []
        # Bars of the past may come after the first hour; a day that was written is not written again.
        today = now - now % DAY_MS
        written = values_of(self.house, [OWN], start_ms=today - PAST_DAYS * DAY_MS)[OWN].ts
        until = min(today, int(written[0])) if len(written) else today
        for day in range(today - PAST_DAYS * DAY_MS, until, DAY_MS):
            # Known from now on: nobody could read it on those days.
            rows += _rows(greed_at(self.house, day, is_now=False), day, now)
        rows += self._of_now(greed_at(self.house, now), now)
        self.house.facts.append(rows)
        return len(rows)

    def _write_more(self, now: int) -> int:
        if now < self._again or self._parts == len(WEIGHTS):
            return 0
        self._again = now + _AGAIN_MS
        found = greed_at(self.house, now)
        if len(found.parts) <= self._parts:
            return 0
        rows = self._of_now(found, now)
        self.house.facts.append(rows)
        return len(rows)

    def _of_now(self, found: Greed, now: int) -> list[Observation]:
        self._parts, self._again = len(found.parts), now + _AGAIN_MS
        return _rows(found, now, now)


def _rows(found: Greed, ts: int, known: int) -> list[Observation]:
    if found.value is None:
        return []
    parts = [Observation(part(name), ts, known, round(value, 4)) for name, value in found.parts.items()]
    return [Observation(OWN, ts, known, round(found.value, 4)), *parts]
