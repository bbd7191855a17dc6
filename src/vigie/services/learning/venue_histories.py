"""How long the bars of an asset go back at each venue of a home: a model learns more from the longer history."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts
from vigie.data.stores import DataStores
from vigie.domain.ids import parse_instrument
from vigie.domain.time import DAY_MS, timeframe_ms
from vigie.intelligence.market.words import numbers_of

TEXTS: Final = NamedTexts("learning", {
    "longer": "Days of history for {asset}: {own} at {venue}, {most} at {other}. Choose {other} to learn from more.",
})  # fmt: skip
# From this ratio of lengths on, a longer history is mentioned.
_MUCH_LONGER: Final = 2


def list_history_days(data: DataStores, instrument: str, timeframe: str) -> dict[str, int]:
    """Return over how many days the bars of an asset reach at each venue, resampled ones included; longest first."""
    asked, span = parse_instrument(instrument), timeframe_ms(timeframe)
    days: dict[str, int] = {}
    for holding in data.bars.holdings():
        series = holding.series
        stored = parse_instrument(series.instrument)
        if (stored.base, stored.market) != (asked.base, asked.market) or span % timeframe_ms(
            series.timeframe
        ):
            continue
        if summary := data.bars.summary(holding).summary:
            reach = (summary.last_ms - summary.first_ms) // DAY_MS
            days[series.venue] = max(days.get(series.venue, 0), reach)
    return dict(sorted(days.items(), key=lambda item: (-item[1], item[0])))


def say_longer_history(data: DataStores, venue: str, instrument: str, timeframe: str, language: str) -> str:
    """Return a sentence that names the venue with a much longer history of an asset; empty where there is none."""
    days = list_history_days(data, instrument, timeframe)
    other, most = next(iter(days.items()), (venue, 0))
    own = days.get(venue, 0)
    if other == venue or most < _MUCH_LONGER * own:
        return ""
    numbers = numbers_of(language)
    return TEXTS[language]["longer"].format(
        asset=parse_instrument(instrument).base, venue=venue, other=other,
        own=numbers.number(own, 0), most=numbers.number(most, 0),
    )  # fmt: skip
