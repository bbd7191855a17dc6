"""What the charts of an asset are called and what they show, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.domain.time import TIMEFRAME_MS
from vigie.services.operations.asset_charts import ChartIndicatorRow
from vigie.views.web.request_context import RequestContext

RANGES: Final = ("24h", "1w", "1m", "1y", "max")
# Length of a bar, as a select offers them.
TIMEFRAMES: Final = ("auto", "5m", "15m", "1h", "4h", "1d", "1w")


def span_text(context: RequestContext, span: str) -> str:
    """Return a range in words."""
    texts = {
        "24h": context.text("24 hours"),
        "1w": context.text("1 week"),
        "1m": context.text("1 month"),
        "1y": context.text("1 year"),
        "max": context.text("All time"),
    }
    return texts[span]


def short_span_text(context: RequestContext, span: str) -> str:
    """Return a range as short as a button."""
    texts = {
        "24h": context.text("24 h"),
        "1w": context.text("1 w"),
        "1m": context.text("1 mo"),
        "1y": context.text("1 y"),
        "max": context.text("Max"),
    }
    return texts[span]


def bar_length_text(context: RequestContext, timeframe: str) -> str:
    """Return the length of a bar in words; empty while it is not chosen."""
    if timeframe == "1w":
        return context.text("1 week")
    span = TIMEFRAME_MS.get(timeframe)
    return context.lang.age(span) if span else ""


def chart_title(context: RequestContext, chart: Any) -> str:
    """Return the title of an asset's chart."""
    return f"{chart.name}, {span_text(context, chart.range)}"


def chart_description(context: RequestContext, chart: Any) -> str:
    """Return what the chart shows to those who do not see it: first and last close, lowest and highest price."""
    if not chart.bars:
        return context.text("No bars available.")
    lang = context.lang
    first, last = chart.bars[0], chart.bars[-1]
    pattern = context.text(
        "From {start} to {end} the price went from {open} to {close} ({change}); low {low}, high {high}."
    )
    return pattern.format(
        start=lang.moment(first[0]),
        end=lang.moment(chart.ts_end if chart.ts_end is not None else last[0]),
        open=lang.unit(first[1], chart.unit),
        close=lang.unit(last[4], chart.unit),
        change=lang.percent(last[4] / first[1] - 1, signed=True),
        low=lang.unit(min(bar[3] for bar in chart.bars), chart.unit),
        high=lang.unit(max(bar[2] for bar in chart.bars), chart.unit),
    )


def prices_in(context: RequestContext, unit: str) -> str:
    """Return the currency of prices in words."""
    return context.text("prices in euros") if unit == "eur" else context.text("prices in dollars")


def price_time(result: Any) -> int | None:
    """Return when the prices are of that the lines of a comparison end with; None where they end with closes."""
    newest = max((source_origin.ts_event or 0 for source_origin in result.origins), default=0)
    return newest if result.rows and newest > result.rows[0]["ts"] else None


def comparison_description(context: RequestContext, result: Any) -> str:
    """Return what a comparison shows to those who do not see it."""
    parts = [
        f"{item.name} {context.lang.percent(item.change, signed=True)}"
        for item in result.compared
        if item.change is not None
    ]
    return ", ".join(parts) if parts else context.text("No bars available.")


def query_values(query: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return what a query says of some names, without those it leaves empty."""
    return {name: query[name] for name in names if query.get(name)}


def split_list(text: str) -> list[str]:
    """Return the words of a comma-separated list."""
    return [word for word in (part.strip() for part in text.split(",")) if word]


def line_name(indicators: Sequence[ChartIndicatorRow], word: str) -> str:
    """Return an indicator's word as people read it: ``sma_50`` is SMA 50."""
    found = _indicator_of(indicators, word)
    if found is None:
        return word
    return " ".join([found.title, *filter(None, word[len(found.name) :].split("_"))])


def known_words(indicators: Sequence[ChartIndicatorRow], words: str) -> str:
    """Return those of a list's words that name an indicator: one kept earlier may be gone."""
    return ",".join(word for word in split_list(words) if _indicator_of(indicators, word) is not None)


def _indicator_of(indicators: Sequence[ChartIndicatorRow], word: str) -> ChartIndicatorRow | None:
    fitting = [item for item in indicators if word == item.name or word.startswith(f"{item.name}_")]
    return max(fitting, key=lambda item: len(item.name), default=None)
