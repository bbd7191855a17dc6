"""What the weekly brief says, in both languages; the same names in both, which a test holds."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from vigie.catalogue import MARKS, NamedTexts
from vigie.domain.time import DAY_MS, zoned
from vigie.services.market_data.fear_greed import ALTERNATIVE_INDEX, OWN_INDEX

TEXTS: Final = NamedTexts("brief", {
        "title": "The week in crypto, {days}",
        "span": "{start} to {end} UTC (week {week}). Based on {items} news items.",
        "cut": "Only the newest {items} news items of the week were read.",
        "stories": "Top stories",
        "regulation": "Regulation",
        "months": "January February March April May June July August September October November December",
        "days": "{start} to {end}",
        "time": "{day}, {time}",
        "weekdays": "Mon Tue Wed Thu Fri Sat Sun",
        "prices": "Prices",
        "prices_of": "The first assets of your watchlist, in order.",
        "prices_start": "Default watchlist: you have not created your own yet.",
        "no_assets": "Your watchlist is empty.",
        "changes": "24 h: {day}, 7 days: {week}",
        "at": "{moment} UTC · {place}",
        "old": "stale price",
        "last_price": "No price this week. Last known: {price}, {at}",
        "no_bars": "No price history stored.",
        "not_drawn": "Not in the chart, no price at the start of the week: {names}.",
        "no_chart": "No chart: no prices at the start of the week for {names}.",
        "chart": "Price change since Monday {start}, 00:00 UTC",
        "chart_note": "Source: {venues} · closing prices until {end} UTC",
        "chart_alt": "Line chart of price changes from {start} to {end} UTC.",
        "curve_alt": "{name}: {last} at the end, highest {high} on {high_day}, lowest {low} on {low_day}.",
        "chart_mailed": "The chart is in the attached PDF.",
        "told_above": "Releases already covered above: {number}.",
        "registers": "Changes in public registers",
        "mood": "Mood",
        "sources": "Sources",
        "is": "{name}: {value}",
        "nothing": "Nothing to report.",
        "empty": "No stories, releases or register changes are known for that week.",
        "more": "and {number} more",
        "first": "First: {publisher}, {when} · publishers: {number}",
        "index": "Index",
        "before": "Before the week",
        "after": "At its end",
        OWN_INDEX: "Fear and greed, computed by Vigie (0 to 100)",
        ALTERNATIVE_INDEX: "Fear and greed, alternative.me (0 to 100)",
        "news": "News sentiment (-100 to 100)",
        "end": "Unsubscribe",
        "unknown": "unknown",
        "no_value": "unknown, no value stored for that time",
        "no_values": "Unknown, no value stored for this week: {names}.",
        "added": "added", "changed": "changed", "removed": "removed",
        "ended": "licence ended on {day}", "ends": "licence ends on {day}",
        "confirmed": "confirmed by a primary source", "repeated": "repeated by others", "disputed": "disputed",
        "unconfirmed": "unconfirmed", "flagged": "flagged",
        "quotes": "Sentences are short quotes; the texts belong to their sources.",
        "foot": "Information, not investment advice.",
        "simulated": "Simulated: none of this happened.",
    })  # fmt: skip


def day_of(ts_ms: int, language: str, *, has_month: bool = True, has_year: bool = True) -> str:
    """Return a day as people write it, in UTC."""
    when = zoned(ts_ms, UTC)
    number = MARKS[language]["first_day"] if when.day == 1 else str(when.day)
    months = TEXTS[language]["months"].split()
    return " ".join([number, *[months[when.month - 1]] * has_month, *[str(when.year)] * has_year])


def days_of(start_ms: int, language: str) -> str:
    """Return the seven days from a Monday on, the month and the year once where they are the same."""
    first, last = (zoned(ts, UTC) for ts in (start_ms, start_ms + 6 * DAY_MS))
    start = day_of(
        start_ms,
        language,
        has_month=first.month != last.month,
        has_year=first.year != last.year,
    )
    return TEXTS[language]["days"].format(start=start, end=day_of(start_ms + 6 * DAY_MS, language))


def moment_of(ts_ms: int, language: str) -> str:
    """Return an instant as people write it, in UTC."""
    return TEXTS[language]["time"].format(day=day_of(ts_ms, language), time=f"{zoned(ts_ms, UTC):%H:%M}")
