"""What the charts of an asset are called and what they show, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.time import TIMEFRAME_MS
from vigie.views.web.visit import Visit

RANGES: Final = ("24h", "1w", "1m", "1y", "max")
# Length of a bar, as a select offers them.
TIMEFRAMES: Final = ("auto", "5m", "15m", "1h", "4h", "1d", "1w")
LINES: Final = ("sma", "ema", "wma", "bollinger", "donchian", "rsi", "macd", "atr", "adx")


def span_of(visit: Visit, span: str) -> str:
    """Return a range in words."""
    said = {
        "24h": visit.text("24 hours"),
        "1w": visit.text("1 week"),
        "1m": visit.text("1 month"),
        "1y": visit.text("1 year"),
        "max": visit.text("All time"),
    }
    return said[span]


def short_span(visit: Visit, span: str) -> str:
    """Return a range as short as a button."""
    said = {
        "24h": visit.text("24 h"),
        "1w": visit.text("1 w"),
        "1m": visit.text("1 m"),
        "1y": visit.text("1 y"),
        "max": visit.text("Max"),
    }
    return said[span]


def length_of(visit: Visit, timeframe: str) -> str:
    """Return the length of a bar in words; empty while it is not chosen."""
    if timeframe == "1w":
        return visit.text("1 week")
    span = TIMEFRAME_MS.get(timeframe)
    return visit.tongue.age(span) if span else ""


def title_of(visit: Visit, chart: Any) -> str:
    """Return the title of an asset's chart."""
    return f"{chart.name}, {span_of(visit, chart.range)}"


def description_of(visit: Visit, chart: Any) -> str:
    """Return what the chart shows to those who do not see it: first and last close, lowest and highest price."""
    if not chart.bars:
        return visit.text("No bars are known.")
    tongue = visit.tongue
    first, last = chart.bars[0], chart.bars[-1]
    pattern = visit.text(
        "From {start} to {end} the price went from {open} to {close}, {change}; lowest {low}, highest {high}."
    )
    return pattern.format(
        start=tongue.moment(first[0]),
        end=tongue.moment(chart.ts_end if chart.ts_end is not None else last[0]),
        open=tongue.unit(first[1], chart.unit),
        close=tongue.unit(last[4], chart.unit),
        change=tongue.percent(last[4] / first[1] - 1, signed=True),
        low=tongue.unit(min(bar[3] for bar in chart.bars), chart.unit),
        high=tongue.unit(max(bar[2] for bar in chart.bars), chart.unit),
    )


def prices_in(visit: Visit, unit: str) -> str:
    """Return the currency of prices in words."""
    return visit.text("prices in euros") if unit == "eur" else visit.text("prices in dollars")


def price_time(answer: Any) -> int | None:
    """Return when the prices are of that the lines of a comparison end with; None where they end with closes."""
    newest = max((one.ts_event or 0 for one in answer.origins), default=0)
    return newest if answer.rows and newest > answer.rows[0]["ts"] else None


def compared_description(visit: Visit, answer: Any) -> str:
    """Return what a comparison shows to those who do not see it."""
    parts = [
        f"{one.name} {visit.tongue.percent(one.change, signed=True)}"
        for one in answer.compared
        if one.change is not None
    ]
    return ", ".join(parts) if parts else visit.text("No bars are known.")


def chosen(query: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return what a query says of some names, without those it leaves empty."""
    return {name: query[name] for name in names if query.get(name)}


def listed(text: str) -> list[str]:
    """Return the words of a comma-separated list."""
    return [word for word in (part.strip() for part in text.split(",")) if word]


def line_name(word: str) -> str:
    """Return an indicator's word as people read it: ``sma_50`` is SMA 50."""
    name, _, window = word.partition("_")
    return f"{name.upper() if len(name) < 5 else name.title()} {window}".strip()
