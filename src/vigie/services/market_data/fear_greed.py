"""Fear and greed as computed here: from what is stored and was known, and written down every hour."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.data.bar_reader import BarReader
from vigie.domain.asset import WATCHED
from vigie.domain.bar import FloatArray
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.market.fear_greed import LEAST_DAYS, WEIGHTS, FearGreedIndex, compute_fear_greed
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.quotes import QuoteStore
from vigie.services.caches.asset_metrics import STALE_DAILY_MS, STALE_MS, closed_bars
from vigie.services.market_data.series import Values, values_of

OWN_INDEX: Final = "sentiment/vigie_fear_greed_index"
ALTERNATIVE_INDEX: Final = "sentiment/fear_greed_index"
NEWS_SENTIMENT: Final = "news/market/sentiment_index"
NEWS_COUNT: Final = "news/market/items_count"
DOMINANCE: Final = "market/global/btc_dominance_fraction"
YEAR_DAYS: Final = 400
# Days before the first one that is written, so that a new home has something to compare with.
PAST_DAYS: Final = 90
# Where a part is not known, it is looked for so often.
_RETRY_MS: Final = 5 * MINUTE_MS
# Of fewer assets beside Bitcoin a share says nothing.
_MIN_OTHER_ASSETS: Final = 3


def part_series(name: str) -> str:
    """Return the series of a part."""
    return f"sentiment/vigie_{name}_part"


def fear_greed_at(
    bar_reader: BarReader, facts: FactStore, quotes: QuoteStore, ts: int, *, is_now: bool = True
) -> FearGreedIndex:
    """Return the index from what was known at an instant; quotes are known for now only."""
    values_by_series = values_of(
        facts, [DOMINANCE, NEWS_SENTIMENT, NEWS_COUNT], start_ms=ts - YEAR_DAYS * DAY_MS, as_of=ts
    )
    dominances = _daily_values(values_by_series[DOMINANCE], ts)
    news_count = values_by_series[NEWS_COUNT].at(ts)
    return compute_fear_greed(
        closes=_bitcoin_closes(bar_reader, ts, last=YEAR_DAYS if is_now else None),
        dominances=dominances if len(dominances) >= LEAST_DAYS else _watched_dominance(facts, ts),
        funding_8h=_median_funding(quotes, ts) if is_now else None,
        sentiment=values_by_series[NEWS_SENTIMENT].at(ts) if news_count else None,
    )


def _daily_values(values: Values, ts: int) -> FloatArray:
    """Return what was told last on each day of the past year, from the first one on; nothing where that is old now."""
    # An index of now is not made of what was long ago.
    if not len(values) or ts - int(values.ts[-1]) > STALE_DAILY_MS:
        return np.zeros(0)
    days = np.arange(ts - YEAR_DAYS * DAY_MS, ts + 1, DAY_MS)
    covered_days = days[days >= values.ts[0]]
    daily: FloatArray = values.values[np.searchsorted(values.ts, covered_days, side="right") - 1]
    return daily


def _watched_dominance(facts: FactStore, ts: int) -> FloatArray:
    """Return Bitcoin's share of the capitalisation of the assets that are watched from the start, day by day.

    Their past comes with the first answers, that of the whole market does not. Assets of which days are missing are
    left out of all days.
    """
    names = {asset.id: f"market/{asset.id}/cap_usd" for asset in WATCHED}
    values_by_series = values_of(facts, list(names.values()), start_ms=ts - YEAR_DAYS * DAY_MS, as_of=ts)
    past = {
        asset: _daily_values(values_by_series[name], ts)
        for asset, name in names.items()
        if _has_all_days(values_by_series[name])
    }
    leader = past.pop("bitcoin", np.zeros(0))
    other_caps = [caps[-len(leader) :] for caps in past.values() if len(caps) >= len(leader)]
    if not len(leader) or len(other_caps) < _MIN_OTHER_ASSETS:
        return np.zeros(0)
    shares: FloatArray = leader / (leader + np.sum(other_caps, axis=0))
    return shares


def _has_all_days(values: Values) -> bool:
    return len(values) > 1 and int(np.diff(values.ts).max()) <= STALE_DAILY_MS


def _bitcoin_closes(bar_reader: BarReader, ts: int, *, last: int | None) -> FloatArray:
    """Return the daily closes of Bitcoin at an instant, of the instrument with the longest past that reaches it.

    Venues give pasts of different lengths, and all reach the present: which one is a minute ahead says nothing here.
    """
    best: FloatArray = np.zeros(0)
    for pair in bar_reader.instruments().get("bitcoin", []):
        bars = closed_bars(bar_reader.newest([pair], "1d", last=last), ts)
        if bars is not None and ts - int(bars.ts[-1]) - bars.span_ms <= STALE_DAILY_MS:
            best = bars.close[-YEAR_DAYS:] if min(len(bars), YEAR_DAYS) > len(best) else best
    return best


def _median_funding(quotes: QuoteStore, now: int) -> float | None:
    rates = [
        quote.funding_rate * 8.0 / (quote.funding_hours or 8.0)
        for quote in quotes.since(0)[1]
        if quote.funding_rate is not None and now - quote.ts_event <= STALE_MS
    ]
    return statistics.median(rates) if rates else None


@dataclass(slots=True)
class FearGreedWriter:
    """Writes the index with its parts; what was written once is never written again."""

    bar_reader: BarReader
    facts: FactStore
    quotes: QuoteStore
    clock: Clock
    _ts_next: int = 0
    _ts_retry: int = 0
    _n_parts: int = 0

    def write(self) -> int:
        """Write the index, once an hour, and before its first time the days before; return how many values.

        Within the hour it is written again where a part has become known: the first answers of sources come one by
        one.
        """
        now = self.clock.market_now()
        if self._ts_next - HOUR_MS <= now < self._ts_next:
            return self._write_new_parts(now)
        self._ts_next = now - now % HOUR_MS + HOUR_MS
        rows: list[Observation] = []
        # Bars of the past may come after the first hour; a day that was written is not written again.
        today = now - now % DAY_MS
        written_days = values_of(self.facts, [OWN_INDEX], start_ms=today - PAST_DAYS * DAY_MS)[OWN_INDEX].ts
        until = min(today, int(written_days[0])) if len(written_days) else today
        for day in range(today - PAST_DAYS * DAY_MS, until, DAY_MS):
            # Known from now on: nobody could read it on those days.
            rows += _observations(
                fear_greed_at(self.bar_reader, self.facts, self.quotes, day, is_now=False), day, now
            )
        rows += self._rows_now(fear_greed_at(self.bar_reader, self.facts, self.quotes, now), now)
        self.facts.append(rows)
        return len(rows)

    def _write_new_parts(self, now: int) -> int:
        if now < self._ts_retry or self._n_parts == len(WEIGHTS):
            return 0
        self._ts_retry = now + _RETRY_MS
        index = fear_greed_at(self.bar_reader, self.facts, self.quotes, now)
        if len(index.parts) <= self._n_parts:
            return 0
        rows = self._rows_now(index, now)
        self.facts.append(rows)
        return len(rows)

    def _rows_now(self, index: FearGreedIndex, now: int) -> list[Observation]:
        self._n_parts, self._ts_retry = len(index.parts), now + _RETRY_MS
        return _observations(index, now, now)


def _observations(index: FearGreedIndex, ts: int, ts_known: int) -> list[Observation]:
    if index.value is None:
        return []
    parts = [
        Observation(part_series(name), ts, ts_known, round(value, 4)) for name, value in index.parts.items()
    ]
    return [Observation(OWN_INDEX, ts, ts_known, round(index.value, 4)), *parts]
